// build: -O2 -fno-tree-vectorize
// Linked lists walked in a scattered order, calls that recurse, and products of matrices of integers. `watched` is alone on its page.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

_Alignas(65536) volatile uint64_t watched[8192];

struct node { struct node *next; uint64_t value; };
enum { NODES = 1 << 14, N = 96 };
static struct node nodes[NODES];
static uint32_t a[N][N], b[N][N], c[N][N];

static __attribute__((noinline)) uint64_t walk(const struct node *n) {
  uint64_t sum = 0;
  for (; n; n = n->next) sum = sum * 3 + n->value;
  return sum;
}

static __attribute__((noinline)) unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static __attribute__((noinline)) void multiply(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      uint32_t sum = 0;
      for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 60;
  unsigned at = 0;
  for (unsigned i = 0; i < NODES; i++) {
    unsigned next = (at + 7919) % NODES;
    nodes[at].value = i;
    nodes[at].next = i + 1 < NODES ? &nodes[next] : 0;
    at = next;
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i][j] = (i * 5 + j) % 17;
      b[i][j] = (i + j * 3) % 13;
    }
  uint64_t sum = 0;
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < 20; i++) sum += walk(&nodes[0]);
    sum += fib(22);
    multiply();
    sum += c[r % N][(r * 7) % N];
  }
  printf("list %llu\n", (unsigned long long)sum);
  return 0;
}
