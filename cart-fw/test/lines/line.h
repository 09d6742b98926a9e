/* A driver's line over a Unix socket, for programs that drive one peripheral by itself. */
#ifndef CART_TEST_LINE_H
#define CART_TEST_LINE_H

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline uint64_t line_now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return ((uint64_t)now.tv_sec * 1000u) + ((uint64_t)now.tv_nsec / 1000000u);
}

static inline int line_open(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const int line = socket(AF_UNIX, SOCK_STREAM, 0);
  (void)strncpy(address.sun_path, path, sizeof address.sun_path - 1u);
  if (line < 0 || connect(line, (const struct sockaddr *)&address, sizeof address) != 0) {
    perror(path);
    exit(2);
  }
  if (write(line, "READY\n", 6) != 6) {
    exit(2);
  }
  return line;
}

/* Bytes that came within `wait_ms`; 0: none. Ends the program when the other side is gone. */
static inline size_t line_read(int line, uint8_t *bytes, size_t capacity, int wait_ms)
{
  struct pollfd waiting = {.fd = line, .events = POLLIN};
  if (poll(&waiting, 1, wait_ms) <= 0) {
    return 0;
  }
  const ssize_t size = read(line, bytes, capacity);
  if (size <= 0) {
    exit(3);
  }
  return (size_t)size;
}

static inline void line_write(int line, const uint8_t *bytes, size_t size)
{
  for (size_t sent = 0; sent < size;) {
    const ssize_t more = write(line, bytes + sent, size - sent);
    if (more <= 0) {
      exit(3);
    }
    sent += (size_t)more;
  }
}

#endif
