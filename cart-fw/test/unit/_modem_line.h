/*
 * The modem's driver with the other end of its line held by the test: what it writes is compared, what the modem answers
 * is written out, and time passes when it is told to.
 */
#ifndef CARTWRIGHT_TEST_MODEM_LINE_H
#define CARTWRIGHT_TEST_MODEM_LINE_H

#include "check.h"
#include "modem.h"

static const modem_config CONFIG = {"eu.cart.example", 8443, "iot.example"};
static modem m;
static uint64_t now;
static char out[2048];
static modem_event seen[32];
static unsigned seen_count;
static uint8_t bytes[4096];

static inline const char *take(void)
{
  size_t size = 0;
  for (;;) {
    const size_t more = modem_take(&m, (uint8_t *)out + size, 100);
    if (more == 0u) {
      out[size] = '\0';
      return out;
    }
    size += more;
  }
}

static inline void note(modem_event event)
{
  if (event.kind != MODEM_NOTHING && seen_count < 32u) {
    seen[seen_count] = event;
    seen_count++;
  }
}

static inline void tick(uint64_t ms)
{
  now += ms;
  note(modem_tick(&m, now));
}

static inline void say(const char *text)
{
  for (size_t i = 0; text[i] != '\0'; i++) {
    note(modem_feed(&m, (uint8_t)text[i], now));
  }
}

/* The only event since the last time it was asked, MODEM_NOTHING where there was none. */
static inline modem_event_kind event(void)
{
  const modem_event_kind kind = seen_count == 1u ? seen[0].kind : MODEM_NOTHING;
  CHECK(seen_count <= 1u);
  seen_count = 0;
  return kind;
}

#define SAYS(text) CHECK(strcmp(take(), (text)) == 0)

static inline void set_up(void)
{
  static const char *steps[] = {"AT+CEREG=1\r",
                                "AT+QSSLCFG=\"sslversion\",1,3\r",
                                "AT+QSSLCFG=\"seclevel\",1,1\r",
                                "AT+QSSLCFG=\"cacert\",1,\"root.pem\"\r",
                                "AT+QSSLCFG=\"sni\",1,1\r",
                                "AT+QSSLCFG=\"checkhost\",1,1\r",
                                "AT+QSSLCFG=\"session\",1,1\r"};
  tick(300);
  SAYS("ATE0\r");
  say("\r\nOK\r\n");
  SAYS("");
  tick(300);
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    SAYS(steps[i]);
    say("\r\nOK\r\n");
  }
  SAYS("AT+QSSLCLOSE=0\r");
  say("\r\nERROR\r\n");
  SAYS("AT+QIDEACT=1\r");
  say("\r\n+CME ERROR: 3\r\n");
  SAYS("AT+QICSGP=1,1,\"iot.example\"\r");
  say("\r\nOK\r\n");
  CHECK_EQ(m.state, MODEM_SEARCHING);
}

static inline void registered(void)
{
  seen_count = 0;
  now = 1000;
  modem_init(&m, &CONFIG);
  set_up();
  SAYS("AT+CEREG?\r");
  say("\r\n+CEREG: 1,5\r\n\r\nOK\r\n");
  SAYS("AT+QIACT=1\r");
  say("\r\nOK\r\n");
  CHECK_EQ(event(), MODEM_READY);
}

static inline void connected(void)
{
  registered();
  CHECK(modem_connect(&m, now));
  tick(0);
  SAYS("AT+QSSLOPEN=1,1,0,\"eu.cart.example\",8443,0\r");
  say("\r\nOK\r\n\r\n+QSSLOPEN: 0,0\r\n");
  CHECK_EQ(event(), MODEM_OPEN);
}

/* After a fall: told once, then set up from the start. */
static inline void lost(void)
{
  CHECK_EQ(event(), MODEM_LOST);
  (void)take();
  CHECK_EQ(m.state, MODEM_SETUP);
  set_up();
}

/* What is sent: letters. */
static inline void fill_bytes(void)
{
  for (size_t i = 0; i < sizeof bytes; i++) {
    bytes[i] = (uint8_t)('a' + (i % 26u));
  }
}

#endif
