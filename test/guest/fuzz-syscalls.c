// build: -O1
// Calls the kernel with arguments it should not like: argv[1] is the seed, argv[2] how many calls. Whatever comes back, the machine goes on.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state;
static uint64_t next(void) { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; }
static char *area;
static const char *const paths[] = {"/", "/tmp", "/tmp/a", "/tmp/b", "/dev/null", "/dev/zero", "/proc/self/maps", "/proc", "/proc/self/fd", "nothing/x", "", ".", "..", "/proc/self/exe", "/tmp/d/e", "/etc/passwd", "/proc/self"};

static long argument(void) {
  switch (next() % 14) {
  case 0: return (long)(next() % 8);
  case 1: return (long)(next() % 64) - 8;
  case 2: return (long)area + (long)(next() % 8192);
  case 3: return (long)area + 8192 - (long)(next() % 32);
  case 4: return (long)paths[next() % (sizeof paths / sizeof *paths)];
  case 5: return (long)next();
  case 6: return 1L << (next() % 64);
  case 7: return -(long)(next() % 5000);
  case 8: return 0;
  case 9: return (long)(next() & 0xffffffff);
  case 10: return ((long)area & ~4095L) + 4096 * (long)(next() % 4);
  case 11: return (long)&state;
  case 12: return 4096 * (long)(next() % 5);
  default: return -100;
  }
}

static int skipped(long nr) {
  // What ends or stops this process by design, and what hides what it prints.
  static const int list[] = {93, 94, 139, 220, 221, 281, 129, 130, 131, 133, 134, 135, 137, 138, 240, 73, 72, 98, 101, 115, 57, 23, 24, 436, 25, 64, 66, 63, 65, 95, 260, 215, 226, 222, 216, 233, 29, 103, 110, 234, 132, 214};
  for (unsigned i = 0; i < sizeof list / sizeof *list; i++)
    if (list[i] == nr) return 1;
  return 0;
}

static void child(int calls, int rough) {
  if (rough) alarm(2);
  for (int i = 0; i < calls; i++) {
    long nr = (long)(next() % 295);
    if (!rough && skipped(nr)) continue;
    if (rough && (nr == 94 || nr == 93 || nr == 133 || (nr == 139 && next() % 30))) continue;
    syscall(nr, argument(), argument(), argument(), argument(), argument(), argument());
  }
}

int main(int argc, char **argv) {
  state = argc > 1 ? strtoul(argv[1], NULL, 0) * 0x9e3779b97f4a7c15u + 1 : 1;
  int calls = argc > 2 ? atoi(argv[2]) : 500;
  area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 8192; i++) area[i] = (char)next();
  mkdir("/tmp/d", 0755);
  fflush(stdout);
  if (fork() == 0) {
    child(calls, 0);
    _exit(0);
  }
  for (int round = 0; round < 8; round++) {
    next();
    if (fork() == 0) {
      setpgid(0, 0);
      child(calls, 1);
      _exit(0);
    }
  }
  int n = 0;
  while (wait(NULL) > 0) n++;
  printf("children %d\n", n);
  return 0;
}
