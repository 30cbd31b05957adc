// build: -O1
// Sleeping calls and signals: which end with EINTR, which go on, what mask holds meanwhile, what is left of timers.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int seen;
static void count(int s) { (void)s, seen++; }

int main(void) {
  struct sigaction sa = {.sa_handler = count};
  sigaction(SIGALRM, &sa, NULL);
  struct itimerval soon = {.it_value = {0, 20000}}, none = {0}, old;
  struct timespec long_nap = {0, 500000000}, nap = {0, 50000000}, left = {9, 9};

  setitimer(ITIMER_REAL, &soon, NULL);
  int e = nanosleep(&long_nap, &left);
  printf("nanosleep %d %s left %d seen %d\n", e, strerror(errno), left.tv_sec == 0 && left.tv_nsec > 1000, seen);
  setitimer(ITIMER_REAL, &soon, NULL);
  e = poll(NULL, 0, 500);
  printf("poll %d %s seen %d\n", e, strerror(errno), seen);

  sigset_t block, before;
  sigemptyset(&block), sigaddset(&block, SIGALRM);
  sigprocmask(SIG_BLOCK, &block, &before);
  setitimer(ITIMER_REAL, &soon, NULL);
  struct timespec second = {1, 0};
  e = pselect(0, NULL, NULL, NULL, &second, &before);
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("pselect %d %s seen %d, blocked again %d\n", e, strerror(errno), seen, sigismember(&now, SIGALRM));
  sigprocmask(SIG_SETMASK, &before, NULL);

  sa.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &sa, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  e = clock_nanosleep(CLOCK_MONOTONIC, 0, &long_nap, &left);
  printf("never restarted: %d seen %d\n", e, seen);
  soon.it_interval.tv_usec = 300000, soon.it_value.tv_sec = 9;
  setitimer(ITIMER_REAL, &soon, NULL), setitimer(ITIMER_REAL, &none, &old);
  printf("interval %ld left %d\n", (long)old.it_interval.tv_usec, old.it_value.tv_sec >= 8);

  fflush(stdout);
  if (fork() == 0) {
    usleep(5000);
    kill(getppid(), SIGCONT), kill(getppid(), SIGWINCH);
    _exit(0);
  }
  printf("ignored signals: %d\n", nanosleep(&nap, &left));
  unsigned was = alarm(30);
  printf("alarm %u %d\n", was, alarm(0) >= 29);
  return 0;
}
