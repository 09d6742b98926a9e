/*
 * Reads answers, `kind hex` a line, as the cart does: one JSON object a line, or "refused". line_wire_hear FILE
 */
#include <stdlib.h>
#include <string.h>

#include "wire_json.h"

#define LINE_MAX_SIZE 140000u

static fw_status hear_hello(fw_bytes bytes)
{
  msg_hello_answer a;
  const fw_status status = msg_decode_hello(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"nonce\":");
    put_hex(a.nonce, 16);
    (void)printf(",\"time\":%" PRIu64 ",\"store\":", a.time_ms);
    if (a.store.size == 0u) {
      (void)printf("null");
    } else {
      put_text(a.store);
    }
    (void)printf("}");
  }
  return status;
}

static fw_status hear_attestation(fw_bytes bytes)
{
  msg_attestation_answer a;
  const fw_status status = msg_decode_attestation(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"statement\":");
    put_hex(a.statement.data, a.statement.size);
    (void)printf(",\"cellKey\":");
    put_hex(a.cell_key.data, a.cell_key.size);
    (void)printf(",\"nonce\":");
    put_hex(a.nonce, 16);
    (void)printf("}");
  }
  return status;
}

static fw_status hear_open(fw_bytes bytes)
{
  msg_open_answer a;
  const fw_status status = msg_decode_open(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"session\":");
    put_uuid(a.session);
    (void)printf(",\"leaseSeconds\":%" PRIu64 ",\"settings\":{\"currency\":", a.lease_s);
    put_text(a.currency);
    (void)printf(",\"exponent\":%d,\"storeName\":", (int)a.exponent);
    put_text(a.store_name);
    (void)printf(",\"idleSeconds\":%" PRIu64 ",\"weightToleranceGrams\":%" PRIu64 ",\"taxIncluded\":%s},\"nonce\":",
                 a.idle_s, a.weight_tolerance_g, a.tax_included ? "true" : "false");
    put_hex(a.nonce, 16);
    (void)printf(",\"time\":%" PRIu64 "}", a.time_ms);
  }
  return status;
}

static void put_lines(msg_list *lines)
{
  msg_basket_line line;
  const char *comma = "";
  while (msg_next_line(lines, &line)) {
    (void)printf("%s{\"line\":%d,\"name\":", comma, (int)line.line);
    put_text(line.name);
    (void)printf(",\"unitMinor\":%" PRIu64 ",\"quantity\":%" PRIu64 ",\"totalMinor\":%" PRId64, line.unit_minor,
                 line.quantity, line.total_minor);
    put_optional("grams", line.grams);
    (void)printf("}");
    comma = ",";
  }
}

static void put_holds(msg_list *holds)
{
  static const char *const kinds[] = {"age check", "weight", "unknown item"};
  msg_hold hold;
  const char *comma = "";
  while (msg_next_hold(holds, &hold)) {
    const msg_optional line = {hold.has_line, hold.line};
    (void)printf("%s{\"id\":%" PRIu64 ",\"kind\":\"%s\"", comma, hold.id, kinds[hold.kind]);
    put_optional("line", line);
    (void)printf("}");
    comma = ",";
  }
}

static fw_status hear_events(fw_bytes bytes)
{
  msg_events_answer a;
  const fw_status status = msg_decode_events(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"seq\":%" PRIu32 ",\"lines\":[", a.seq);
    put_lines(&a.lines);
    (void)printf("],\"totalMinor\":%" PRId64 ",\"holds\":[", a.total_minor);
    put_holds(&a.holds);
    (void)printf("]}");
  }
  return status;
}

