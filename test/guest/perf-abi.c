// build: -O1 -pthread
// What a program may ask of a breakpoint event: the kernel's own perf tests (wp, bp_account), errors in order, other threads and CPUs.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile uint64_t data, data2[2] __attribute__((aligned(16)));
static struct perf_event_attr base(volatile void *a, int type, int len) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .bp_type = type, .bp_addr = (uintptr_t)a, .bp_len = len};
  attr.exclude_kernel = 1, attr.exclude_hv = 1, attr.sample_period = 1;
  return attr;
}
static int open_on(struct perf_event_attr *attr, int pid, int cpu) { return (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, 0); }
static long count(int fd) { long n = -1; read(fd, &n, 8); return n; }
static const char *err(int r) { return r >= 0 ? "ok" : strerrorname_np(errno); }
static volatile int stop, started;
static volatile uint64_t beat;
static pid_t worker_tid;
static void *worker(void *x) { worker_tid = gettid(); started = 1; while (!stop) { beat++; } return x; }
__attribute__((noinline)) static void function(void) { __asm__ volatile(""); }
int main(void) {
  struct perf_event_attr a;
  volatile uint64_t sink;
  a = base(&data, HW_BREAKPOINT_R, 8); int fd = open_on(&a, 0, -1);
  sink = data; printf("RO read %ld ", count(fd)); data = 1; printf("write %ld\n", count(fd)); close(fd);
  a = base(&data, HW_BREAKPOINT_W, 8); fd = open_on(&a, 0, -1);
  sink = data; printf("WO read %ld ", count(fd)); data = 1; printf("write %ld\n", count(fd)); close(fd);
  a = base(&data, HW_BREAKPOINT_RW, 8); fd = open_on(&a, 0, -1);
  sink = data; printf("RW read %ld ", count(fd)); data = 1; printf("write %ld\n", count(fd)); close(fd);
  (void)sink;
  a = base(&data, HW_BREAKPOINT_W, 8); fd = open_on(&a, 0, -1);
  data = 1; printf("modify: %ld ", count(fd));
  a.bp_addr = (uintptr_t)&data2[0]; a.bp_len = 2; a.disabled = 1;
  printf("%s ", err(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &a)));
  ((volatile char *)data2)[1] = 1; printf("%ld ", count(fd));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  ((volatile char *)data2)[1] = 1; printf("%ld ", count(fd));
  ((volatile char *)data2)[2] = 1; printf("%ld\n", count(fd));
  a.sample_period = 7; printf("period may not change: %s\n", err(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &a)));
  a.sample_period = 1; a.bp_len = 9; printf("length 9: %s\n", err(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &a)));
  close(fd);
  // bp_account: fill, then modify one to an execute breakpoint; one more watchpoint must fit.
  int wps[16], n = 0;
  for (; n < 16; n++) { a = base(&data, HW_BREAKPOINT_W, 8); wps[n] = open_on(&a, 0, 0); if (wps[n] < 0) break; }
  printf("wps %d then %s\n", n, err(-1));
  a = base((void *)function, HW_BREAKPOINT_X, 8);
  printf("to X: %s\n", err(ioctl(wps[0], PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &a)));
  a = base(&data, HW_BREAKPOINT_W, 8); int more = open_on(&a, 0, -1); printf("one more: %s\n", err(more));
  close(more); for (int i = 0; i < n; i++) close(wps[i]);
  // read formats
  struct { uint64_t value, enabled, running, id; } r; uint64_t id = 0;
  a = base(&data, HW_BREAKPOINT_W, 8); a.read_format = 7; fd = open_on(&a, 0, -1); data = 2;
  printf("read %zd ", read(fd, &r, sizeof r)); ioctl(fd, PERF_EVENT_IOC_ID, &id);
  printf("value %lu times %d id %d short %s\n", (unsigned long)r.value, r.enabled > 0 && r.enabled == r.running, id == r.id, read(fd, &r, 8) < 0 ? strerrorname_np(errno) : "ok");
  close(fd);
  // errors in order
  a = base(&data, HW_BREAKPOINT_W, 8); a.size = 32; printf("size 32: %s, ", err(open_on(&a, 0, -1))); printf("kernel says %u\n", a.size > 64);
  a = base(&data, 0, 8); printf("type 0: %s\n", err(open_on(&a, 0, -1)));
  a = base(&data, HW_BREAKPOINT_W, 8); printf("no pid: %s\n", err(open_on(&a, 99999, -1)));
  a = base(&data, HW_BREAKPOINT_W, 8); printf("all: %s\n", err(open_on(&a, -1, -1)));
  a = base(&data, HW_BREAKPOINT_W, 8); a.inherit_thread = 1; printf("inherit_thread: %s\n", err(open_on(&a, 0, -1)));
  a = base((void *)0xffff800080000000ul, HW_BREAKPOINT_W, 8); printf("kernel address: %s\n", err(open_on(&a, 0, -1)));
  a = base(&data, HW_BREAKPOINT_W, 8); a.type = PERF_TYPE_HARDWARE; printf("hardware: %s\n", err(open_on(&a, 0, -1)));
  // another thread, running on another CPU
  pthread_t t; pthread_create(&t, 0, worker, 0);
  while (!started) sched_yield();
  a = base(&beat, HW_BREAKPOINT_W, 8); fd = open_on(&a, worker_tid, -1);
  while (count(fd) < 20) sched_yield();
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0); long before = count(fd); uint64_t b = beat;
  while (beat < b + 100) sched_yield();
  printf("disabled elsewhere: %s\n", count(fd) == before ? "stays" : "counts");
  a.bp_addr = (uintptr_t)&data; printf("moved elsewhere: %s ", err(ioctl(fd, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &a)));
  b = beat; while (beat < b + 100) sched_yield();
  printf("%s\n", count(fd) == before ? "stays" : "counts");
  close(fd); stop = 1; pthread_join(t, 0);
  // every task of a CPU
  a = base(&data, HW_BREAKPOINT_W, 8);
  int c0 = open_on(&a, -1, 0), c1 = open_on(&a, -1, 1);
  cpu_set_t set; CPU_ZERO(&set); CPU_SET(1, &set); sched_setaffinity(0, sizeof set, &set); sched_yield();
  for (int i = 0; i < 5; i++) data = i;
  CPU_ZERO(&set); CPU_SET(0, &set); sched_setaffinity(0, sizeof set, &set); sched_yield();
  for (int i = 0; i < 3; i++) data = i;
  printf("cpu0 %ld cpu1 %ld\n", count(c0), count(c1));
  close(c0), close(c1);
  // inherit and enable_on_exec
  a = base(&data, HW_BREAKPOINT_W, 8); a.inherit = 1; fd = open_on(&a, 0, -1);
  if (fork() == 0) { data = 1; data = 2; _exit(0); }
  wait(0); data = 3; printf("with the child: %ld\n", count(fd));
  return 0;
}
