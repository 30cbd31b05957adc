// build: -O1
// Opens hardware breakpoints on itself: counts, disables, enables, resets, and asks for more slots than there are.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile uint64_t target, others[8];

static int watch(volatile void *address, int type, int length) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .bp_type = type, .bp_addr = (uintptr_t)address, .bp_len = length};
  attr.exclude_kernel = 1, attr.exclude_hv = 1;
  return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}
static uint64_t count(int fd) {
  uint64_t n = 0;
  return read(fd, &n, 8) == 8 ? n : UINT64_MAX;
}
__attribute__((noinline)) static void called(void) { __asm__ volatile(""); }

int main(void) {
  int w = watch(&target, HW_BREAKPOINT_W, HW_BREAKPOINT_LEN_8);
  if (w < 0) return printf("open: %s\n", strerror(errno)), 1;
  for (int i = 0; i < 10; i++) target = i;
  printf("written 10, counted %lu\n", (unsigned long)count(w));
  ioctl(w, PERF_EVENT_IOC_DISABLE, 0);
  for (int i = 0; i < 10; i++) target = i;
  printf("disabled: %lu\n", (unsigned long)count(w));
  ioctl(w, PERF_EVENT_IOC_ENABLE, 0);
  target++;
  printf("enabled, one more: %lu\n", (unsigned long)count(w));
  ioctl(w, PERF_EVENT_IOC_RESET, 0);
  target++, target++;
  printf("reset, two more: %lu\n", (unsigned long)count(w));
  int r = watch(&target, HW_BREAKPOINT_RW, HW_BREAKPOINT_LEN_4);
  target++;
  printf("read and written: %lu, written %lu\n", (unsigned long)count(r), (unsigned long)count(w));
  int x = watch((void *)called, HW_BREAKPOINT_X, sizeof(long));
  for (int i = 0; i < 3; i++) called();
  printf("called: %lu\n", (unsigned long)count(x));
  int fds[8], n = 0;
  for (; n < 8; n++) {
    fds[n] = watch(&others[n], HW_BREAKPOINT_W, HW_BREAKPOINT_LEN_8);
    if (fds[n] < 0) break;
  }
  printf("then %d more, then: %s\n", n, strerror(errno));
  close(r);
  printf("after a close: %s\n", watch(&others[7], HW_BREAKPOINT_W, HW_BREAKPOINT_LEN_8) >= 0 ? "fits" : strerror(errno));
  printf("length 3: %s\n", watch(&others[0], HW_BREAKPOINT_W, 3) >= 0 ? "accepted" : strerror(errno));
  printf("type 0: %s\n", watch(&others[0], 0, 8) >= 0 ? "accepted" : strerror(errno));
  return 0;
}
