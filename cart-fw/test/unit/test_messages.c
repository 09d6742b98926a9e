/* What the cart says: each message of protocol/vectors/messages.json is made here from values, to the same bytes. */
#include "check.h"

#include "_vectors.h"
#include "cose.h"
#include "messages.h"
#include "secret.h"

#define NOW 1795262400000u

static const uint8_t SESSION[16] = {0x01, 0x93, 0x45, 0x6b, 0x8a, 0x00, 0x7c, 0x3d,
                                    0x9e, 0x4f, 0x5a, 0x6b, 0x7c, 0x8d, 0x9e, 0xaf};
static const uint8_t HANDOFF[16] = {0x01, 0x93, 0x45, 0x6b, 0xff, 0xff, 0x70, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 0x0a};
static uint8_t memory[VECTOR_BYTES_MAX];
static fw_buffer out;
static eat_claims claims;
static msg_envelope envelope;

static void count_up(uint8_t *bytes, size_t size, unsigned first)
{
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (uint8_t)(first + i);
  }
}

static void reset(void)
{
  static const uint8_t serial[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
  out = fw_buffer_over(memory, sizeof memory);
  count_up(claims.nonce, 16, 0x10);
  count_up(claims.digest, 32, 0x20);
  memcpy(claims.serial, serial, 16);
  claims.debug = EAT_DEBUG_DISABLED_FULLY;
  claims.boot = 7;
  claims.version = fw_bytes_of_text("1.4.2");
  claims.security_counter = 3;
  claims.reader = fw_bytes_of_text("RDR-0042");
  envelope.session = NULL;
  envelope.boot = 7;
  envelope.seq = 0;
  envelope.time_ms = NOW;
}

/* --- events --- */

static msg_optional some(uint64_t value)
{
  const msg_optional optional = {true, value};
  return optional;
}

static msg_event scan(const char *code, uint32_t quantity)
{
  msg_event event = {.kind = MSG_EVENT_SCAN};
  event.as.scan.code = fw_bytes_of_text(code);
  event.as.scan.quantity = quantity;
  return event;
}

static msg_event removal(uint16_t line)
{
  msg_event event = {.kind = MSG_EVENT_REMOVE};
  event.as.remove.line = line;
  return event;
}

static msg_event weight(uint32_t grams)
{
  msg_event event = {.kind = MSG_EVENT_WEIGHT};
  event.as.weight.grams = grams;
  return event;
}

static msg_event health(uint8_t battery, int16_t signal)
{
  msg_event event = {.kind = MSG_EVENT_HEALTH};
  event.as.health.battery_percent = battery;
  event.as.health.signal_dbm = signal;
  return event;
}

static msg_event fault(uint16_t code, uint32_t detail)
{
  msg_event event = {.kind = MSG_EVENT_FAULT};
  event.as.fault.code = code;
  event.as.fault.detail = detail;
  return event;
}

static void put_one(msg_event event)
{
  msg_put_event(&out, &event);
}

static void put_at(msg_event event, uint64_t at)
{
  event.at_ms = some(at);
  put_one(event);
}

static void one_of_each(void)
{
  msg_event event = scan("0614141073467", 12);
  msg_begin_events(&out, &envelope, 6);
  event.as.scan.grams = some(500);
  put_at(event, NOW);
  event = removal(1);
  event.as.remove.quantity = some(2);
  put_at(event, NOW + 1u);
  put_one(removal(65535));
  put_one(weight(4294967295u));
  put_one(health(100, -97));
  put_at(fault(513, 4294967295u), NOW + 2u);
}

static void beyond_ascii(void)
{
  msg_event event = scan("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 99);
  event.as.scan.grams = some(0);
  msg_begin_events(&out, &envelope, 1);
  put_at(event, 0);
}

static void two_hundred(void)
{
  msg_begin_events(&out, &envelope, 200);
  for (uint32_t i = 0; i < 200; i++) {
    put_one(weight(i * 20u));
  }
}

static void one_scan(void)
{
  msg_begin_events(&out, &envelope, 1);
  put_one(scan("4006381333931", 1));
}

/* --- the other bodies --- */

static void attestation(void)
{
  static vectors statements;
  static uint8_t beacon[VECTOR_BYTES_MAX];
  vectors_open(&statements, "statements.json");
  (void)vectors_next(&statements); /* the first one is the beacon's */
  msg_put_attestation(&out, &envelope, &claims, vectors_bytes(&statements, "frame", beacon));
  (void)fclose(statements.file);
}

static void open_plain(void)
{
  msg_put_open(&out, &envelope, &claims);
}

static void open_greatest(void)
{
  claims.debug = EAT_DEBUG_ENABLED;
  claims.boot = 4294967295u;
  claims.version = fw_bytes_of_text("vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
  claims.security_counter = 4294967295u;
  claims.reader = fw_bytes_of_text("rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr");
  msg_put_open(&out, &envelope, &claims);
}

static void unlink_shopper(void)
{
  msg_put_unlink(&out, &envelope);
}

static void checkout(void)
{
  msg_put_checkout(&out, &envelope, 24, fw_bytes_of_text("T-07"));
}

static void payment(void)
{
  uint8_t basket[32];
  count_up(basket, sizeof basket, 0x40);
  msg_put_payment(&out, &envelope, HANDOFF, fw_bytes_of_text("AUTH-000123"), basket);
}

static void close_session(void)
{
  msg_put_close(&out, &envelope, 26);
}

static void telemetry(void)
{
  msg_begin_telemetry(&out, &envelope, 2);
  put_one(health(0, -200));
  put_at(fault(0, 0), NOW);
}

static void firmware(void)
{
  claims.debug = EAT_DEBUG_ENABLED;
  msg_put_firmware(&out, &envelope, &claims);
}

static const struct {
  const char *name;
  void (*put)(void);
  msg_kind kind;
} MESSAGES[] = {
  {"attestation", attestation, MSG_ATTESTATION},
  {"open", open_plain, MSG_OPEN},
  {"open with the longest texts and greatest numbers", open_greatest, MSG_OPEN},
  {"one scan, the least that it can be", one_scan, MSG_EVENTS},
  {"one event of each kind", one_of_each, MSG_EVENTS},
  {"text beyond ASCII", beyond_ascii, MSG_EVENTS},
  {"200 events", two_hundred, MSG_EVENTS},
  {"unlink", unlink_shopper, MSG_IDENTITY},
  {"checkout", checkout, MSG_CHECKOUT},
  {"payment", payment, MSG_PAYMENT},
  {"close", close_session, MSG_CLOSE},
  {"telemetry", telemetry, MSG_TELEMETRY},
  {"firmware", firmware, MSG_FIRMWARE},
};

/* The three ways of naming a shopper go through a secret, whose bytes come out of its sink alone. */
static const struct {
  const char *name;
  const char *value;
  secret_kind kind;
} SECRETS[] = {
  {"loyalty number", "LOY-0042-1234", SECRET_LOYALTY},
  {"card token", "AbCdEfGhIjKlMnOpQrStUv01", SECRET_CARD},
  {"pairing code", "7QF4-9K2M-TT3X", SECRET_PAIRING},
};

static void append(void *context, fw_bytes bytes)
{
  fw_buffer_put((fw_buffer *)context, bytes);
}

static void check_secret(size_t index, fw_bytes purpose, fw_bytes whole_frame)
{
  static secret_text secret;
  static secret_frame frame;
  uint8_t value[64];
  uint8_t digest[32];
  cose_sign1 parts;
  CHECK_EQ(cose_sign1_decode(whole_frame, &parts), FW_OK);
  memcpy(value, SECRETS[index].value, strlen(SECRETS[index].value));
  CHECK_EQ(secret_take(&secret, SECRETS[index].kind, value, strlen(SECRETS[index].value), 1000), FW_OK);
  CHECK_EQ(secret_frame_begin(&frame, &secret, &envelope, parts.kid.data, purpose, digest), FW_OK);
  CHECK_EQ(secret_frame_finish(&frame, parts.signature.data), FW_OK);
  CHECK_EQ(secret_frame_size(&frame), whole_frame.size);
  CHECK_EQ(secret_frame_send(&frame, 1000, append, &out), FW_OK);
  CHECK(fw_bytes_equal(fw_bytes_written(&out), whole_frame));
}

static void check_kind(msg_kind kind, const char *path, fw_bytes aad)
{
  uint8_t text[128];
  fw_buffer made = fw_buffer_over(text, sizeof text);
  msg_put_path(&made, kind, envelope.session);
  CHECK(fw_bytes_equal(fw_bytes_written(&made), fw_bytes_of_text(path)));
  made = fw_buffer_over(text, sizeof text);
  msg_put_purpose(&made, kind, envelope.session);
  CHECK(fw_bytes_equal(fw_bytes_written(&made), aad));
}

static void check_message(const vectors *file, const char *name, fw_bytes aad)
{
  static uint8_t storage[VECTOR_BYTES_MAX];
  char path[VECTOR_TEXT_MAX];
  vectors_text(file, "path", path);
  for (size_t i = 0; i < sizeof MESSAGES / sizeof MESSAGES[0]; i++) {
    if (strcmp(MESSAGES[i].name, name) == 0) {
      MESSAGES[i].put();
      CHECK_EQ(out.status, FW_OK);
      CHECK(fw_bytes_equal(fw_bytes_written(&out), vectors_bytes(file, "payload", storage)));
      check_kind(MESSAGES[i].kind, path, aad);
      return;
    }
  }
  for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
    if (strcmp(SECRETS[i].name, name) == 0) {
      check_secret(i, aad, vectors_bytes(file, "frame", storage));
      return;
    }
  }
  CHECK(!"a message that this test knows");
}

static void all_messages(void)
{
  static vectors file;
  static uint8_t storage[VECTOR_BYTES_MAX];
  char name[VECTOR_TEXT_MAX];
  size_t count = 0;
  vectors_open(&file, "messages.json");
  while (vectors_next(&file)) {
    reset();
    check_sentence = vectors_text(&file, "name", name);
    envelope.seq = (uint32_t)vectors_number(&file, "seq");
    envelope.time_ms = vectors_number(&file, "time");
    envelope.session = vectors_has_session(&file) ? SESSION : NULL;
    check_message(&file, name, vectors_bytes(&file, "external_aad", storage));
    count++;
  }
  CHECK_EQ(count, sizeof MESSAGES / sizeof MESSAGES[0] + sizeof SECRETS / sizeof SECRETS[0]);
}

static void hello(void)
{
  static vectors file;
  static uint8_t storage[VECTOR_BYTES_MAX];
  static uint8_t kid[VECTOR_BYTES_MAX];
  vectors_open(&file, "hello.json");
  IT("says hello with its key identifier") {
    (void)vectors_next(&file);
    reset();
    msg_put_hello(&out, vectors_bytes(&file, "kid", kid).data);
    CHECK(fw_bytes_equal(fw_bytes_written(&out), vectors_bytes(&file, "payload", storage)));
    check_kind(MSG_HELLO, "/cart/v1/hello", fw_bytes_of_text("cartwright/1 POST /cart/v1/hello"));
  }
  (void)fclose(file.file);
}

/* --- what can't be said --- */

static void check_refused(fw_status status)
{
  CHECK_EQ(out.status, status);
  CHECK_EQ(fw_bytes_written(&out).size, 0);
  reset();
}

static void put_refused(msg_event event)
{
  put_one(event);
  check_refused(FW_ERR_FIELD);
}

static void out_of_range(void)
{
  static char longest[102];
  memset(longest, 'x', 101);
  reset();
  IT("an event out of its range is not said") {
    msg_event event = scan("", 1);
    put_refused(event);
    put_refused(scan(longest, 1));
    put_refused(scan("\xff", 1));
    put_refused(scan("1", 0));
    put_refused(scan("1", 100));
    event = scan("1", 2);
    event.as.scan.grams = some(4294967296u);
    put_refused(event);
    event = removal(1);
    event.as.remove.quantity = some(0);
    put_refused(event);
    put_refused(health(101, -1));
    put_refused(health(1, 1));
    put_refused(health(1, -201));
    event = weight(1);
    event.at_ms = some(CBOR_MAX_INTEGER + 1u);
    put_one(event);
    check_refused(FW_ERR_CBOR_RANGE);
    event.kind = (msg_event_kind)9;
    put_one(event);
    check_refused(FW_ERR_ARGUMENT);
  }
  IT("the longest event has as many bytes as the header says") {
    msg_event event = scan(longest, 99);
    event.as.scan.code.size = MSG_CODE_MAX;
    event.as.scan.grams = some(4294967295u);
    put_at(event, CBOR_MAX_INTEGER);
    CHECK_EQ(out.status, FW_OK);
    CHECK_EQ(out.size, MSG_EVENT_ENCODED_MAX);
    reset();
  }
  IT("a batch has 1 to 200 events") {
    envelope.session = SESSION;
    msg_begin_events(&out, &envelope, 0);
    check_refused(FW_ERR_FIELD);
    envelope.session = SESSION;
    msg_begin_events(&out, &envelope, 201);
    check_refused(FW_ERR_FIELD);
  }
  IT("claims out of their range are not said") {
    claims.version = fw_bytes_of_text("");
    msg_put_open(&out, &envelope, &claims);
    check_refused(FW_ERR_FIELD);
    claims.reader = fw_bytes_of_text("123456789012345678901234567890123");
    msg_put_open(&out, &envelope, &claims);
    check_refused(FW_ERR_FIELD);
    claims.debug = (eat_debug)5;
    msg_put_open(&out, &envelope, &claims);
    check_refused(FW_ERR_FIELD);
  }
  IT("the envelope has as many bytes as the header says, at most") {
    envelope.boot = UINT32_MAX;
    envelope.seq = UINT32_MAX;
    envelope.time_ms = CBOR_MAX_INTEGER;
    msg_begin(&out, &envelope);
    CHECK_EQ(out.size, MSG_ENVELOPE_MAX);
    reset();
  }
}

static void wrong_place(void)
{
  reset();
  IT("a message of a session names one, and no other does") {
    uint8_t basket[32] = {0};
    msg_put_unlink(&out, &envelope);
    check_refused(FW_ERR_ARGUMENT);
    msg_put_checkout(&out, &envelope, 1, fw_bytes_of_text("T"));
    check_refused(FW_ERR_ARGUMENT);
    msg_put_payment(&out, &envelope, HANDOFF, fw_bytes_of_text("A"), basket);
    check_refused(FW_ERR_ARGUMENT);
    msg_put_close(&out, &envelope, 1);
    check_refused(FW_ERR_ARGUMENT);
    msg_begin_events(&out, &envelope, 1);
    check_refused(FW_ERR_ARGUMENT);
    envelope.session = SESSION;
    msg_begin_telemetry(&out, &envelope, 1);
    check_refused(FW_ERR_ARGUMENT);
    envelope.session = SESSION;
    msg_put_open(&out, &envelope, &claims);
    check_refused(FW_ERR_ARGUMENT);
    envelope.session = SESSION;
    msg_put_attestation(&out, &envelope, &claims, fw_bytes_view(NULL, 0));
    check_refused(FW_ERR_ARGUMENT);
    envelope.session = SESSION;
    msg_put_firmware(&out, &envelope, &claims);
    check_refused(FW_ERR_ARGUMENT);
  }
  IT("and so does its path") {
    msg_put_path(&out, MSG_EVENTS, NULL);
    check_refused(FW_ERR_ARGUMENT);
    msg_put_path(&out, MSG_HELLO, SESSION);
    check_refused(FW_ERR_ARGUMENT);
    msg_put_path(&out, MSG_IDENTITY, SESSION);
    CHECK_EQ(out.size, MSG_PATH_MAX);
  }
}

int main(void)
{
  all_messages();
  hello();
  out_of_range();
  wrong_place();
  return check_report("messages");
}
