// build: -O1
// Handlers, masks, alternate stack, siginfo, SA_RESTART and EINTR, sigsuspend, sigwait, nested delivery, siglongjmp out of a SIGSEGV.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int seen, depth, deepest;
static sigjmp_buf back;
static char *page;

static void count(int s) { seen += s; }
static void nest(int s) {
  depth++;
  if (depth > deepest) deepest = depth;
  if (depth < 3) raise(s);
  depth--;
}
static void fault(int s, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  printf("signal %d code %d addr %s fault_address %s pc %s\n", s, info->si_code, info->si_addr == page + 8 ? "page+8" : "other",
         u->uc_mcontext.fault_address == (uintptr_t)page + 8 ? "page+8" : "other", u->uc_mcontext.pc != 0 ? "set" : "zero");
  siglongjmp(back, 1);
}
static void skip(int s, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  printf("signal %d code %d, skipped\n", s, s == SIGTRAP ? info->si_code : info->si_code > 0);
  u->uc_mcontext.pc += 4;
}
static void onstack(int s) {
  stack_t now;
  sigaltstack(NULL, &now);
  printf("signal %d on stack flags %d\n", s, now.ss_flags);
}

int main(void) {
  struct sigaction sa = {.sa_handler = count};
  sigaction(SIGUSR1, &sa, NULL);
  for (int i = 0; i < 5; i++) raise(SIGUSR1);
  printf("raised %d\n", seen);

  sa.sa_handler = nest, sa.sa_flags = SA_NODEFER;
  sigaction(SIGUSR2, &sa, NULL);
  raise(SIGUSR2);
  printf("deepest %d\n", deepest);

  sigset_t set, old;
  sigemptyset(&set), sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, &old);
  raise(SIGUSR1);
  sigset_t pending;
  sigpending(&pending);
  printf("blocked %d pending %d\n", seen, sigismember(&pending, SIGUSR1));
  sigsuspend(&old);
  printf("suspended %d errno %d\n", seen, errno);
  raise(SIGUSR1);
  int got;
  sigwait(&set, &got);
  printf("sigwait %d seen %d\n", got, seen);
  sigprocmask(SIG_SETMASK, &old, NULL);

  page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction sf = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &sf, NULL), sigaction(SIGBUS, &sf, NULL);
  if (sigsetjmp(back, 1) == 0) *(volatile int *)(page + 8) = 1;
  munmap(page, 4096);
  if (sigsetjmp(back, 1) == 0) printf("%d", *(volatile int *)(page + 8));

  struct sigaction sk = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &sk, NULL), sigaction(SIGTRAP, &sk, NULL);
  __asm__ volatile(".inst 0");
  __asm__ volatile("brk #7");

  static char alternate[32768];
  stack_t alt = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&alt, NULL);
  struct sigaction so = {.sa_handler = onstack, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &so, NULL);
  raise(SIGUSR1);

  struct sigaction sc = {.sa_handler = count};
  sigaction(SIGALRM, &sc, NULL);
  seen = 0;
  struct itimerval it = {.it_value = {.tv_usec = 20000}};
  int pipes[2];
  if (pipe(pipes) != 0) return 1;
  setitimer(ITIMER_REAL, &it, NULL);
  char byte;
  long n = read(pipes[0], &byte, 1);
  printf("interrupted %ld %s seen %d\n", n, n < 0 ? strerror(errno) : "-", seen);
  sc.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &sc, NULL);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    usleep(60000);
    _exit(write(pipes[1], "x", 1) == 1 ? 3 : 4);
  }
  setitimer(ITIMER_REAL, &it, NULL);
  n = read(pipes[0], &byte, 1);
  printf("restarted %ld %c seen %d\n", n, byte, seen);
  int status;
  waitpid(child, &status, 0);
  printf("child %d\n", WEXITSTATUS(status));

  signal(SIGPIPE, SIG_IGN);
  close(pipes[0]);
  n = write(pipes[1], "x", 1);
  printf("broken pipe %ld %s\n", n, strerror(errno));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL);
    *(volatile int *)0 = 0;
  }
  waitpid(child, &status, 0);
  printf("child killed by %d\n", WTERMSIG(status));
  return 7;
}
