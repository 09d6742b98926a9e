/**
 * The secure element (ATECC608) by its data sheet's wire format: bytes after the word address, so the same on I2C and
 * on a UART.
 *
 *   to it    03  count  opcode  p1  p2 (2 bytes, little endian)  data  CRC-16 (little endian); or 00 wake, 02 idle
 *   from it  count  data  CRC-16
 *
 * One operation at a time: start one, write what se608_take gives, feed what comes, tick. It wakes the chip before
 * each operation, idles it afterwards, and tries anew after noise on the bus; never after a status that the chip gave. A
 * counter's increment is not tried anew once its command has left, as it may have been done: read the counter instead.
 * The private key is made in the chip and stays there: no command here could move it.
 */
#ifndef CART_CORE_SE608_H
#define CART_CORE_SE608_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SE608_DIGEST_SIZE 32u
#define SE608_SIGNATURE_SIZE 64u
/* X and Y without the 04 before them. */
#define SE608_POINT_SIZE 64u
#define SE608_SERIAL_SIZE 9u
/* count, opcode, p1, p2, a signature and a point, CRC; after the word address. */
#define SE608_COMMAND_MAX (1u + 7u + SE608_SIGNATURE_SIZE + SE608_POINT_SIZE)
#define SE608_RESPONSE_MAX (3u + 64u)
#define SE608_ATTEMPTS 3u

/* Slot of the cart's key, and the counter that holds the firmware's security counter. */
#define SE608_CART_KEY_SLOT 0u
#define SE608_SECURITY_COUNTER 0u

typedef enum {
  SE608_SIGN,
  SE608_VERIFY,
  SE608_PUBLIC_KEY,
  SE608_RANDOM,
  SE608_READ_SERIAL,
  SE608_INFO,
  SE608_COUNTER_READ,
  SE608_COUNTER_INCREMENT
} se608_operation;

/* Who failed is told apart: the bus, the wake, the CRC or the chip. */
typedef enum {
  SE608_IDLE,
  SE608_BUSY,
  /* response, size: SIGN 64, PUBLIC_KEY 64, RANDOM 32, READ_SERIAL 9, INFO 4, COUNTER 4 (little endian), VERIFY 0. */
  SE608_DONE,
  /* VERIFY alone: the signature does not match. */
  SE608_MISMATCH,
  /* No answer in the data sheet's maximum time, in all attempts. */
  SE608_BUS,
  /* It answers, but not to the wake. */
  SE608_WAKE,
  /* Its answers' CRC is wrong, or it says that ours is, in all attempts. */
  SE608_CRC,
  /* chip_status says what the chip refused. */
  SE608_REFUSED
} se608_state;

typedef struct {
  se608_operation operation;
  se608_state state;
  /* Step 0 is the wake, the others are the operation's commands. */
  uint8_t step;
  uint8_t attempt;
  /* Waiting for the line to fall silent before another attempt. */
  bool quiet;
  uint8_t chip_status;
  uint64_t deadline_ms;
  uint8_t out[SE608_COMMAND_MAX + 1u];
  uint8_t out_size;
  uint8_t in[SE608_RESPONSE_MAX];
  uint8_t in_size;
  /* The operation's input: digest, or digest, signature and point. */
  uint8_t input[SE608_DIGEST_SIZE + SE608_SIGNATURE_SIZE + SE608_POINT_SIZE];
  uint8_t response[SE608_SIGNATURE_SIZE];
  uint8_t response_size;
} se608;

void se608_init(se608 *se);

/** Starters return false, and change nothing, while an operation is under way. */
bool se608_start_sign(se608 *se, const uint8_t digest[SE608_DIGEST_SIZE], uint64_t now_ms);
bool se608_start_verify(se608 *se, const uint8_t digest[SE608_DIGEST_SIZE],
            const uint8_t signature[SE608_SIGNATURE_SIZE], const uint8_t point[SE608_POINT_SIZE],
            uint64_t now_ms);
/** Operations without input: PUBLIC_KEY, RANDOM, READ_SERIAL, INFO, COUNTER_READ, COUNTER_INCREMENT. */
bool se608_start(se608 *se, se608_operation operation, uint64_t now_ms);

/** Bytes for the chip; they count as written. @return how many, at most `capacity`. */
size_t se608_take(se608 *se, uint8_t *out, size_t capacity);
/** Bytes from the chip. Those that no answer was due for are dropped. */
void se608_feed(se608 *se, const uint8_t *bytes, size_t size, uint64_t now_ms);
/** @return the state; any but BUSY and IDLE stays until the next start. */
se608_state se608_tick(se608 *se, uint64_t now_ms);

/** COUNTER_READ and COUNTER_INCREMENT's answer. */
uint32_t se608_counter(const se608 *se);

/** CRC-16 of the data sheet: polynomial 8005, bits of each byte from the least, little endian on the wire. */
uint16_t se608_crc(const uint8_t *bytes, size_t size);

#endif
