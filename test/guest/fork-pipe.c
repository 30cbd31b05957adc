// build: -O1
// A pipeline of processes, copy-on-write, shared memory, exec of itself, dup2, wait statuses, orphans, files.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "child") == 0) {
    char line[100];
    int n = 0;
    while (fgets(line, sizeof line, stdin)) n += (int)strlen(line);
    printf("child read %d bytes, HOME=%s\n", n, getenv("HOME") ? getenv("HOME") : "unset");
    return 9;
  }
  int private_value = 1;
  int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *shared = 1;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    private_value = 2, *shared = 2;
    _exit(private_value);
  }
  int status;
  waitpid(pid, &status, 0);
  printf("private %d shared %d status %d\n", private_value, *shared, WEXITSTATUS(status));

  int to[2];
  if (pipe(to) != 0) return 1;
  fflush(stdout);
  pid = fork();
  if (pid == 0) {
    dup2(to[0], 0), close(to[0]), close(to[1]);
    char *args[] = {argv[0], "child", NULL}, *env[] = {"HOME=/nowhere", NULL};
    execve(argv[0], args, env);
    _exit(127);
  }
  close(to[0]);
  FILE *f = fdopen(to[1], "w");
  for (int i = 0; i < 20000; i++) fprintf(f, "line %d\n", i);
  fclose(f);
  waitpid(pid, &status, 0);
  printf("exec status %d\n", WEXITSTATUS(status));

  pid = fork();
  if (pid == 0) pause();
  kill(pid, SIGTERM);
  waitpid(pid, &status, 0);
  printf("killed %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
  printf("no child: %d %s\n", waitpid(-1, &status, WNOHANG), strerror(errno));

  char dir[] = "/tmp/trapXXXXXX", path[64], other[64];
  if (mkdtemp(dir) == NULL) return 2;
  snprintf(path, sizeof path, "%s/a", dir), snprintf(other, sizeof other, "%s/b", dir);
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
  if (write(fd, "hello, file", 11) != 11) return 3;
  lseek(fd, 7, SEEK_SET);
  char buffer[16] = {0};
  printf("read %zd '%s'\n", read(fd, buffer, sizeof buffer), buffer);
  ftruncate(fd, 5);
  struct stat st;
  fstat(fd, &st);
  printf("size %ld mode %o links %d\n", (long)st.st_size, st.st_mode, (int)st.st_nlink);
  char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  map[0] = 'J';
  pread(fd, buffer, 5, 0);
  printf("through the map: %.5s, beyond: %d\n", buffer, map[100]);
  rename(path, other);
  printf("old name: %d %s\n", access(path, F_OK), strerror(errno));
  symlink("b", path);
  ssize_t n = readlink(path, buffer, sizeof buffer);
  printf("link %.*s, through it %d\n", (int)n, buffer, open(path, O_RDONLY) >= 0);
  int entries = 0;
  DIR *d = opendir(dir);
  while (readdir(d)) entries++;
  closedir(d);
  printf("entries %d, rmdir %d %s\n", entries, rmdir(dir), strerror(errno));
  unlink(path), unlink(other);
  printf("rmdir %d, open %d %s\n", rmdir(dir), open("/nowhere/x", O_RDONLY), strerror(errno));
  printf("null %zd zero %zd\n", write(open("/dev/null", O_WRONLY), "x", 1), read(open("/dev/zero", O_RDONLY), buffer, 8));
  return 0;
}