static fw_status hear_identity(fw_bytes bytes)
{
  msg_identity_answer a;
  const fw_status status = msg_decode_identity(bytes, &a);
  if (status != FW_OK) {
    return status;
  }
  if (a.status == MSG_NOT_LINKED) {
    (void)printf("{\"status\":\"not_linked\"}");
  } else if (a.status == MSG_TO_BE_CONFIRMED) {
    (void)printf("{\"status\":\"pending\",\"confirmation\":\"%c%c\"}", a.confirmation[0], a.confirmation[1]);
  } else {
    (void)printf("{\"status\":\"linked\",\"customer\":");
    put_hex(a.customer, 16);
    (void)printf(",\"nickname\":");
    if (a.nickname.size == 0u) {
      (void)printf("null");
    } else {
      put_text(a.nickname);
    }
    (void)printf("}");
  }
  return status;
}

static fw_status hear_checkout(fw_bytes bytes)
{
  msg_checkout_answer a;
  const fw_status status = msg_decode_checkout(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"handoff\":");
    put_uuid(a.handoff);
    (void)printf(",\"amount\":{\"minor\":%" PRIu64 ",\"currency\":", a.amount_minor);
    put_text(a.currency);
    (void)printf("},\"expires\":%" PRIu64 ",\"basketDigest\":", a.expires_ms);
    put_hex(a.basket_digest, 32);
    (void)printf("}");
  }
  return status;
}

static fw_status hear_payment(fw_bytes bytes)
{
  static const char *const outcomes[] = {"approved", "declined", "pending", "unknown"};
  msg_payment_answer a;
  const fw_status status = msg_decode_payment(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"outcome\":\"%s\",\"receipt\":", outcomes[a.outcome]);
    if (a.receipt.size == 0u) {
      (void)printf("null");
    } else {
      put_text(a.receipt);
    }
    (void)printf("}");
  }
  return status;
}

static fw_status hear_close(fw_bytes bytes)
{
  uint8_t nonce[16];
  const fw_status status = msg_decode_close(bytes, nonce);
  if (status == FW_OK) {
    (void)printf("{\"nonce\":");
    put_hex(nonce, 16);
    (void)printf("}");
  }
  return status;
}

static fw_status hear_telemetry(fw_bytes bytes)
{
  uint32_t seq = 0;
  const fw_status status = msg_decode_telemetry(bytes, &seq);
  if (status == FW_OK) {
    (void)printf("{\"seq\":%" PRIu32 "}", seq);
  }
  return status;
}

static fw_status hear_error(fw_bytes bytes)
{
#define REFUSAL_TEXT(code, words) words,
  static const char *const codes[] = {MSG_REFUSAL_TABLE(REFUSAL_TEXT)};
  msg_error_answer a;
  const fw_status status = msg_decode_error(bytes, &a);
  if (status == FW_OK) {
    (void)printf("{\"code\":\"%s\"", codes[a.code]);
    put_optional("expected", a.expected_seq);
    (void)printf("}");
  }
  return status;
}

static const struct {
  const char *kind;
  fw_status (*hear)(fw_bytes bytes);
} ANSWERS[] = {
  {"hello", hear_hello},       {"attestation", hear_attestation}, {"open", hear_open},
  {"events", hear_events},     {"identity", hear_identity},       {"checkout", hear_checkout},
  {"payment", hear_payment},   {"close", hear_close},             {"telemetry", hear_telemetry},
  {"error", hear_error},
};

static void hear_line(char *line)
{
  static uint8_t bytes[LINE_MAX_SIZE / 2u];
  char *hex = strchr(line, ' ');
  size_t size = 0;
  unsigned byte = 0;
  if (hex == NULL) {
    exit(2);
  }
  *hex = '\0';
  for (hex++; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
    bytes[size] = (uint8_t)byte;
    size++;
  }
  for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
    if (strcmp(ANSWERS[i].kind, line) == 0) {
      (void)printf("%s\n", ANSWERS[i].hear(fw_bytes_view(bytes, size)) == FW_OK ? "" : "\"refused\"");
    }
  }
}

int main(int count, char **arguments)
{
  static char line[LINE_MAX_SIZE];
  FILE *file = count == 2 ? fopen(arguments[1], "r") : NULL;
  if (file == NULL) {
    return 2;
  }
  while (fgets(line, sizeof line, file) != NULL) {
    hear_line(line);
  }
  (void)fclose(file);
  return 0;
}
