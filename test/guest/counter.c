// build: -O1
// build(pie): -O1 -static-pie
// Stores to `counter` exactly 25 times: 10 in main, 10 through bump(), 5 through a pointer kept elsewhere.
#include <stdint.h>
#include <stdio.h>

volatile uint64_t counter;
static volatile uint64_t *elsewhere = &counter;

__attribute__((noinline)) void bump(uint64_t by) { counter += by; }

int main(void) {
  for (int i = 0; i < 10; i++) counter = i;
  for (int i = 0; i < 10; i++) bump(i);
  for (int i = 0; i < 5; i++) *elsewhere ^= 1;
  printf("counter %lu\n", (unsigned long)counter);
  return 0;
}
