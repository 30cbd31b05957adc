// build(o0): -O0
// build(o1): -O1
// build(o2): -O2
// build(o3): -O3
// Integer work: sorting, recursion, bit fields, division corners, structs by value, varargs, 64 and 128 bit arithmetic, longjmp, sha-like mixing.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct big { int64_t a[6]; char tag; };
struct hfa { double x, y, z; };
struct bits { unsigned a : 3, b : 11; int c : 7; uint64_t d : 40; };

static uint32_t state = 1;
static uint32_t next(void) { return state = state * 1664525u + 1013904223u; }
static int compare(const void *a, const void *b) { return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b; }
__attribute__((noinline)) static struct big make(int n) { struct big b = {{n, n * 2, n * 3, n * 4, n * 5, n * 6}, 'b'}; return b; }
__attribute__((noinline)) static struct hfa turn(struct hfa h) { return (struct hfa){h.z, h.x, h.y}; }
__attribute__((noinline)) static int64_t ack(int64_t m, int64_t n) { return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1)); }
__attribute__((noinline)) static double add(int n, ...) {
  va_list l;
  double s = 0;
  va_start(l, n);
  for (int i = 0; i < n; i++) s += i % 2 ? va_arg(l, double) : va_arg(l, int);
  va_end(l);
  return s;
}
static jmp_buf out;
__attribute__((noinline)) static void deep(int n) { if (n == 0) longjmp(out, 42); deep(n - 1); }

int main(void) {
  int list[500];
  for (int i = 0; i < 500; i++) list[i] = (int)next();
  qsort(list, 500, sizeof *list, compare);
  uint64_t h = 0;
  for (int i = 0; i < 500; i++) h = h * 31 + (uint32_t)list[i], h ^= (i && list[i - 1] > list[i]);
  int key = list[250], *found = bsearch(&key, list, 500, sizeof *list, compare);
  printf("sorted %016lx found %d\n", (unsigned long)h, (int)(found - list));
  struct big b = make(7);
  struct hfa t = turn((struct hfa){1.5, 2.5, 3.5});
  struct bits f = {5, 1234, -60, 0xabcdef1234};
  f.c += 3, f.b ^= 0x155, f.d -= 7;
  printf("%ld %c %g %g %g bits %u %u %d %lx ack %ld\n", (long)b.a[5], b.tag, t.x, t.y, t.z, f.a, f.b, f.c, (unsigned long)f.d, (long)ack(2, 9));
  printf("varargs %g jump %d\n", add(6, 1, 2.5, 3, 4.5, 5, 6.5), setjmp(out) ? 1 : (deep(20), 0));
  volatile int64_t minimum = INT64_MIN, one = -1, zero = 0;
  volatile int32_t m32 = INT32_MIN, o32 = -1;
  int64_t q;
  __asm__("sdiv %0, %1, %2" : "=r"(q) : "r"(minimum), "r"(one));
  int64_t z;
  __asm__("sdiv %0, %1, %2" : "=r"(z) : "r"(minimum), "r"(zero));
  int32_t w;
  __asm__("sdiv %w0, %w1, %w2" : "=r"(w) : "r"(m32), "r"(o32));
  printf("div %ld %ld %d\n", (long)q, (long)z, w);
  uint64_t x = 0x0123456789abcdef, y = 0xfedcba9876543210, acc = 0;
  for (int i = 0; i < 64; i++) {
    acc += (x << (i & 63)) ^ (y >> ((i * 7) & 63)) ^ ((int64_t)y >> i);
    x = (x >> 7) | (x << 57), y = __builtin_bswap64(y + i) ^ (uint64_t)__builtin_popcountll(x) ^ (uint64_t)__builtin_clzll(x | 1);
    unsigned __int128 p = (unsigned __int128)x * y;
    acc ^= (uint64_t)(p >> 64) + (uint64_t)p % 1000000007u + (uint64_t)((__int128)(int64_t)x * (int64_t)y >> 64);
    uint32_t lo = (uint32_t)x, hi = (uint32_t)(x >> 32);
    acc += (uint64_t)(int32_t)lo * (uint64_t)(int32_t)hi + lo / (hi | 1) + (int32_t)lo % ((int32_t)hi | 1) + (int8_t)lo + (int16_t)hi;
    if ((int64_t)acc > (int64_t)y && lo < hi) acc = ~acc;
  }
  printf("mixed %016lx\n", (unsigned long)acc);
  char sieve[20000];
  memset(sieve, 1, sizeof sieve);
  int primes = 0;
  for (int i = 2; i < 20000; i++)
    if (sieve[i]) {
      primes++;
      for (int j = i + i; j < 20000; j += i) sieve[j] = 0;
    }
  double matrix[12][12], product = 0;
  float squares[100], total = 0;
  for (int i = 0; i < 12; i++) for (int j = 0; j < 12; j++) matrix[i][j] = (i * 5 + j * 3) % 11 - 4.5;
  for (int i = 0; i < 12; i++) for (int j = 0; j < 12; j++) for (int k = 0; k < 12; k++) product += matrix[i][k] * matrix[k][j] * (i - j);
  for (int i = 0; i < 100; i++) squares[i] = (float)i * 0.5f;
  for (int i = 0; i < 100; i++) total += squares[i] * squares[99 - i];
  printf("primes %d product %g total %g\n", primes, product, total);
  uint8_t bytes[333];
  uint16_t halves[333];
  for (int i = 0; i < 333; i++) bytes[i] = (uint8_t)next(), halves[i] = (uint16_t)(next() >> 8);
  unsigned sum = 0, top = 0, saturated = 0;
  for (int i = 0; i < 333; i++) sum += bytes[i], top = bytes[i] > top ? bytes[i] : top, saturated += bytes[i] + halves[i] > 40000 ? 40000 : bytes[i] + halves[i];
  printf("bytes %u %u %u\n", sum, top, saturated);
  return 3;
}
