// build: -O2 -fno-tree-vectorize
// SHA-256 (FIPS 180-4) of a block of bytes again and again: rotations, additions, a table. `watched` is alone on its page.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Alignas(65536) volatile uint64_t watched[8192];

static uint32_t k[64], h0[8];

// The constants are the first 32 bits of the fractional parts of roots of primes; found here by integers, so that no table is needed.
static uint32_t fraction(unsigned prime, int cube) {
  unsigned __int128 low = 0, high = (unsigned __int128)1 << 36;
  while (high - low > 1) {
    unsigned __int128 mid = (low + high) / 2;
    unsigned __int128 power = cube ? mid * mid * mid : mid * mid;
    unsigned __int128 wanted = (unsigned __int128)prime << (cube ? 96 : 64);
    if (power <= wanted) low = mid;
    else high = mid;
  }
  return (uint32_t)low;
}

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static __attribute__((noinline)) void transform(uint32_t *h, const uint8_t *p) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    uint32_t v;
    memcpy(&v, p + 4 * i, 4);
    w[i] = __builtin_bswap32(v);
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
  }
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], hh = h[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t1 = hh + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    hh = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += hh;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 320;
  unsigned n = 0;
  for (unsigned p = 2; n < 64; p++) {
    int prime = 1;
    for (unsigned d = 2; d * d <= p; d++) prime &= p % d != 0;
    if (!prime) continue;
    k[n] = fraction(p, 1);
    if (n < 8) h0[n] = fraction(p, 0);
    n++;
  }
  static uint8_t data[65536];
  for (unsigned i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 7 + (i >> 8));
  uint32_t h[8];
  memcpy(h, h0, 32);
  for (int r = 0; r < rounds; r++)
    for (unsigned at = 0; at < sizeof data; at += 64) transform(h, data + at);
  // The digest of "abc", so that a wrong constant shows.
  uint8_t abc[64] = {'a', 'b', 'c', 0x80};
  abc[63] = 24;
  uint32_t a[8];
  memcpy(a, h0, 32);
  transform(a, abc);
  printf("sha256 %08x %08x\n", h[0], a[0]);
  return a[0] != 0xba7816bf;
}
