#include "eat.h"

#include "messages_parts.h"

/* Claim keys: RFC 9711, 10.1 and the private ones of protocol/cart.cddl. */
#define CLAIMS 8u
#define KEY_NONCE 10
#define KEY_UEID 256
#define KEY_DEBUG_STATE 263
#define KEY_BOOT_COUNT 267
#define KEY_SOFTWARE_VERSION 271
#define KEY_IMAGE_DIGEST (-70001)
#define KEY_SECURITY_COUNTER (-70002)
#define KEY_READER_SERIAL (-70003)

/* UEID type RAND (RFC 9711, 4.2.1). */
#define UEID_RANDOM 0x01u

static void put_ueid(fw_buffer *out, const uint8_t serial[16]) {
  cbor_put_int(out, KEY_UEID);
  cbor_put_head(out, CBOR_BYTES, 1u + EAT_SERIAL_SIZE);
  fw_buffer_put_byte(out, UEID_RANDOM);
  fw_buffer_put(out, fw_bytes_view(serial, EAT_SERIAL_SIZE));
}

void eat_put(fw_buffer *out, const eat_claims *claims) {
  cbor_put_map(out, CLAIMS);
  msg_put_bytes_field(out, KEY_NONCE, claims->nonce, EAT_NONCE_SIZE);
  put_ueid(out, claims->serial);
  msg_put_ranged_field(out, KEY_DEBUG_STATE, (uint64_t)claims->debug, 0u, (uint64_t)EAT_DEBUG_DISABLED_FULLY);
  msg_put_uint_field(out, KEY_BOOT_COUNT, claims->boot);
  msg_put_text_field(out, KEY_SOFTWARE_VERSION, claims->version, 1u, EAT_VERSION_MAX);
  msg_put_bytes_field(out, KEY_IMAGE_DIGEST, claims->digest, EAT_DIGEST_SIZE);
  msg_put_uint_field(out, KEY_SECURITY_COUNTER, claims->security_counter);
  msg_put_text_field(out, KEY_READER_SERIAL, claims->reader, 1u, EAT_READER_MAX);
}
