#include "se608.h"

#include <string.h>

#define WORD_COMMAND 0x03u
#define WORD_WAKE 0x00u
#define WORD_IDLE 0x02u

#define STATUS_OK 0x00u
#define STATUS_MISMATCH 0x01u
#define STATUS_WOKEN 0x11u
/* The watchdog is about to put it to sleep. */
#define STATUS_WATCHDOG 0xEEu
/* It read our command with a wrong CRC, so it did nothing. */
#define STATUS_OUR_CRC 0xFFu

/* Noise on the line has ended when nothing came for this long. */
#define QUIET_MS 20u
#define WAKE_MS 50u
/* count, status, CRC. */
#define STATUS_SIZE 4u
#define RESPONSE_MIN STATUS_SIZE

/* One command: what to send besides the operation's input, how long the chip may take, what it answers. */
typedef struct {
  uint8_t opcode;
  uint8_t p1;
  uint16_t p2;
  /* The part of the input that goes along. */
  uint8_t from;
  uint8_t size;
  /* Data sheet's maximum at the slowest clock divider, with some for the line, ms. */
  uint16_t longest_ms;
  /* Data bytes of a good answer; 0: a status. */
  uint8_t answer;
} command;

/* Sign and Verify come second, behind the digest, whose own answer is a status that ends nothing. */
#define PROOF_STEP 2u
#define DIGEST_AND_PROOF (SE608_SIGNATURE_SIZE + SE608_POINT_SIZE)

/* Nonce, pass-through into TempKey: how a digest that was computed outside gets in. */
static const command LOAD_DIGEST = {0x16u, 0x03u, 0u, 0u, SE608_DIGEST_SIZE, 100u, 0u};

static const command COMMANDS[] = {
    [SE608_SIGN] = {0x41u, 0x80u, SE608_CART_KEY_SLOT, 0u, 0u, 715u, SE608_SIGNATURE_SIZE},
    /* External public key on P-256. */
    [SE608_VERIFY] = {0x45u, 0x02u, 0x0004u, SE608_DIGEST_SIZE, DIGEST_AND_PROOF, 1135u, 0u},
    /* GenKey in its public mode: computes the public key, makes none. */
    [SE608_PUBLIC_KEY] = {0x40u, 0x00u, SE608_CART_KEY_SLOT, 0u, 0u, 703u, SE608_POINT_SIZE},
    [SE608_RANDOM] = {0x1Bu, 0x00u, 0u, 0u, 0u, 100u, 32u},
    /* 32 bytes of the configuration zone: the serial is bytes 0 to 3 and 8 to 12. */
    [SE608_READ_SERIAL] = {0x02u, 0x80u, 0u, 0u, 0u, 60u, 32u},
    [SE608_INFO] = {0x30u, 0x00u, 0u, 0u, 0u, 60u, 4u},
    [SE608_COUNTER_READ] = {0x24u, 0x00u, SE608_SECURITY_COUNTER, 0u, 0u, 75u, 4u},
    [SE608_COUNTER_INCREMENT] = {0x24u, 0x01u, SE608_SECURITY_COUNTER, 0u, 0u, 75u, 4u},
};

uint16_t se608_crc(const uint8_t *bytes, size_t size)
{
  uint16_t crc = 0;
  for (size_t i = 0; i < size; i++) {
    for (unsigned bit = 0; bit < 8u; bit++) {
      const unsigned data = ((unsigned)bytes[i] >> bit) & 1u;
      const unsigned top = (unsigned)crc >> 15;
      crc = (uint16_t)(crc << 1);
      if (data != top) {
        crc ^= 0x8005u;
      }
    }
  }
  return crc;
}

void se608_init(se608 *se)
{
  memset(se, 0, sizeof *se);
  se->state = SE608_IDLE;
}

static bool needs_digest(se608_operation operation)
{
  return operation == SE608_SIGN || operation == SE608_VERIFY;
}

