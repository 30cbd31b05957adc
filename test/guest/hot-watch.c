// build: -O1
// Writes one variable N times (watch it: a hit each) and makes M system calls; nothing else. Arguments: N M, default 100000 0.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

volatile uint64_t watched;

int main(int argc, char **argv) {
  unsigned long writes = argc > 1 ? strtoul(argv[1], 0, 10) : 100000, calls = argc > 2 ? strtoul(argv[2], 0, 10) : 0;
  for (unsigned long i = 0; i < writes; i++) watched = i;
  unsigned long parents = 0;
  for (unsigned long i = 0; i < calls; i++) parents += (unsigned long)syscall(SYS_getppid);
  printf("%lu writes, %lu calls\n", writes, calls);
  return parents == 1;
}
