// build: -O1
// Never ends: for stopping by hand or by --max-icount.
#include <stdio.h>
int main(void) {
  puts("before");
  fflush(stdout);
  for (volatile unsigned long i = 0;; i++) {
  }
}
