// build: -O2
// Counts the primes below 2^20, over and over: byte stores with a stride, nested loops. `watched` is alone on its page.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIMIT = 1 << 20 };
static uint8_t composite[LIMIT];
_Alignas(65536) volatile uint64_t watched[8192];

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 60;
  unsigned total = 0;
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < LIMIT; i++) composite[i] = 0;
    for (unsigned i = 2; i * i < LIMIT; i++)
      if (!composite[i])
        for (unsigned j = i * i; j < LIMIT; j += i) composite[j] = 1;
    for (int i = 2; i < LIMIT; i++) total += !composite[i];
  }
  printf("sieve %u\n", total);
  return 0;
}
