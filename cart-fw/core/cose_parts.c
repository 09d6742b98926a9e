#include "cose_parts.h"

#include <string.h>

/* Label of the key identifier (RFC 9052, 3.1). */
#define KID_LABEL 4

const uint8_t COSE_PROTECTED[3] = {0xA1u, 0x01u, 0x26u};

static void hash_byte_string(sha256_context *hash, fw_bytes bytes) {
  uint8_t storage[CBOR_HEAD_MAX];
  fw_buffer head = fw_buffer_over(storage, sizeof storage);
  cbor_put_head(&head, CBOR_BYTES, bytes.size);
  sha256_update(hash, fw_bytes_written(&head));
  sha256_update(hash, bytes);
}

void cose_digest(fw_bytes beginning, fw_bytes purpose, fw_bytes payload, uint8_t digest[SHA256_SIZE]) {
  sha256_context hash;
  sha256_begin(&hash);
  sha256_update(&hash, beginning);
  hash_byte_string(&hash, purpose);
  hash_byte_string(&hash, payload);
  sha256_end(&hash, digest);
}

bool cose_take_array(cbor_reader *reader, size_t count) {
  return cbor_next_is(reader, CBOR_ARRAY) && (cbor_get_array(reader) == count);
}

bool cose_take_bytes(cbor_reader *reader, fw_bytes *bytes) {
  if (!cbor_next_is(reader, CBOR_BYTES)) {
    return false;
  }
  *bytes = cbor_get_bytes(reader, 0u, SIZE_MAX);
  return true;
}

static bool take_bytes_of(cbor_reader *reader, size_t size, fw_bytes *bytes) {
  return cose_take_bytes(reader, bytes) && (bytes->size == size);
}

bool cose_take_protected(cbor_reader *reader) {
  fw_bytes header;
  return take_bytes_of(reader, sizeof COSE_PROTECTED, &header) &&
         (memcmp(header.data, COSE_PROTECTED, sizeof COSE_PROTECTED) == 0);
}

fw_status cose_take_kid(cbor_reader *reader, fw_bytes *kid) {
  if (!cbor_next_is(reader, CBOR_MAP) || (cbor_get_map(reader) != 1u)) {
    return FW_ERR_COSE_UNPROTECTED;
  }
  if (cbor_get_int(reader) != KID_LABEL) {
    return FW_ERR_COSE_UNPROTECTED;
  }
  return take_bytes_of(reader, COSE_KID_SIZE, kid) ? FW_OK : FW_ERR_COSE_KID;
}

fw_status cose_take_signature(cbor_reader *reader, fw_bytes *signature) {
  return take_bytes_of(reader, COSE_SIGNATURE_SIZE, signature) ? FW_OK : FW_ERR_COSE_SIGNATURE_FORM;
}

void cose_kid_of_point(const uint8_t point[P256_POINT_SIZE], uint8_t kid[COSE_KID_SIZE]) {
  uint8_t digest[SHA256_SIZE];
  sha256(fw_bytes_view(point, P256_POINT_SIZE), digest);
  (void)memcpy(kid, digest, COSE_KID_SIZE);
}
