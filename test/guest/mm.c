// build: -O1
// Random mmap, munmap, mprotect, mremap, madvise and fork over a few pages, with what is readable, writable and stored printed as one hash
// a round: the same on every correct kernel.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 24, SIZE = 4096 };
static uint32_t state = 88172645;
static uint32_t next(void) { return state ^= state << 13, state ^= state >> 17, state ^= state << 5; }
static char *arena;
static int null, pipes[2], file;

// 0 nothing, 1 readable, 2 written as well: asked of the kernel, so that nothing faults.
static int probe(char *p) {
  char byte;
  if (write(pipes[1], p, 1) != 1) return 0;
  if (read(pipes[0], &byte, 1) != 1) return -1;
  if (write(pipes[1], &byte, 1) != 1) return -1;
  if (read(pipes[0], p, 1) == 1) return 2;
  if (read(pipes[0], &byte, 1) != 1) return -1;
  return 1;
}

static uint64_t look(void) {
  uint64_t h = 14695981039346656037u;
  for (int i = 0; i < PAGES; i++) {
    int kind = probe(arena + i * SIZE);
    h = (h ^ (uint64_t)(kind + 3)) * 1099511628211u;
    if (kind > 0)
      for (int j = 0; j < SIZE; j += 509) h = (h ^ (unsigned char)arena[i * SIZE + j]) * 1099511628211u;
  }
  return h;
}

int main(void) {
  char name[] = "/tmp/mmXXXXXX";
  file = mkstemp(name);
  unlink(name);
  for (int i = 0; i < 6 * SIZE; i++) {
    char c = (char)(i * 31 >> 3);
    if (write(file, &c, 1) != 1) return 1;
  }
  if (pipe(pipes)) return 1;
  null = open("/dev/null", O_WRONLY);
  arena = mmap(NULL, PAGES * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC};
  for (int round = 0; round < 400; round++) {
    int page = (int)(next() % PAGES), count = 1 + (int)(next() % 6);
    if (page + count > PAGES) count = PAGES - page;
    char *p = arena + page * SIZE;
    size_t n = (size_t)count * SIZE;
    int what = (int)(next() % 11), result = 0;
    int prot = prots[next() % 5];
    // What a call over a hole changes is the kernel's own affair, and QEMU's emulation has another opinion.
    if (what >= 5 && what <= 8 && msync(p, n, MS_ASYNC) != 0) continue;
    errno = 0;
    switch (what) {
    case 0: case 1:
      result = mmap(p, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p;
      break;
    case 2:
      result = mmap(p, n, prot & ~PROT_EXEC, MAP_PRIVATE | MAP_FIXED, file, SIZE * (next() % 3)) == p;
      break;
    case 3:
      result = mmap(p, n, prot & ~PROT_EXEC, MAP_SHARED | MAP_FIXED, file, SIZE * (next() % 3)) == p;
      break;
    case 4:
      result = munmap(p, n);
      break;
    case 5: case 6:
      result = mprotect(p, n, prot);
      break;
    case 7:
      result = madvise(p, n, MADV_DONTNEED);
      break;
    case 8: {
      // One page: whether more are one area depends on what the kernel has merged.
      int to = (int)(next() % PAGES);
      count = 1, n = SIZE;
      if (to + count > PAGES || (to < page + count && page < to + count)) break;
      result = mremap(p, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, arena + to * SIZE) == arena + to * SIZE;
      break;
    }
    case 9:
      fflush(stdout);
      if (fork() == 0) {
        for (int i = 0; i < PAGES; i++)
          if (probe(arena + i * SIZE) == 2) arena[i * SIZE + 1018] ^= 0x55;
        _exit((int)(look() & 127));
      }
      wait(&result);
      break;
    default:
      for (int i = 0; i < count; i++)
        if (probe(p + i * SIZE) == 2) memset(p + i * SIZE, (int)next(), SIZE - 100);
    }
    // A page of a file beyond its end must not be touched by this process itself.
    printf("%d %d %d %016lx\n", what, result, errno, (unsigned long)look());
  }
  struct { char *at; size_t n; } grown = {mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), SIZE};
  strcpy(grown.at, "kept");
  for (int i = 0; i < 6; i++) grown.at = mremap(grown.at, grown.n, grown.n * 3, MREMAP_MAYMOVE), grown.n *= 3;
  grown.at[grown.n - 1] = 1;
  printf("%s %zu\n", grown.at, grown.n);
  char *low = sbrk(0);
  sbrk(100000), memset(low, 7, 100000), sbrk(-50000);
  printf("break %ld %d\n", (long)((char *)sbrk(0) - low), low[49999]);
  return 0;
}
