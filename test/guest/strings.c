// build(o0): -O0
// build(o1): -O1
// build(o2): -O2
// build(o3): -O3
// String functions over every small offset and length, checked against loops of one's own; then a hash of what they said.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

static unsigned char a[400], b[400], c[400];
static uint64_t hash = 14695981039346656037u;
static void mix(uint64_t v) { hash = (hash ^ v) * 1099511628211u; }

int main(void) {
  int wrong = 0;
  for (int offset = 0; offset < 18; offset++)
    for (int length = 0; length < 150; length += length < 40 ? 1 : 7) {
      for (int i = 0; i < 400; i++) a[i] = (unsigned char)(1 + (i * 7 + offset) % 250), b[i] = c[i] = (unsigned char)i;
      memcpy(b + offset, a + 3, length);
      for (int i = 0; i < length; i++) c[offset + i] = a[3 + i];
      wrong += memcmp(b, c, 400) != 0;
      memmove(b + offset + 5, b + offset, length);
      for (int i = length - 1; i >= 0; i--) c[offset + 5 + i] = c[offset + i];
      wrong += memcmp(b, c, 400) != 0;
      memset(b + offset, length, length);
      for (int i = 0; i < length; i++) c[offset + i] = (unsigned char)length;
      wrong += memcmp(b, c, 400) != 0;
      a[offset + length] = 0;
      wrong += strlen((char *)a + offset) != (size_t)length;
      wrong += strnlen((char *)a + offset, 20) != (size_t)(length < 20 ? length : 20);
      char *p = strchr((char *)a + offset, 99), *q = strrchr((char *)a + offset, 99);
      mix(p ? p - (char *)a : -1), mix(q ? q - (char *)a : -1);
      strcpy((char *)b, (char *)a + offset);
      mix(strcmp((char *)b, (char *)a + offset) == 0), mix(strncmp((char *)b, (char *)a, 5) < 0);
      mix(memchr(a + offset, 77, length) != NULL), mix(strspn((char *)b, "\1\2\3\10\17\26") + strcspn((char *)b, "zQ"));
    }
  char text[] = "the quick,brown;fox jumps", *save;
  for (char *t = strtok_r(text, " ,;", &save); t; t = strtok_r(NULL, " ,;", &save)) printf("<%s>", t);
  printf(" %d %s\n", strcasecmp("HeLLo", "hEllO"), strstr("a needle in hay", "needle"));
  printf("wrong %d hash %016lx wcs %zu\n", wrong, (unsigned long)hash, wcslen(L"wide"));
  return wrong != 0;
}
