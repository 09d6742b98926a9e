#include "messages.h"

#include "messages_parts.h"

void msg_begin(fw_buffer *out, const msg_envelope *envelope) {
  static const uint8_t no_session[MSG_UUID_SIZE] = {0u};
  const uint8_t *const session = (envelope->session == NULL) ? no_session : envelope->session;
  cbor_put_map(out, 5u);
  msg_put_bytes_field(out, 1, session, MSG_UUID_SIZE);
  msg_put_uint_field(out, 2, envelope->boot);
  msg_put_uint_field(out, 3, envelope->seq);
  msg_put_uint_field(out, 4, envelope->time_ms);
  cbor_put_uint(out, 5u);
}

/* The platform refuses a message of a session that names none (cart.cddl, session-id). */
static void begin_in_session(fw_buffer *out, const msg_envelope *envelope) {
  if (envelope->session == NULL) {
    fw_buffer_fail(out, FW_ERR_ARGUMENT);
  }
  msg_begin(out, envelope);
}

static void begin_outside_session(fw_buffer *out, const msg_envelope *envelope) {
  if (envelope->session != NULL) {
    fw_buffer_fail(out, FW_ERR_ARGUMENT);
  }
  msg_begin(out, envelope);
}

void msg_put_hello(fw_buffer *out, const uint8_t kid[8]) {
  cbor_put_map(out, 1u);
  msg_put_bytes_field(out, 1, kid, 8u);
}

void msg_put_attestation(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims, fw_bytes beacon) {
  begin_outside_session(out, envelope);
  cbor_put_map(out, 2u);
  cbor_put_uint(out, 1u);
  eat_put(out, claims);
  cbor_put_uint(out, 2u);
  cbor_put_bytes(out, beacon);
}

static void put_claims(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims) {
  begin_outside_session(out, envelope);
  cbor_put_map(out, 1u);
  cbor_put_uint(out, 1u);
  eat_put(out, claims);
}

void msg_put_open(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims) {
  put_claims(out, envelope, claims);
}

void msg_put_firmware(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims) {
  put_claims(out, envelope, claims);
}

/* `{ 1: [ 1*200 event ] }` up to the first event. */
static void begin_list(fw_buffer *out, size_t count) {
  if ((count == 0u) || (count > MSG_EVENTS_MAX)) {
    fw_buffer_fail(out, FW_ERR_FIELD);
  }
  cbor_put_map(out, 1u);
  cbor_put_uint(out, 1u);
  cbor_put_array(out, count);
}

void msg_begin_events(fw_buffer *out, const msg_envelope *envelope, size_t count) {
  begin_in_session(out, envelope);
  begin_list(out, count);
}

void msg_begin_telemetry(fw_buffer *out, const msg_envelope *envelope, size_t count) {
  begin_outside_session(out, envelope);
  begin_list(out, count);
}

void msg_put_unlink(fw_buffer *out, const msg_envelope *envelope) {
  begin_in_session(out, envelope);
  cbor_put_map(out, 1u);
  msg_put_uint_field(out, 1, 0u);
}

void msg_put_checkout(fw_buffer *out, const msg_envelope *envelope, uint32_t last_seq, fw_bytes terminal) {
  begin_in_session(out, envelope);
  cbor_put_map(out, 2u);
  msg_put_uint_field(out, 1, last_seq);
  msg_put_text_field(out, 2, terminal, 1u, MSG_TERMINAL_MAX);
}

void msg_put_payment(fw_buffer *out, const msg_envelope *envelope, const uint8_t handoff[16], fw_bytes reference,
                     const uint8_t basket_digest[32]) {
  begin_in_session(out, envelope);
  cbor_put_map(out, 3u);
  msg_put_bytes_field(out, 1, handoff, MSG_UUID_SIZE);
  msg_put_text_field(out, 2, reference, 1u, MSG_REFERENCE_MAX);
  msg_put_bytes_field(out, 3, basket_digest, MSG_DIGEST_SIZE);
}

void msg_put_close(fw_buffer *out, const msg_envelope *envelope, uint32_t last_seq) {
  begin_in_session(out, envelope);
  cbor_put_map(out, 1u);
  msg_put_uint_field(out, 1, last_seq);
}
