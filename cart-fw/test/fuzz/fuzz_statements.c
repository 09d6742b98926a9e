/* Statements of the root, the cell and a beacon. No input can be signed by chance: a good one but for the seeds is a bug. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "statements.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  /* The base point of P-256 as everyone's key, under whatever kid the frame has: see the kid below. */
  static const uint8_t point[65] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
    0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
    0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
  static uint8_t copy[CBOR_MAX_SIZE];
  static const uint8_t sixteen[16];
  const statement_expectation expected = {sixteen, sixteen, fw_bytes_of_text("us-demo"), 1795262400000u};
  statement_cell_key key;
  statement_store_attestation attestation;
  statement_beacon beacon;
  cose_sign1 parts;
  uint8_t kid[8];
  if (size > sizeof copy) {
    return 0;
  }
  memcpy(copy, data, size);
  const fw_bytes frame = fw_bytes_view(copy, size);
  (void)statement_read_beacon(frame, sixteen, &beacon);
  if (cose_sign1_decode(frame, &parts) == FW_OK) {
    cose_kid_of_point(point, kid);
    memcpy(&copy[parts.kid.data - copy], kid, sizeof kid);
  }
  /* One input in four is shown to P-256, which takes most of the time. */
  if (size == 0u || data[size - 1u] % 4u != 0u) {
    return 0;
  }
  if (statement_verify_cell_key(frame, point, STATEMENT_CELL_US, 0, &key) == FW_OK) {
    abort();
  }
  memcpy(key.point, point, sizeof point);
  if (statement_verify_store_attestation(frame, &key, &expected, &attestation) == FW_OK) {
    abort();
  }
  return 0;
}
