// build: -O1
// Ends by SIGILL: control runs into a word that is no instruction.
#include <stdio.h>
int main(void) {
  puts("before");
  fflush(stdout);
  __asm__ volatile(".inst 0x00000000");
  return 0;
}
