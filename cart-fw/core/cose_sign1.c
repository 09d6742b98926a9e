#include "cose_parts.h"

/* COSE_Sign1's tag (RFC 9052, 2), and its bytes. */
#define SIGN1_TAG 18u
#define SIGN1_TAG_SIZE 1u
#define ITEMS 4u
#define KID_LABEL 4u

void cose_sign1_digest(fw_bytes payload, fw_bytes purpose, uint8_t digest[SHA256_SIZE]) {
  /* ["Signature1", h'a10126', …: array of four, text of ten, byte string of three. */
  static const uint8_t beginning[] = {0x84u, 0x6Au, 'S', 'i', 'g', 'n', 'a', 't',
                                      'u',   'r',   'e', '1', 0x43u, 0xA1u, 0x01u, 0x26u};
  cose_digest(fw_bytes_view(beginning, sizeof beginning), purpose, payload, digest);
}

fw_status cose_sign1_begin(fw_buffer *out, const uint8_t kid[COSE_KID_SIZE], fw_bytes payload, fw_bytes purpose,
                           uint8_t digest[SHA256_SIZE]) {
  cose_sign1_digest(payload, purpose, digest);
  cbor_put_head(out, CBOR_TAG, SIGN1_TAG);
  cbor_put_array(out, ITEMS);
  cbor_put_bytes(out, fw_bytes_view(COSE_PROTECTED, sizeof COSE_PROTECTED));
  cbor_put_map(out, 1u);
  cbor_put_uint(out, KID_LABEL);
  cbor_put_bytes(out, fw_bytes_view(kid, COSE_KID_SIZE));
  cbor_put_bytes(out, payload);
  return out->status;
}

fw_status cose_sign1_finish(fw_buffer *out, const uint8_t signature[COSE_SIGNATURE_SIZE]) {
  cbor_put_bytes(out, fw_bytes_view(signature, COSE_SIGNATURE_SIZE));
  return out->status;
}

fw_status cose_sign1_decode(fw_bytes frame, cose_sign1 *parts) {
  cbor_reader reader = cbor_reader_over(frame);
  const fw_status form = cbor_check(frame, SIGN1_TAG, CBOR_MAX_SIZE);
  if (form != FW_OK) {
    return form;
  }
  reader.at = SIGN1_TAG_SIZE;
  if (!cose_take_array(&reader, ITEMS)) {
    return FW_ERR_COSE_SHAPE;
  }
  if (!cose_take_protected(&reader)) {
    return FW_ERR_COSE_PROTECTED;
  }
  const fw_status kid = cose_take_kid(&reader, &parts->kid);
  if (kid != FW_OK) {
    return kid;
  }
  if (!cose_take_bytes(&reader, &parts->payload)) {
    return FW_ERR_COSE_PAYLOAD;
  }
  return cose_take_signature(&reader, &parts->signature);
}

fw_status cose_sign1_verify(const cose_sign1 *parts, const uint8_t point[P256_POINT_SIZE], fw_bytes purpose) {
  uint8_t digest[SHA256_SIZE];
  cose_sign1_digest(parts->payload, purpose, digest);
  return (p256_verify(point, digest, parts->signature.data) == P256_VALID) ? FW_OK : FW_ERR_SIGNATURE;
}
