// build: -O1
// Random operations on files and directories in one folder, every result and errno printed: the same on every correct file system.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static uint32_t state = 424242;
static uint32_t next(void) { return state ^= state << 13, state ^= state >> 17, state ^= state << 5; }
static const char *const names[] = {"a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/f", "link", "d/../b", "./c", "d/e/../../a", "nothing/x", "a/x", "link/a", "d/", "up"};
static const char *name(void) { return names[next() % (sizeof names / sizeof *names)]; }
static int fds[6] = {-1, -1, -1, -1, -1, -1};
static int order(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

int main(void) {
  char folder[] = "/tmp/filesXXXXXX";
  if (!mkdtemp(folder) || chdir(folder)) return 1;
  umask(022);
  char data[9000], back[9000];
  for (int i = 0; i < 9000; i++) data[i] = (char)(i * 7 + i / 256);
  for (int round = 0; round < 3000; round++) {
    uint32_t what = next() % 24;
    int slot = (int)(next() % 6), fd = fds[slot];
    long result = 0;
    uint64_t h = 0;
    errno = 0;
    switch (what) {
    case 0: case 1: case 2: {
      static const int flags[] = {O_RDONLY, O_RDWR | O_CREAT, O_RDWR | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_EXCL, O_RDWR | O_APPEND, O_WRONLY | O_APPEND | O_CREAT, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW};
      if (fd >= 0) close(fd);
      fds[slot] = open(name(), flags[next() % 8], 0666);
      result = fds[slot] >= 0;
      break;
    }
    case 3: case 4: result = write(fd, data + next() % 1000, next() % 6000); break;
    case 5: case 6:
      result = read(fd, back, next() % 9000);
      for (long i = 0; i < result; i++) h = h * 31 + (unsigned char)back[i];
      break;
    case 7: {
      // Positions in a directory are the file system's own.
      long to = (long)(next() % 12000) - 2000;
      int whence = (int)(next() % 3);
      struct stat st;
      if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) break;
      result = lseek(fd, to, whence);
      break;
    }
    case 8: result = pwrite(fd, data, next() % 4000, next() % 20000); break;
    case 9:
      result = pread(fd, back, next() % 9000, next() % 20000);
      for (long i = 0; i < result; i++) h = h * 31 + (unsigned char)back[i];
      break;
    case 10: result = ftruncate(fd, next() % 15000); break;
    case 11: result = mkdir(name(), 0777); break;
    case 12: result = rmdir(name()); break;
    case 13: result = unlink(name()); break;
    case 14: result = link(name(), name()); break;
    case 15: result = symlink(name(), next() % 2 ? "link" : "up"); break;
    case 16: case 17: result = rename(name(), name()); break;
    case 18: case 19: {
      struct stat st;
      const char *n = name();
      result = next() % 2 ? stat(n, &st) : lstat(n, &st);
      if (result == 0) h = (uint64_t)(st.st_mode & S_IFMT) * 1000 + (S_ISREG(st.st_mode) ? (uint64_t)st.st_size * 10 + st.st_nlink + st.st_mode * 7919 : 0);
      break;
    }
    case 20: {
      struct iovec v[3] = {{back, next() % 50}, {back + 100, next() % 3000}, {back + 4000, next() % 2000}};
      result = next() % 2 ? readv(fd, v, 3) : (v[0].iov_base = data, v[1].iov_base = data + 5, v[2].iov_base = data + 9, writev(fd, v, 3));
      break;
    }
    case 21: {
      struct dirent **list;
      result = scandir(next() % 2 ? "d" : ".", &list, NULL, order);
      for (long i = 0; i < result; i++) {
        for (char *c = list[i]->d_name; *c; c++) h = h * 31 + (unsigned char)*c;
        h = h * 31 + list[i]->d_type;
      }
      break;
    }
    case 22: result = readlink(next() % 2 ? "link" : name(), back, 100); break;
    default:
      result = next() % 2 ? access(name(), R_OK) : chmod(name(), 0600 + next() % 64 * 2);
    }
    printf("%u %ld %d %lx\n", what, result, result < 0 ? errno : 0, (unsigned long)h);
  }
  return 0;
}
