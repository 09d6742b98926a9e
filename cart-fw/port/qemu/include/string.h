/** All of the C library that the firmware uses; port/qemu/memory.c has the bodies. `tools/firmware` fails on any other. */
#ifndef CARTWRIGHT_QEMU_STRING_H
#define CARTWRIGHT_QEMU_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *bytes, int byte, size_t size);
size_t strlen(const char *text);

#endif
