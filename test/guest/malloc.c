// build: -O2 -pthread
// Random allocations, sizes up to mmap's threshold, contents checked; then the same from four threads (arenas, madvise, mprotect).
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t next(uint32_t *s) { return *s ^= *s << 13, *s ^= *s >> 17, *s ^= *s << 5; }

static void *torture(void *argument) {
  uint32_t s = (uint32_t)(uintptr_t)argument;
  unsigned char *block[64] = {0};
  size_t size[64] = {0};
  uint64_t sum = 0;
  for (int i = 0; i < 1500; i++) {
    uint32_t k = next(&s) % 64;
    for (size_t j = 0; j < size[k]; j += 97) sum += block[k][j] == (unsigned char)(k + j) ? 1 : 1000000;
    size_t want = next(&s) % 8 == 0 ? next(&s) % 300000 : next(&s) % 2000;
    if (next(&s) % 3 == 0) {
      block[k] = realloc(block[k], want + 1);
    } else {
      free(block[k]);
      block[k] = next(&s) % 2 ? malloc(want + 1) : calloc(1, want + 1);
    }
    size[k] = want;
    for (size_t j = 0; j < want; j += 97) block[k][j] = (unsigned char)(k + j);
  }
  for (int k = 0; k < 64; k++) free(block[k]);
  return (void *)(uintptr_t)sum;
}

int main(void) {
  printf("alone %lu\n", (unsigned long)(uintptr_t)torture((void *)7));
  pthread_t t[4];
  for (uintptr_t i = 0; i < 4; i++) pthread_create(&t[i], NULL, torture, (void *)(i + 100));
  for (int i = 0; i < 4; i++) {
    void *r;
    pthread_join(t[i], &r);
    printf("thread %d %lu\n", i, (unsigned long)(uintptr_t)r);
  }
  return 0;
}
