/*
 * The cart as a process: cart FLASH-FILE DIGEST VERSION SECURITY-COUNTER SOCKET×9
 *
 * The sockets are Unix sockets in the order of hal_channel; whoever plays the peripherals owns them. SIGUSR1 writes all
 * that the firmware holds in RAM to FLASH-FILE.ram, for a search after a trip.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "host_port.h"
#include "runtime.h"

#define FIRST_SOCKET 5
#define ARGUMENTS (FIRST_SOCKET + HAL_CHANNELS)

static int sockets[HAL_CHANNELS];
static runtime cart;
static host_port port;
static volatile sig_atomic_t wants_dump;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static uint64_t machine_ms(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static uint64_t started;
static uint64_t tell_ms(void) { return machine_ms() - started; }

static int connect_to(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    die(path);
  }
  (void)strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    die(path);
  }
  /* Each channel says so once it is set up; its peripheral is silent before. */
  if (send(fd, "READY\n", 6, MSG_NOSIGNAL) != 6) {
    die(path);
  }
  (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

/* The peripherals are gone: so is the cart. */
static size_t moved(ssize_t count) {
  if (count > 0) {
    return (size_t)count;
  }
  if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    exit(0);
  }
  return 0;
}

static size_t read_socket(host_port *own, hal_channel channel, uint8_t *to, size_t capacity) {
  (void)own;
  return moved(read(sockets[channel], to, capacity));
}

static size_t write_socket(host_port *own, hal_channel channel, const uint8_t *bytes, size_t size) {
  (void)own;
  return size == 0u ? 0u : moved(send(sockets[channel], bytes, size, MSG_NOSIGNAL));
}

static void wait_for_bytes(host_port *own, uint32_t ms) {
  (void)own;
  struct pollfd ready[HAL_CHANNELS];
  for (unsigned i = 0; i < HAL_CHANNELS; i++) {
    ready[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
  }
  (void)poll(ready, HAL_CHANNELS, (int)ms);
}

static uint8_t *map_flash(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT, 0600);
  off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
  if (fd < 0 || ftruncate(fd, HOST_FLASH_SIZE) != 0) {
    die(path);
  }
  uint8_t *flash = mmap(NULL, HOST_FLASH_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (flash == MAP_FAILED) {
    die(path);
  }
  if (size < (off_t)HOST_FLASH_SIZE) {
    /* What the file does not have yet is blank. */
    (void)memset(flash + size, 0xFF, HOST_FLASH_SIZE - (size_t)size);
  }
  return flash;
}

static void read_digest(const char *text, uint8_t digest[32]) {
  for (size_t i = 0; i < 32u; i++) {
    unsigned byte;
    if (sscanf(text + 2u * i, "%2x", &byte) != 1) {
      errno = EINVAL;
      die("digest");
    }
    digest[i] = (uint8_t)byte;
  }
}

static void on_signal(int number) {
  (void)number;
  wants_dump = 1;
}

static void dump(const char *flash_file) {
  char path[4096];
  wants_dump = 0;
  (void)snprintf(path, sizeof path, "%s.ram.part", flash_file);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(&cart, sizeof cart, 1, file) != 1 || fclose(file) != 0) {
    die(path);
  }
  char whole[4096];
  (void)snprintf(whole, sizeof whole, "%s.ram", flash_file);
  (void)rename(path, whole);
}

/* The resets of a host are the process's: whoever started it starts it again. */
#define EXIT_RESET 77

int main(int count, char **arguments) {
  if (count != ARGUMENTS) {
    (void)fprintf(stderr, "usage: cart FLASH-FILE DIGEST VERSION SECURITY-COUNTER SOCKETx9\n");
    return 2;
  }
  started = machine_ms();
  for (unsigned i = 0; i < HAL_CHANNELS; i++) {
    sockets[i] = connect_to(arguments[FIRST_SOCKET + i]);
  }
  host_port_init(&port, map_flash(arguments[1]));
  port.tell_ms = tell_ms;
  port.reader = read_socket;
  port.writer = write_socket;
  port.waiter = wait_for_bytes;
  port.chance = (uint32_t)(machine_ms() ^ (uint64_t)getpid());
  read_digest(arguments[2], port.image.digest);
  (void)snprintf(port.image.version, sizeof port.image.version, "%s", arguments[3]);
  port.image.security_counter = (uint32_t)strtoul(arguments[4], NULL, 10);
  port.image.debug = 4;
  (void)signal(SIGUSR1, on_signal);
  static const manifest_keys no_keys;
  if (!runtime_init(&cart, &port.hal, &no_keys)) {
    (void)fprintf(stderr, "no factory record in the flash\n");
  }
  while (port.resets == 0u) {
    if (!runtime_pass(&cart)) {
      port.hal.wait(port.hal.context, 10);
    }
    if (wants_dump != 0) {
      dump(arguments[1]);
    }
  }
  return EXIT_RESET;
}
