// build: -O1
// Ends by SIGSEGV: a store through a pointer that was cleared too early.
#include <stdio.h>
struct node { struct node *next; long value; };
static struct node first, *volatile list = &first;
int main(void) {
  puts("before");
  fflush(stdout);
  list = list->next;
  list->value = 1;
  return 0;
}