static void wake(se608 *se, uint64_t now_ms)
{
  se->step = 0;
  se->quiet = false;
  se->in_size = 0;
  /* An idle of the operation before may still be waiting here. */
  se->out[se->out_size] = WORD_WAKE;
  se->out_size++;
  se->deadline_ms = now_ms + WAKE_MS;
}

static bool begin(se608 *se, se608_operation operation, uint64_t now_ms)
{
  if (se->state == SE608_BUSY) {
    return false;
  }
  se->operation = operation;
  se->state = SE608_BUSY;
  se->attempt = 1;
  se->chip_status = STATUS_OK;
  se->response_size = 0;
  if (se->out_size > 1u) {
    /* A command that nobody wrote is void. */
    se->out_size = 0;
  }
  wake(se, now_ms);
  return true;
}

bool se608_start(se608 *se, se608_operation operation, uint64_t now_ms)
{
  return !needs_digest(operation) && begin(se, operation, now_ms);
}

bool se608_start_sign(se608 *se, const uint8_t digest[SE608_DIGEST_SIZE], uint64_t now_ms)
{
  if (!begin(se, SE608_SIGN, now_ms)) {
    return false;
  }
  memcpy(se->input, digest, SE608_DIGEST_SIZE);
  return true;
}

bool se608_start_verify(se608 *se, const uint8_t digest[SE608_DIGEST_SIZE],
                        const uint8_t signature[SE608_SIGNATURE_SIZE], const uint8_t point[SE608_POINT_SIZE],
                        uint64_t now_ms)
{
  if (!begin(se, SE608_VERIFY, now_ms)) {
    return false;
  }
  memcpy(se->input, digest, SE608_DIGEST_SIZE);
  memcpy(se->input + SE608_DIGEST_SIZE, signature, SE608_SIGNATURE_SIZE);
  memcpy(se->input + SE608_DIGEST_SIZE + SE608_SIGNATURE_SIZE, point, SE608_POINT_SIZE);
  return true;
}

/* The command of the step under way; step 0 is the wake and has none. */
static const command *current(const se608 *se)
{
  return se->step == 1u && needs_digest(se->operation) ? &LOAD_DIGEST : &COMMANDS[se->operation];
}

static void next_command(se608 *se, uint64_t now_ms)
{
  se->step++;
  const command *next = current(se);
  se->out[0] = WORD_COMMAND;
  se->out[1] = (uint8_t)(7u + next->size);
  se->out[2] = next->opcode;
  se->out[3] = next->p1;
  se->out[4] = (uint8_t)(next->p2 & 0xFFu);
  se->out[5] = (uint8_t)(next->p2 >> 8);
  memcpy(se->out + 6, se->input + next->from, next->size);
  const uint16_t crc = se608_crc(se->out + 1, 5u + (size_t)next->size);
  se->out[6u + next->size] = (uint8_t)(crc & 0xFFu);
  se->out[7u + next->size] = (uint8_t)(crc >> 8);
  se->out_size = (uint8_t)(8u + next->size);
  se->in_size = 0;
  se->deadline_ms = now_ms + next->longest_ms;
}

static void finish(se608 *se, se608_state state)
{
  se->state = state;
  se->in_size = 0;
  /* Idle keeps its RAM and stops its watchdog; it answers nothing. */
  se->out[0] = WORD_IDLE;
  se->out_size = 1;
}

/* @param done whether the chip may have carried the command out. */
static void retry(se608 *se, se608_state failure, bool done, uint64_t now_ms)
{
  const bool once = se->operation == SE608_COUNTER_INCREMENT && se->step != 0u && done;
  if (se->attempt == SE608_ATTEMPTS || once) {
    finish(se, failure);
    return;
  }
  se->attempt++;
  se->quiet = true;
  se->out_size = 0;
  se->in_size = 0;
  se->deadline_ms = now_ms + QUIET_MS;
}

