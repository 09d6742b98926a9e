/* The C library's part of the firmware, whole. */
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  uint8_t *a = to;
  const uint8_t *b = from;
  for (size_t i = 0; i < size; i++) {
    a[i] = b[i];
  }
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  uint8_t *a = to;
  const uint8_t *b = from;
  if ((uintptr_t)to <= (uintptr_t)from) {
    for (size_t i = 0; i < size; i++) {
      a[i] = b[i];
    }
  } else {
    for (size_t i = size; i > 0u; i--) {
      a[i - 1u] = b[i - 1u];
    }
  }
  return to;
}

void *memset(void *to, int byte, size_t size) {
  uint8_t *a = to;
  for (size_t i = 0; i < size; i++) {
    a[i] = (uint8_t)byte;
  }
  return to;
}

int memcmp(const void *a, const void *b, size_t size) {
  const uint8_t *left = a;
  const uint8_t *right = b;
  for (size_t i = 0; i < size; i++) {
    if (left[i] != right[i]) {
      return (int)left[i] - (int)right[i];
    }
  }
  return 0;
}

void *memchr(const void *bytes, int byte, size_t size) {
  const uint8_t *at = bytes;
  for (size_t i = 0; i < size; i++) {
    if (at[i] == (uint8_t)byte) {
      return (void *)(uintptr_t)(at + i);
    }
  }
  return NULL;
}

size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size] != '\0') {
    size++;
  }
  return size;
}
