#include "statements.h"

#include <string.h>

#include "messages_parts.h"

/* Verifies a frame by the one key that may have signed it, and answers its payload. */
static fw_status open_frame(fw_bytes frame, const uint8_t point[P256_POINT_SIZE], const char *purpose,
                            fw_bytes *payload) {
  cose_sign1 parts;
  const fw_status form = cose_sign1_decode(frame, &parts);
  if (form != FW_OK) {
    return form;
  }
  *payload = parts.payload;
  return cose_sign1_verify(&parts, point, fw_bytes_of_text(purpose));
}

static fw_status check_kid(fw_bytes frame, const uint8_t point[P256_POINT_SIZE]) {
  cose_sign1 parts;
  uint8_t kid[COSE_KID_SIZE];
  const fw_status form = cose_sign1_decode(frame, &parts);
  if (form != FW_OK) {
    return form;
  }
  cose_kid_of_point(point, kid);
  return memcmp(parts.kid.data, kid, sizeof kid) == 0 ? FW_OK : FW_ERR_UNKNOWN_KEY;
}

static fw_status check_time(uint64_t not_before_ms, uint64_t expires_ms, uint64_t now_ms) {
  if (now_ms < not_before_ms) {
    return FW_ERR_NOT_YET;
  }
  return (now_ms < expires_ms) ? FW_OK : FW_ERR_EXPIRED;
}

static statement_cell get_cell(cbor_reader *reader) {
  const fw_bytes text = msg_get_text_field(reader, 1, 0u, CBOR_MAX_SIZE);
  if (fw_bytes_equal(text, fw_bytes_of_text("us"))) {
    return STATEMENT_CELL_US;
  }
  if (!fw_bytes_equal(text, fw_bytes_of_text("eu"))) {
    cbor_fail(reader, FW_ERR_FIELD);
  }
  return STATEMENT_CELL_EU;
}

static fw_status decode_cell_key(fw_bytes payload, statement_cell_key *key) {
  cbor_reader reader = msg_open(payload, CBOR_MAX_SIZE);
  (void)msg_get_map(&reader, 4u, 4u);
  key->cell = get_cell(&reader);
  msg_get_bytes_field(&reader, 2, key->point, P256_POINT_SIZE);
  key->not_before_ms = msg_get_time_field(&reader, 3);
  key->expires_ms = msg_get_time_field(&reader, 4);
  return cbor_end(&reader);
}

fw_status statement_verify_cell_key(fw_bytes frame, const uint8_t root[P256_POINT_SIZE], statement_cell cell,
                                    uint64_t now_ms, statement_cell_key *key) {
  fw_bytes payload;
  /* The kid names the root's certificate, which a cart has not: it pins the point alone. */
  fw_status status = open_frame(frame, root, COSE_PURPOSE_CELL_KEY, &payload);
  if (status == FW_OK) {
    status = decode_cell_key(payload, key);
  }
  if (status != FW_OK) {
    return status;
  }
  return (key->cell == cell) ? check_time(key->not_before_ms, key->expires_ms, now_ms) : FW_ERR_CELL;
}

static fw_status decode_store_attestation(fw_bytes payload, statement_store_attestation *attestation) {
  cbor_reader reader = msg_open(payload, CBOR_MAX_SIZE);
  (void)msg_get_map(&reader, 5u, 5u);
  msg_get_bytes_field(&reader, 1, attestation->serial, EAT_SERIAL_SIZE);
  cbor_get_key(&reader, 2);
  const fw_bytes store = msg_get_store(&reader);
  msg_get_bytes_field(&reader, 3, attestation->nonce, MSG_NONCE_SIZE);
  attestation->not_before_ms = msg_get_time_field(&reader, 4);
  attestation->expires_ms = msg_get_time_field(&reader, 5);
  const fw_status status = cbor_end(&reader);
  attestation->store_size = 0u;
  if (status == FW_OK) {
    (void)memcpy(attestation->store, store.data, store.size);
    attestation->store_size = store.size;
  }
  return status;
}

/* Whether it was made for this cart, this question and this store. */
static fw_status check_names(const statement_store_attestation *attestation, const statement_expectation *expected) {
  const fw_bytes store = fw_bytes_view(attestation->store, attestation->store_size);
  if (memcmp(attestation->serial, expected->serial, EAT_SERIAL_SIZE) != 0) {
    return FW_ERR_SERIAL;
  }
  if (memcmp(attestation->nonce, expected->nonce, MSG_NONCE_SIZE) != 0) {
    return FW_ERR_NONCE;
  }
  return ((expected->store.size == 0u) || fw_bytes_equal(store, expected->store)) ? FW_OK : FW_ERR_STORE;
}

static fw_status check_lifetime(const statement_store_attestation *attestation, uint64_t now_ms) {
  const fw_status status = check_time(attestation->not_before_ms, attestation->expires_ms, now_ms);
  if (status != FW_OK) {
    return status;
  }
  /* It is valid now, so it ends after it begins. */
  return ((attestation->expires_ms - attestation->not_before_ms) <= STATEMENT_ATTESTATION_MAX_MS) ? FW_OK
                                                                                                    : FW_ERR_LIFETIME;
}

fw_status statement_verify_store_attestation(fw_bytes frame, const statement_cell_key *key,
                                             const statement_expectation *expected,
                                             statement_store_attestation *attestation) {
  fw_bytes payload;
  fw_status status = check_kid(frame, key->point);
  if (status == FW_OK) {
    status = open_frame(frame, key->point, COSE_PURPOSE_STORE_ATTESTATION, &payload);
  }
  if (status == FW_OK) {
    status = decode_store_attestation(payload, attestation);
  }
  if (status == FW_OK) {
    status = check_names(attestation, expected);
  }
  return (status == FW_OK) ? check_lifetime(attestation, expected->now_ms) : status;
}

bool statement_attestation_is_valid(const statement_store_attestation *attestation, uint64_t now_ms) {
  return check_time(attestation->not_before_ms, attestation->expires_ms, now_ms) == FW_OK;
}

fw_status statement_read_beacon(fw_bytes frame, const uint8_t nonce[16], statement_beacon *beacon) {
  cose_sign1 parts;
  const fw_status form = cose_sign1_decode(frame, &parts);
  if (form != FW_OK) {
    return form;
  }
  cbor_reader reader = msg_open(parts.payload, CBOR_MAX_SIZE);
  (void)msg_get_map(&reader, 2u, 2u);
  cbor_get_key(&reader, 1);
  beacon->store = msg_get_store(&reader);
  msg_get_bytes_field(&reader, 2, beacon->nonce, MSG_NONCE_SIZE);
  const fw_status status = cbor_end(&reader);
  if (status != FW_OK) {
    return status;
  }
  return (memcmp(beacon->nonce, nonce, MSG_NONCE_SIZE) == 0) ? FW_OK : FW_ERR_NONCE;
}