static void judge_status(se608 *se, uint8_t status, uint64_t now_ms)
{
  se->chip_status = status;
  if (se->step == 0u) {
    if (status == STATUS_WOKEN) {
      next_command(se, now_ms);
    } else {
      retry(se, SE608_WAKE, false, now_ms);
    }
    return;
  }
  switch (status) {
  case STATUS_OK:
    if (current(se)->answer != 0u) {
      /* It owes data, not a status. */
      finish(se, SE608_REFUSED);
    } else if (se->step == PROOF_STEP) {
      finish(se, SE608_DONE);
    } else {
      next_command(se, now_ms);
    }
    break;
  case STATUS_OUR_CRC:
    retry(se, SE608_CRC, false, now_ms);
    break;
  case STATUS_WATCHDOG:
  case STATUS_WOKEN:
    retry(se, SE608_WAKE, false, now_ms);
    break;
  case STATUS_MISMATCH:
    finish(se, se->operation == SE608_VERIFY && se->step == PROOF_STEP ? SE608_MISMATCH : SE608_REFUSED);
    break;
  default:
    finish(se, SE608_REFUSED);
    break;
  }
}

static void keep_answer(se608 *se)
{
  const uint8_t *data = se->in + 1;
  if (se->operation == SE608_READ_SERIAL) {
    memcpy(se->response, data, 4);
    memcpy(se->response + 4, data + 8, 5);
    se->response_size = SE608_SERIAL_SIZE;
  } else {
    se->response_size = current(se)->answer;
    memcpy(se->response, data, se->response_size);
  }
  finish(se, SE608_DONE);
}

static void judge(se608 *se, uint64_t now_ms)
{
  const size_t count = se->in[0];
  const uint16_t crc = (uint16_t)(se->in[count - 2u] | (uint16_t)(se->in[count - 1u] << 8));
  if (se608_crc(se->in, count - 2u) != crc) {
    retry(se, SE608_CRC, true, now_ms);
  } else if (count == STATUS_SIZE) {
    judge_status(se, se->in[1], now_ms);
  } else if (se->step != 0u && current(se)->answer != 0u && count == current(se)->answer + 3u) {
    keep_answer(se);
  } else {
    /* A good answer to something else: the two are out of step. */
    retry(se, SE608_BUS, true, now_ms);
  }
}

void se608_feed(se608 *se, const uint8_t *bytes, size_t size, uint64_t now_ms)
{
  for (size_t i = 0; i < size; i++) {
    if (se->state != SE608_BUSY) {
      return;
    }
    if (se->quiet) {
      se->deadline_ms = now_ms + QUIET_MS;
      continue;
    }
    se->in[se->in_size] = bytes[i];
    se->in_size++;
    if (se->in[0] < RESPONSE_MIN || se->in[0] > SE608_RESPONSE_MAX) {
      retry(se, SE608_CRC, true, now_ms);
    } else if (se->in_size == se->in[0]) {
      judge(se, now_ms);
    }
  }
}

size_t se608_take(se608 *se, uint8_t *out, size_t capacity)
{
  const size_t size = se->out_size < capacity ? se->out_size : capacity;
  memcpy(out, se->out, size);
  memmove(se->out, se->out + size, (size_t)se->out_size - size);
  se->out_size = (uint8_t)(se->out_size - size);
  return size;
}

se608_state se608_tick(se608 *se, uint64_t now_ms)
{
  if (se->state == SE608_BUSY && now_ms >= se->deadline_ms) {
    if (se->quiet) {
      wake(se, now_ms);
    } else {
      retry(se, se->step == 0u ? SE608_WAKE : SE608_BUS, true, now_ms);
    }
  }
  return se->state;
}

uint32_t se608_counter(const se608 *se)
{
  return (uint32_t)se->response[0] | ((uint32_t)se->response[1] << 8) | ((uint32_t)se->response[2] << 16) |
         ((uint32_t)se->response[3] << 24);
}
