// build: -O1 -pthread -fno-inline
// The bundled sample. A teller deposits into a pool while an auditor gives slots back. slots_clear runs its loop once too often,
// so its last store lands on the low half of pool.total; the next audit sees an impossible sum and aborts.
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct pool {
  int32_t owner[8]; // teller that holds the slot, -1: free
  int64_t total;    // cents; lies right behind the slots
  int64_t deposits;
};

struct pool pool;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static int day;

void slots_clear(int32_t *slot, int n) {
  for (int i = 0; i <= n; i++) slot[i] = -1; // off by one: <= should be <
}

void slots_take(int32_t *slot, int n, int who) {
  for (int i = 0; i < n; i++)
    if (slot[i] == -1) {
      slot[i] = who;
      return;
    }
}

void deposit(int who, int64_t cents) {
  pthread_mutex_lock(&lock);
  slots_take(pool.owner, 8, who);
  pool.total += cents;
  pool.deposits++;
  pthread_mutex_unlock(&lock);
}

static void *teller(void *unused) {
  (void)unused;
  uint32_t random = 2463534242u;
  for (int i = 1; i <= 40; i++) {
    random ^= random << 13, random ^= random >> 17, random ^= random << 5;
    deposit(i % 3, random % 4000);
    if (i % 10 == 0) {
      printf("teller: %d deposits, float %" PRId64 ".%02d\n", i, pool.total / 100, (int)(pool.total % 100));
      pthread_mutex_lock(&lock);
      day = i / 10;
      pthread_cond_signal(&turn);
      while (day == i / 10) pthread_cond_wait(&turn, &lock);
      pthread_mutex_unlock(&lock);
    }
  }
  return NULL;
}

static void audit(void) {
  if (pool.total < 0 || pool.total > pool.deposits * 4000) {
    printf("audit: float %" PRId64 " after %" PRId64 " deposits cannot be\n", pool.total, pool.deposits);
    fflush(stdout);
    abort();
  }
}

static void *auditor(void *unused) {
  (void)unused;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (day <= 0) pthread_cond_wait(&turn, &lock);
    audit();
    if (day == 3) slots_clear(pool.owner, 8);
    int last = day == 4;
    day = -day;
    pthread_cond_signal(&turn);
    pthread_mutex_unlock(&lock);
    if (last) return NULL;
  }
}

int main(void) {
  pthread_t threads[2];
  setvbuf(stdout, NULL, _IOLBF, 0); // each line when it is printed
  slots_clear(pool.owner, 7); // the same mistake, harmless here: it clears all eight
  printf("ledger: 8 slots, float 0.00\n");
  pthread_create(&threads[0], NULL, teller, NULL);
  pthread_create(&threads[1], NULL, auditor, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("ledger: closed\n");
  return 0;
}
