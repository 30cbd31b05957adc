// build: -O0
// Ends by SIGSEGV: recursion without an end runs into the guard of the stack.
#include <stdio.h>
static long down(long n) {
  volatile char room[8000];
  room[n % 8000] = 1;
  return down(n + 1) + room[0];
}
int main(void) {
  puts("before");
  fflush(stdout);
  return (int)down(0);
}
