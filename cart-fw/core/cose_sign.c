#include "cose_parts.h"

/* COSE_Sign's tag (RFC 9052, 2), and its bytes. */
#define SIGN_TAG 98u
#define SIGN_TAG_SIZE 2u
#define ITEMS 4u
#define SIGNER_ITEMS 3u

void cose_sign_digest(fw_bytes payload, fw_bytes purpose, uint8_t digest[SHA256_SIZE]) {
  /* ["Signature", h'', h'a10126', …: array of five, text of nine, the body's empty header, the signer's. */
  static const uint8_t beginning[] = {0x85u, 0x69u, 'S', 'i', 'g',   'n',   'a',   't',
                                      'u',   'r',   'e', 0x40u, 0x43u, 0xA1u, 0x01u, 0x26u};
  cose_digest(fw_bytes_view(beginning, sizeof beginning), purpose, payload, digest);
}

static fw_status take_signer(cbor_reader *reader, cose_signer *signer) {
  if (!cose_take_array(reader, SIGNER_ITEMS)) {
    return FW_ERR_COSE_SHAPE;
  }
  if (!cose_take_protected(reader)) {
    return FW_ERR_COSE_PROTECTED;
  }
  const fw_status kid = cose_take_kid(reader, &signer->kid);
  return (kid == FW_OK) ? cose_take_signature(reader, &signer->signature) : kid;
}

/* The body's headers are both empty: an empty byte string and an empty map. */
static fw_status take_body_headers(cbor_reader *reader) {
  fw_bytes header;
  if (!cose_take_bytes(reader, &header) || (header.size != 0u)) {
    return FW_ERR_COSE_PROTECTED;
  }
  if (!cbor_next_is(reader, CBOR_MAP) || (cbor_get_map(reader) != 0u)) {
    return FW_ERR_COSE_UNPROTECTED;
  }
  return FW_OK;
}

static fw_status take_content(cbor_reader *reader, fw_bytes *payload) {
  const fw_status headers = take_body_headers(reader);
  if (headers != FW_OK) {
    return headers;
  }
  if (!cose_take_bytes(reader, payload)) {
    return FW_ERR_COSE_PAYLOAD;
  }
  return cose_take_array(reader, COSE_SIGN_SIGNERS) ? FW_OK : FW_ERR_COSE_SHAPE;
}

fw_status cose_sign_decode(fw_bytes frame, cose_sign *parts) {
  cbor_reader reader = cbor_reader_over(frame);
  const fw_status form = cbor_check(frame, SIGN_TAG, CBOR_MAX_SIZE);
  if (form != FW_OK) {
    return form;
  }
  reader.at = SIGN_TAG_SIZE;
  if (!cose_take_array(&reader, ITEMS)) {
    return FW_ERR_COSE_SHAPE;
  }
  const fw_status body = take_content(&reader, &parts->payload);
  if (body != FW_OK) {
    return body;
  }
  const fw_status first = take_signer(&reader, &parts->signers[0]);
  return (first == FW_OK) ? take_signer(&reader, &parts->signers[1]) : first;
}
