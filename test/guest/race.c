// build: -O1 -pthread
// Two threads add to a number without a lock: what is lost depends on how their instructions interleave, so on the seed only.
#include <pthread.h>
#include <stdio.h>

static volatile long shared;
static volatile int ready;

static void *work(void *unused) {
  __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
  while (ready < 2) {
  }
  for (int i = 0; i < 20000; i++) shared++;
  return unused;
}

int main(void) {
  pthread_t a, b;
  pthread_create(&a, NULL, work, NULL);
  pthread_create(&b, NULL, work, NULL);
  pthread_join(a, NULL);
  pthread_join(b, NULL);
  printf("shared %ld of 40000\n", shared);
  return 0;
}
