// build: -O1 -pthread
// A process with threads replaces its program, once from its first thread and once from another: the other threads end, the new program
// runs alone. Then stop, continue and kill a process with threads.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *wait_forever(void *path) {
  if (path != NULL) execl(path, path, "from a thread", NULL);
  for (;;) pause();
}

static int run(const char *path, int from_thread) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t t;
    for (int i = 0; i < 3; i++) pthread_create(&t, NULL, wait_forever, NULL);
    usleep(100);
    if (from_thread) pthread_create(&t, NULL, wait_forever, (void *)path), pause(), _exit(1);
    execl(path, path, "from the first", NULL);
    _exit(1);
  }
  int status;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    printf("%s\n", argv[1]);
    return (int)strlen(argv[1]);
  }
  const char *self = "/proc/self/exe";
  printf("status %d\n", run(self, 0));
  printf("status %d\n", run(self, 1));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t t;
    for (int i = 0; i < 2; i++) pthread_create(&t, NULL, wait_forever, NULL);
    wait_forever(NULL);
  }
  int status;
  usleep(2000);
  kill(pid, SIGSTOP), waitpid(pid, &status, WUNTRACED);
  printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
  kill(pid, SIGCONT), waitpid(pid, &status, WCONTINUED);
  printf("continued %d\n", WIFCONTINUED(status));
  kill(pid, SIGKILL), waitpid(pid, &status, 0);
  printf("killed by %d\n", WTERMSIG(status));
  return 0;
}
