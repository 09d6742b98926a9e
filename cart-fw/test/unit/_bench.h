/**
 * The runtime on a bench: the host's HAL with a modem that opens, sends and receives for a server of the test's own, and a
 * secure element by its wire format. Time is turned by hand. The cart is real and alone: no beacon, no platform.
 */
#ifndef CARTWRIGHT_TEST_BENCH_H
#define CARTWRIGHT_TEST_BENCH_H

#include "host_port.h"
#include "cart_internal.h"
#include "runtime_internal.h"

#define BENCH_LINE_MAX 32768u
#define BENCH_REQUEST_MAX 8192u

typedef struct {
  uint8_t bytes[BENCH_LINE_MAX];
  size_t size;
  size_t at; /* taken so far */
} bench_line;

typedef struct bench bench;
/** What the server does with a whole request: bench_answer, bench_hang_up, or nothing. */
typedef void (*bench_server)(bench *b, const char *request);

typedef struct {
  char command[200];
  size_t command_size;
  size_t data_left; /* of a write */
  bool connected;
  bench_line received; /* from the server, not yet read by the cart */
  /* What it is told to do. */
  uint64_t open_ms;    /* how long a connection takes to open */
  uint64_t opens_at;   /* 0: none is opening */
  bool refuses_open;
  bool holds_sends;    /* takes data and does not say SEND OK */
  const char *early;   /* the server's answer to the first write, whole or not; null: it waits for the whole request */
  unsigned opened;
} bench_modem;

typedef struct {
  uint8_t bytes[160];
  size_t size;
  uint8_t point[64];
  uint32_t counter;
  bool awake;
  uint8_t digest[32]; /* TempKey */
  bool is_silent;
  uint8_t refused[2]; /* opcode and mode of what is refused, `refusals` times */
  unsigned refusals;
  bool accepts; /* every signature that it verifies */
  unsigned done[256]; /* by opcode */
} bench_element;

struct bench {
  runtime rt;
  host_port port;
  uint8_t flash[HOST_FLASH_SIZE];
  cart_factory factory;
  bench_line in[HAL_CHANNELS];
  bench_line out[HAL_CHANNELS]; /* but the modem's and the element's */
  size_t write_most;            /* a line takes at most so many bytes at once; 0: all */
  bool loses_power;             /* the supply does not answer */
  bench_modem modem;
  bench_element element;
  bench_server serve;
  char request[BENCH_REQUEST_MAX];
  size_t request_size;
  unsigned requests;
  void *owner; /* the test's */
};

/** Everything as it leaves the factory: no image in a slot, hardware 7, security counter 1. Not switched on. */
void bench_init(bench *b, bench_server serve);
/** Writes the factory's record as `factory` stands. */
void bench_put_factory(bench *b);
/** Power on: RAM is gone, flash and element stay. @return runtime_init's */
bool bench_start(bench *b, const manifest_keys *keys);
/** bench_init, bench_start with no keys, and what follows until the modem has the network. */
void bench_ready(bench *b, bench_server serve);
/** Passes for so long. */
void bench_run(bench *b, uint64_t ms);
/** Passes until there is nothing more to do at this moment. */
void bench_settle(bench *b);

/** Bytes for the cart on one of its lines. */
void bench_say(bench *b, hal_channel channel, const void *bytes, size_t size);
void bench_say_text(bench *b, hal_channel channel, const char *text);
/** Whether these bytes are in what the cart wrote to a line. */
bool bench_wrote(const bench *b, hal_channel channel, const void *bytes, size_t size);

/** An answer of the server, byte for byte. */
void bench_answer(bench *b, const void *bytes, size_t size);
void bench_answer_text(bench *b, const char *text);
/** The server closes the connection. */
void bench_hang_up(bench *b);

/** Carries out an effect that sends `body` to `path`. */
void bench_post(bench *b, const char *path, const char *body);

#endif
