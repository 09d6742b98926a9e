#include "check.h"
#include "se608.h"

static se608 se;
static uint8_t out[160];
static uint64_t now;

static size_t take(void)
{
  return se608_take(&se, out, sizeof out);
}

/* The chip answers `size` bytes of data. */
static void answer(const uint8_t *data, size_t size)
{
  uint8_t wire[80];
  wire[0] = (uint8_t)(size + 3u);
  memcpy(wire + 1, data, size);
  const uint16_t crc = se608_crc(wire, size + 1u);
  wire[size + 1u] = (uint8_t)(crc & 0xFFu);
  wire[size + 2u] = (uint8_t)(crc >> 8);
  se608_feed(&se, wire, size + 3u, now);
}

static void status(uint8_t code)
{
  answer(&code, 1);
}

static void answer_wake(void)
{
  (void)take();
  status(0x11);
}

static void fresh(void)
{
  se608_init(&se);
  now = 1000;
}

/* Lets the time for an answer pass, and the silence behind it. */
static void time_out(void)
{
  now += 2000;
  (void)se608_tick(&se, now);
  now += 2000;
  (void)se608_tick(&se, now);
}

int main(void)
{
  uint8_t digest[32];
  uint8_t signature[64];
  uint8_t point[64];
  memset(digest, 0xD1, sizeof digest);
  memset(signature, 0x51, sizeof signature);
  memset(point, 0x90, sizeof point);

  IT("computes the data sheet's CRC: a wake is answered with 04 11 33 43") {
    CHECK_EQ(se608_crc((const uint8_t *)"\x04\x11", 2), 0x4333);
  }

  IT("signs: wake, the digest into TempKey, the signature out, idle") {
    fresh();
    CHECK_EQ(se608_tick(&se, now), SE608_IDLE);
    CHECK(se608_start_sign(&se, digest, now));
    CHECK_EQ(take(), 1);
    CHECK_EQ(out[0], 0x00);
    status(0x11);
    CHECK_EQ(take(), 8 + 32);
    CHECK_BYTES(out, "\x03\x27\x16\x03\x00\x00", 6);
    CHECK_BYTES(out + 6, digest, 32);
    CHECK_EQ(se608_crc(out + 1, 37), out[38] | (out[39] << 8));
    status(0x00);
    CHECK_EQ(take(), 8);
    CHECK_BYTES(out, "\x03\x07\x41\x80\x00\x00", 6);
    CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
    answer(signature, 64);
    CHECK_EQ(se608_tick(&se, now), SE608_DONE);
    CHECK_EQ(se.response_size, 64);
    CHECK_BYTES(se.response, signature, 64);
    CHECK_EQ(take(), 1);
    CHECK_EQ(out[0], 0x02);
  }

  IT("verifies with the public key that it is given, and tells a mismatch from a refusal") {
    for (unsigned round = 0; round < 3u; round++) {
      fresh();
      CHECK(se608_start_verify(&se, digest, signature, point, now));
      answer_wake();
      (void)take();
      status(0x00);
      CHECK_EQ(take(), 8 + 128);
      CHECK_BYTES(out, "\x03\x87\x45\x02\x04\x00", 6);
      CHECK_BYTES(out + 6, signature, 64);
      CHECK_BYTES(out + 70, point, 64);
      const uint8_t codes[] = {0x00, 0x01, 0x0F};
      const se608_state states[] = {SE608_DONE, SE608_MISMATCH, SE608_REFUSED};
      status(codes[round]);
      CHECK_EQ(se608_tick(&se, now), states[round]);
      CHECK_EQ(se.chip_status, codes[round]);
      CHECK_EQ(se.response_size, 0);
    }
  }

  IT("takes a mismatch for nothing else than a signature's") {
    fresh();
    CHECK(se608_start_verify(&se, digest, signature, point, now));
    answer_wake();
    (void)take();
    status(0x01);
    CHECK_EQ(se608_tick(&se, now), SE608_REFUSED);
    fresh();
    CHECK(se608_start(&se, SE608_RANDOM, now));
    answer_wake();
    status(0x01);
    CHECK_EQ(se608_tick(&se, now), SE608_REFUSED);
  }

  IT("takes an OK for no answer where data is due") {
    fresh();
    CHECK(se608_start(&se, SE608_RANDOM, now));
    answer_wake();
    status(0x00);
    CHECK_EQ(se608_tick(&se, now), SE608_REFUSED);
  }

  IT("reads the serial out of the configuration zone") {
    fresh();
    uint8_t zone[32];
    for (uint8_t i = 0; i < 32u; i++) {
      zone[i] = i;
    }
    CHECK(se608_start(&se, SE608_READ_SERIAL, now));
    answer_wake();
    CHECK_EQ(take(), 8);
    CHECK_BYTES(out, "\x03\x07\x02\x80\x00\x00", 6);
    answer(zone, 32);
    CHECK_EQ(se608_tick(&se, now), SE608_DONE);
    CHECK_EQ(se.response_size, 9);
    CHECK_BYTES(se.response, "\x00\x01\x02\x03\x08\x09\x0A\x0B\x0C", 9);
  }

  IT("asks for its public key, randomness, revision and counter") {
    const struct {
      se608_operation operation;
      const char *command;
      size_t size;
    } cases[] = {{SE608_PUBLIC_KEY, "\x03\x07\x40\x00\x00\x00", 64},
                 {SE608_RANDOM, "\x03\x07\x1B\x00\x00\x00", 32},
                 {SE608_INFO, "\x03\x07\x30\x00\x00\x00", 4},
                 {SE608_COUNTER_READ, "\x03\x07\x24\x00\x00\x00", 4},
                 {SE608_COUNTER_INCREMENT, "\x03\x07\x24\x01\x00\x00", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
      fresh();
      CHECK(se608_start(&se, cases[i].operation, now));
      answer_wake();
      CHECK_EQ(take(), 8);
      CHECK_BYTES(out, cases[i].command, 6);
      answer(point, cases[i].size);
      CHECK_EQ(se608_tick(&se, now), SE608_DONE);
      CHECK_EQ(se.response_size, cases[i].size);
    }
    CHECK_EQ(se608_counter(&se), 0x90909090u);
  }

  IT("does one operation at a time, and starts none without its input") {
    fresh();
    CHECK(!se608_start(&se, SE608_SIGN, now));
    CHECK(!se608_start(&se, SE608_VERIFY, now));
    CHECK(se608_start_sign(&se, digest, now));
    CHECK(!se608_start_sign(&se, digest, now));
    CHECK(!se608_start_verify(&se, digest, signature, point, now));
    CHECK(!se608_start(&se, SE608_INFO, now));
  }

  IT("sends an idle that was not yet written before the next wake, and nothing of a command that was not") {
    fresh();
    CHECK(se608_start(&se, SE608_INFO, now));
    answer_wake();
    answer(point, 4);
    CHECK(se608_start(&se, SE608_INFO, now));
    CHECK_EQ(take(), 2);
    CHECK_BYTES(out, "\x02\x00", 2);
    status(0x11);
    se.state = SE608_REFUSED;
    CHECK(se608_start(&se, SE608_INFO, now));
    CHECK_EQ(take(), 1);
    CHECK_EQ(out[0], 0x00);
  }

  IT("gives its bytes in pieces when the line takes no more") {
    fresh();
    CHECK(se608_start(&se, SE608_INFO, now));
    answer_wake();
    CHECK_EQ(se608_take(&se, out, 5), 5);
    CHECK_EQ(se608_take(&se, out + 5, 5), 3);
    CHECK_EQ(take(), 0);
    CHECK_EQ(se608_crc(out + 1, 5), out[6] | (out[7] << 8));
  }

  IT("tells a bus that is silent from a chip that does not wake") {
    fresh();
    CHECK(se608_start(&se, SE608_INFO, now));
    for (unsigned i = 0; i < SE608_ATTEMPTS; i++) {
      CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
      time_out();
    }
    CHECK_EQ(se608_tick(&se, now), SE608_WAKE);
    fresh();
    CHECK(se608_start(&se, SE608_INFO, now));
    for (unsigned i = 0; i < SE608_ATTEMPTS; i++) {
      answer_wake();
      CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
      time_out();
    }
    CHECK_EQ(se608_tick(&se, now), SE608_BUS);
  }

  IT("tries anew after noise and after a wrong CRC on either side, from the wake on") {
    fresh();
    CHECK(se608_start_sign(&se, digest, now));
    answer_wake();
    (void)take();
    status(0xFF);
    CHECK_EQ(take(), 0);
    se608_feed(&se, (const uint8_t *)"\x07\x07", 2, now + 15u);
    CHECK_EQ(se608_tick(&se, now + 20u), SE608_BUSY);
    CHECK_EQ(take(), 0);
    now += 40u;
    CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
    CHECK_EQ(take(), 1);
    se608_feed(&se, (const uint8_t *)"\x04\x11\x33\x44", 4, now);
    now += 20u;
    (void)se608_tick(&se, now);
    answer_wake();
    (void)take();
    status(0x00);
    answer(signature, 64);
    CHECK_EQ(se608_tick(&se, now), SE608_DONE);
  }

  IT("gives up after three attempts, saying what was wrong") {
    const struct {
      const char *bytes;
      size_t size;
      se608_state state;
    } cases[] = {{"\x04\x00\x00\x00", 4, SE608_CRC}, {"\x03", 1, SE608_CRC}, {"\x44", 1, SE608_CRC}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
      fresh();
      CHECK(se608_start(&se, SE608_INFO, now));
      for (unsigned attempt = 0; attempt < SE608_ATTEMPTS; attempt++) {
        CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
        answer_wake();
        se608_feed(&se, (const uint8_t *)cases[i].bytes, cases[i].size, now);
        now += 20u;
        (void)se608_tick(&se, now);
      }
      CHECK_EQ(se608_tick(&se, now), cases[i].state);
    }
  }

  IT("wakes it anew when its watchdog put it to sleep or it answers as if it had just woken") {
    const uint8_t codes[] = {0xEE, 0x11};
    for (unsigned i = 0; i < 2u; i++) {
      fresh();
      CHECK(se608_start(&se, SE608_INFO, now));
      answer_wake();
      status(codes[i]);
      now += 20u;
      CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
      answer_wake();
      answer(point, 4);
      CHECK_EQ(se608_tick(&se, now), SE608_DONE);
    }
  }

  IT("takes another status than woken for no wake") {
    fresh();
    CHECK(se608_start(&se, SE608_INFO, now));
    for (unsigned attempt = 0; attempt < SE608_ATTEMPTS; attempt++) {
      status(0x00);
      now += 20u;
      (void)se608_tick(&se, now);
    }
    CHECK_EQ(se608_tick(&se, now), SE608_WAKE);
  }

  IT("falls out of step for good answers of another size: in a wake, in a nonce, in a read") {
    fresh();
    CHECK(se608_start_sign(&se, digest, now));
    answer(point, 32);
    now += 20u;
    (void)se608_tick(&se, now);
    answer_wake();
    answer(point, 32);
    now += 20u;
    (void)se608_tick(&se, now);
    answer_wake();
    status(0x00);
    answer(point, 32);
    CHECK_EQ(se608_tick(&se, now), SE608_BUS);
  }

  IT("never increments a counter twice: with its command gone, silence and noise end the attempt") {
    fresh();
    CHECK(se608_start(&se, SE608_COUNTER_INCREMENT, now));
    time_out();
    answer_wake();
    CHECK_EQ(take(), 8);
    now += 2000u;
    CHECK_EQ(se608_tick(&se, now), SE608_BUS);
    fresh();
    CHECK(se608_start(&se, SE608_COUNTER_INCREMENT, now));
    answer_wake();
    status(0xFF);
    now += 20u;
    CHECK_EQ(se608_tick(&se, now), SE608_BUSY);
    answer_wake();
    se608_feed(&se, (const uint8_t *)"\x01", 1, now);
    CHECK_EQ(se608_tick(&se, now), SE608_CRC);
  }

  IT("drops what comes when nothing is due") {
    fresh();
    se608_feed(&se, (const uint8_t *)"\x04\x11\x33\x43", 4, now);
    CHECK_EQ(se608_tick(&se, now), SE608_IDLE);
    CHECK_EQ(take(), 0);
  }

  return check_report("se608");
}
