// build: -O2 -pthread
// What pthreads rest on: condition variables with and without time-outs, read-write locks, semaphores, robust mutexes, cancellation, keys, once,
// thread-directed signals, poll and select over pipes, POSIX timers.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t full = PTHREAD_COND_INITIALIZER, empty = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static sem_t sem;
static int slot = -1, onces, destroyed, cleaned;
static volatile int signalled;
static long shared;

static void init(void) { onces++; }
static void destroy(void *p) { (void)p; __atomic_fetch_add(&destroyed, 1, __ATOMIC_SEQ_CST); }
static void clean(void *p) { *(int *)p += 1; }
static void on_signal(int s) { signalled += s; }

static void *produce(void *count) {
  for (int i = 0; i < (int)(long)count; i++) {
    pthread_mutex_lock(&lock);
    while (slot >= 0) pthread_cond_wait(&empty, &lock);
    slot = i;
    pthread_cond_signal(&full);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}
static void *reader(void *unused) {
  long sum = 0;
  pthread_once(&once, init);
  pthread_setspecific(key, &sem);
  for (int i = 0; i < 50; i++) {
    pthread_rwlock_rdlock(&rw);
    sum += shared & 1;
    pthread_rwlock_unlock(&rw);
    pthread_rwlock_wrlock(&rw);
    shared++, sched_yield(), shared++;
    pthread_rwlock_unlock(&rw);
    sem_wait(&sem);
    sem_post(&sem);
  }
  (void)unused;
  return (void *)sum;
}
static void *forever(void *unused) {
  pthread_cleanup_push(clean, &cleaned);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return unused;
}
static void *abandon(void *mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}
static void *late_writer(void *fd) {
  usleep(3000);
  if (write((int)(long)fd, "late", 4) != 4) return (void *)1;
  return NULL;
}

int main(void) {
  pthread_t t[8];
  void *result;
  pthread_create(&t[0], NULL, produce, (void *)300L);
  long sum = 0;
  for (int i = 0; i < 300; i++) {
    pthread_mutex_lock(&lock);
    while (slot < 0) pthread_cond_wait(&full, &lock);
    sum += slot, slot = -1;
    pthread_cond_signal(&empty);
    pthread_mutex_unlock(&lock);
  }
  pthread_join(t[0], NULL);
  printf("consumed %ld\n", sum);

  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_nsec += 2000000;
  if (now.tv_nsec >= 1000000000) now.tv_sec++, now.tv_nsec -= 1000000000;
  pthread_mutex_lock(&lock);
  printf("timed wait: %s\n", strerror(pthread_cond_timedwait(&full, &lock, &now)));
  pthread_mutex_unlock(&lock);

  pthread_key_create(&key, destroy);
  sem_init(&sem, 0, 2);
  for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, reader, NULL);
  long odd = 0;
  for (int i = 0; i < 4; i++) pthread_join(t[i], &result), odd += (long)result;
  printf("shared %ld odd %ld once %d destroyed %d\n", shared, odd, onces, destroyed);

  pthread_create(&t[0], NULL, forever, NULL);
  usleep(1000);
  pthread_cancel(t[0]);
  pthread_join(t[0], &result);
  printf("cancelled %d cleaned %d\n", result == PTHREAD_CANCELED, cleaned);

  pthread_mutexattr_t attr;
  pthread_mutex_t robust;
  pthread_mutexattr_init(&attr), pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attr);
  pthread_create(&t[0], NULL, abandon, &robust);
  pthread_join(t[0], NULL);
  int e = pthread_mutex_lock(&robust);
  printf("robust: %s", strerror(e));
  pthread_mutex_consistent(&robust), pthread_mutex_unlock(&robust);
  printf(", then %d\n", pthread_mutex_lock(&robust));

  struct sigaction sa = {.sa_handler = on_signal};
  sigaction(SIGUSR1, &sa, NULL), sigaction(SIGRTMIN + 1, &sa, NULL);
  pthread_create(&t[0], NULL, forever, NULL);
  usleep(1000);
  pthread_kill(t[0], SIGUSR1);
  while (!signalled) sched_yield();
  printf("signalled %d\n", signalled);
  pthread_cancel(t[0]), pthread_join(t[0], NULL);

  int fds[2], two[2];
  if (pipe(fds) || pipe(two)) return 1;
  struct pollfd p[2] = {{fds[0], POLLIN, 0}, {two[1], POLLOUT, 0}};
  printf("poll %d", poll(p, 2, 0));
  printf(" %x %x, alone %d\n", p[0].revents, p[1].revents, poll(p, 1, 5));
  pthread_create(&t[0], NULL, late_writer, (void *)(long)fds[1]);
  printf("poll later %d", poll(p, 1, 1000));
  char text[8] = {0};
  printf(" read %zd '%s'\n", read(fds[0], text, 8), text);
  pthread_join(t[0], NULL);
  pthread_create(&t[0], NULL, late_writer, (void *)(long)fds[1]);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fds[0], &set);
  FD_SET(two[0], &set);
  struct timeval tv = {1, 0};
  int n = select(two[0] + 1, &set, NULL, NULL, &tv);
  printf("select %d %d %d\n", n, FD_ISSET(fds[0], &set) != 0, FD_ISSET(two[0], &set) != 0);
  pthread_join(t[0], NULL);
  close(fds[1]);
  read(fds[0], text, 8);
  p[0].revents = 0;
  printf("hang-up %d %x\n", poll(p, 1, 0), p[0].revents);

  timer_t timer;
  struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1};
  timer_create(CLOCK_MONOTONIC, &ev, &timer);
  struct itimerspec its = {.it_value = {0, 1000000}, .it_interval = {0, 1000000}};
  signalled = 0;
  timer_settime(timer, 0, &its, NULL);
  while (signalled < 3 * (SIGRTMIN + 1)) pause();
  timer_delete(timer);
  printf("timer %d\n", signalled / (SIGRTMIN + 1) >= 3);
  struct timespec a, b, nap = {0, 1500000};
  clock_gettime(CLOCK_MONOTONIC, &a), clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL), clock_gettime(CLOCK_MONOTONIC, &b);
  long ns = (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec;
  printf("nap %d\n", ns >= 1500000);
  return 0;
}
