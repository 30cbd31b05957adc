// build: -O2 -pthread
// Four threads add to one number under a mutex and to one without atomics under a spinlock made of C11 atomics: the sums are exact.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static long by_mutex, by_spin;
static atomic_long by_atomic;
static __thread long mine;

static void *work(void *argument) {
  long id = (long)argument;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 500; i++) {
    pthread_mutex_lock(&lock);
    by_mutex += id;
    pthread_mutex_unlock(&lock);
    while (atomic_flag_test_and_set(&spin)) {
    }
    by_spin += id;
    atomic_flag_clear(&spin);
    atomic_fetch_add(&by_atomic, id);
    mine += id;
  }
  return (void *)mine;
}

int main(void) {
  pthread_t threads[4];
  pthread_barrier_init(&barrier, NULL, 4);
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)(i + 1));
  long sum = 0;
  for (int i = 0; i < 4; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (long)result;
  }
  printf("mutex %ld spin %ld atomic %ld returned %ld main %ld\n", by_mutex, by_spin, atomic_load(&by_atomic), sum, mine);
  return 0;
}
