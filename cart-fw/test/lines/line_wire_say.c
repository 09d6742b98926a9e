/*
 * Makes messages of random values: one JSON object a line, with what was meant, the payload and the digest to sign.
 * line_wire_say SEED COUNT
 */
#include <stdlib.h>
#include <string.h>

#include "cose.h"
#include "wire_json.h"

/* --- randomness (splitmix64) --- */

static uint64_t state;

static uint64_t next(void)
{
  state += 0x9E3779B97F4A7C15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static uint64_t below(uint64_t bound)
{
  return next() % bound;
}

/* Numbers of every length up to `most`, its own value too. */
static uint64_t number(uint64_t most)
{
  const uint64_t shift = below(64);
  const uint64_t value = below(8) == 0 ? most : next() >> shift;
  return value > most ? value % (most + 1u) : value;
}

static void fill(uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (uint8_t)next();
  }
}

/* Text of least to most bytes: characters of one to four bytes. */
static fw_bytes text(uint8_t *storage, size_t least, size_t most)
{
  static const char *const characters[] = {"a", "Z", "0", "-", " ", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  const size_t wanted = least + (size_t)below(most - least + 1u);
  size_t size = 0;
  while (size < wanted) {
    const char *c = characters[below(sizeof characters / sizeof characters[0])];
    if (strlen(c) <= wanted - size) {
      memcpy(&storage[size], c, strlen(c));
      size += strlen(c);
    }
  }
  return fw_bytes_view(storage, size);
}

/* --- messages --- */

static uint8_t storage[8][128];
static uint8_t payload_memory[CBOR_MAX_SIZE];
static fw_buffer payload;
static uint8_t session[16];
static msg_envelope envelope;

static msg_optional perhaps(uint64_t most)
{
  const msg_optional value = {below(2) == 0, number(most)};
  return value;
}

static void say_claims(eat_claims *claims)
{
  fill(claims->nonce, sizeof claims->nonce);
  fill(claims->serial, sizeof claims->serial);
  fill(claims->digest, sizeof claims->digest);
  claims->debug = (eat_debug)below(5);
  claims->boot = (uint32_t)number(UINT32_MAX);
  claims->version = text(storage[0], 1, EAT_VERSION_MAX);
  claims->security_counter = (uint32_t)number(UINT32_MAX);
  claims->reader = text(storage[1], 1, EAT_READER_MAX);
  (void)printf("{\"eat\":{\"nonce\":");
  put_hex(claims->nonce, 16);
  (void)printf(",\"serial\":");
  put_hex(claims->serial, 16);
  (void)printf(",\"debug\":%d,\"boot\":%" PRIu32 ",\"version\":", (int)claims->debug, claims->boot);
  put_text(claims->version);
  (void)printf(",\"digest\":");
  put_hex(claims->digest, 32);
  (void)printf(",\"securityCounter\":%" PRIu32 ",\"reader\":", claims->security_counter);
  put_text(claims->reader);
  (void)printf("}");
}

static void say_scan(msg_event *event)
{
  event->kind = MSG_EVENT_SCAN;
  event->as.scan.code = text(storage[2], 1, MSG_CODE_MAX);
  event->as.scan.quantity = 1u + (uint32_t)below(99);
  event->as.scan.grams = perhaps(UINT32_MAX);
  (void)printf("{\"kind\":\"scan\",\"code\":");
  put_text(event->as.scan.code);
  (void)printf(",\"quantity\":%" PRIu32, event->as.scan.quantity);
  put_optional("grams", event->as.scan.grams);
}

static void say_remove(msg_event *event)
{
  event->kind = MSG_EVENT_REMOVE;
  event->as.remove.line = (uint16_t)number(UINT16_MAX);
  event->as.remove.quantity = perhaps(98);
  event->as.remove.quantity.value += 1u;
  (void)printf("{\"kind\":\"remove\",\"line\":%d", (int)event->as.remove.line);
  put_optional("quantity", event->as.remove.quantity);
}

static void say_weight(msg_event *event)
{
  event->kind = MSG_EVENT_WEIGHT;
  event->as.weight.grams = (uint32_t)number(UINT32_MAX);
  (void)printf("{\"kind\":\"weight\",\"grams\":%" PRIu32, event->as.weight.grams);
}

static void say_health(msg_event *event)
{
  event->kind = MSG_EVENT_HEALTH;
  event->as.health.battery_percent = (uint8_t)below(101);
  event->as.health.signal_dbm = (int16_t)(-(int)below(201));
  (void)printf("{\"kind\":\"health\",\"batteryPercent\":%d,\"rssiDbm\":%d", (int)event->as.health.battery_percent,
               (int)event->as.health.signal_dbm);
}

static void say_fault(msg_event *event)
{
  event->kind = MSG_EVENT_FAULT;
  event->as.fault.code = (uint16_t)number(UINT16_MAX);
  event->as.fault.detail = (uint32_t)number(UINT32_MAX);
  (void)printf("{\"kind\":\"fault\",\"code\":%d,\"detail\":%" PRIu32, (int)event->as.fault.code,
               event->as.fault.detail);
}

static void say_events(size_t count, size_t first_kind)
{
  static void (*const say[])(msg_event *) = {say_scan, say_remove, say_weight, say_health, say_fault};
  (void)printf("{\"events\":[");
  for (size_t i = 0; i < count; i++) {
    msg_event event;
    (void)printf("%s", i == 0 ? "" : ",");
    event.at_ms = perhaps(CBOR_MAX_INTEGER);
    say[first_kind + below(5u - first_kind)](&event);
    put_optional("at", event.at_ms);
    (void)printf("}");
    msg_put_event(&payload, &event);
  }
  (void)printf("]}");
}

static void say_body(msg_kind kind)
{
  eat_claims claims;
  const size_t count = 1u + (size_t)below(12);
  switch (kind) {
    case MSG_ATTESTATION:
      say_claims(&claims);
      fill(storage[3], 100);
      (void)printf(",\"beacon\":");
      put_hex(storage[3], 100);
      (void)printf("}");
      msg_put_attestation(&payload, &envelope, &claims, fw_bytes_view(storage[3], 100));
      break;
    case MSG_OPEN:
    case MSG_FIRMWARE:
      say_claims(&claims);
      (void)printf("}");
      (kind == MSG_OPEN ? msg_put_open : msg_put_firmware)(&payload, &envelope, &claims);
      break;
    case MSG_EVENTS:
      msg_begin_events(&payload, &envelope, count);
      say_events(count, 0);
      break;
    case MSG_TELEMETRY:
      msg_begin_telemetry(&payload, &envelope, count);
      say_events(count, 3);
      break;
    case MSG_CHECKOUT: {
      const uint32_t last = (uint32_t)number(UINT32_MAX);
      const fw_bytes terminal = text(storage[4], 1, MSG_TERMINAL_MAX);
      (void)printf("{\"lastSeq\":%" PRIu32 ",\"terminal\":", last);
      put_text(terminal);
      (void)printf("}");
      msg_put_checkout(&payload, &envelope, last, terminal);
      break;
    }
    case MSG_PAYMENT: {
      const fw_bytes reference = text(storage[4], 1, MSG_REFERENCE_MAX);
      fill(storage[5], 16);
      fill(storage[6], 32);
      (void)printf("{\"handoff\":");
      put_uuid(storage[5]);
      (void)printf(",\"reference\":");
      put_text(reference);
      (void)printf(",\"basketDigest\":");
      put_hex(storage[6], 32);
      (void)printf("}");
      msg_put_payment(&payload, &envelope, storage[5], reference, storage[6]);
      break;
    }
    case MSG_CLOSE: {
      const uint32_t last = (uint32_t)number(UINT32_MAX);
      (void)printf("{\"lastSeq\":%" PRIu32 "}", last);
      msg_put_close(&payload, &envelope, last);
      break;
    }
    case MSG_HELLO:
    case MSG_IDENTITY:
    case MSG_COUNT:
    default:
      (void)printf("{\"kind\":\"unlink\"}");
      msg_put_unlink(&payload, &envelope);
      break;
  }
}

static void say_one(void)
{
  static const struct {
    msg_kind kind;
    const char *name;
    bool in_session;
  } messages[] = {
    {MSG_ATTESTATION, "attestation", false}, {MSG_OPEN, "open", false},       {MSG_FIRMWARE, "firmware", false},
    {MSG_TELEMETRY, "telemetry", false},     {MSG_EVENTS, "events", true},    {MSG_IDENTITY, "identity", true},
    {MSG_CHECKOUT, "checkout", true},        {MSG_PAYMENT, "payment", true},  {MSG_CLOSE, "close", true},
  };
  uint8_t purpose_memory[128];
  uint8_t digest[32];
  fw_buffer purpose = fw_buffer_over(purpose_memory, sizeof purpose_memory);
  const size_t chosen = (size_t)below(sizeof messages / sizeof messages[0]);
  payload = fw_buffer_over(payload_memory, sizeof payload_memory);
  fill(session, sizeof session);
  envelope.session = messages[chosen].in_session ? session : NULL;
  envelope.boot = (uint32_t)number(UINT32_MAX);
  envelope.seq = (uint32_t)number(UINT32_MAX);
  envelope.time_ms = number(CBOR_MAX_INTEGER);
  (void)printf("{\"message\":\"%s\",\"means\":{\"session\":", messages[chosen].name);
  if (envelope.session == NULL) {
    (void)printf("null");
  } else {
    put_uuid(session);
  }
  (void)printf(",\"boot\":%" PRIu32 ",\"seq\":%" PRIu32 ",\"time\":%" PRIu64 ",\"body\":", envelope.boot, envelope.seq,
               envelope.time_ms);
  say_body(messages[chosen].kind);
  msg_put_purpose(&purpose, messages[chosen].kind, envelope.session);
  cose_sign1_digest(fw_bytes_written(&payload), fw_bytes_written(&purpose), digest);
  (void)printf("},\"purpose\":");
  put_text(fw_bytes_written(&purpose));
  (void)printf(",\"payload\":");
  put_hex(payload.data, fw_bytes_written(&payload).size);
  (void)printf(",\"digest\":");
  put_hex(digest, sizeof digest);
  (void)printf("}\n");
}

int main(int count, char **arguments)
{
  if (count != 3) {
    return 2;
  }
  state = strtoull(arguments[1], NULL, 10);
  for (unsigned long left = strtoul(arguments[2], NULL, 10); left > 0; left--) {
    say_one();
  }
  return 0;
}
