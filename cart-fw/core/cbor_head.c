#include "cbor_head.h"

#define INFO_ONE_BYTE 24u
#define INFO_EIGHT_BYTES 27u
#define INFO_INDEFINITE 31u
#define BREAK 0xFFu
#define HALF_FLOAT 0xF9u
#define DOUBLE_FLOAT 0xFBu
#define SIMPLE_FALSE 20u
#define SIMPLE_NULL 22u

static const cbor_head NO_HEAD = {CBOR_SIMPLE, 0u};

void cbor_fail(cbor_reader *reader, fw_status status) {
  if (reader->status == FW_OK) {
    reader->status = status;
  }
}

static cbor_head refuse(cbor_reader *reader, fw_status status) {
  cbor_fail(reader, status);
  return NO_HEAD;
}

fw_bytes cbor_take(cbor_reader *reader, uint64_t size) {
  const fw_bytes nothing = {NULL, 0u};
  fw_bytes taken;
  if (size > (reader->bytes.size - reader->at)) {
    cbor_fail(reader, FW_ERR_CBOR_TRUNCATED);
  }
  if (reader->status != FW_OK) {
    return nothing;
  }
  taken = fw_bytes_view(&reader->bytes.data[reader->at], (size_t)size);
  reader->at += taken.size;
  return taken;
}

/* RFC 8949, 3.3: of major type 7 only false, true and null are let in. */
static cbor_head simple_head(cbor_reader *reader, uint8_t initial) {
  const uint32_t value = (uint32_t)initial & 0x1Fu;
  if ((value >= SIMPLE_FALSE) && (value <= SIMPLE_NULL)) {
    const cbor_head head = {CBOR_SIMPLE, value};
    return head;
  }
  if (initial == BREAK) {
    return refuse(reader, FW_ERR_CBOR_INDEFINITE);
  }
  return refuse(reader,
                ((initial >= HALF_FLOAT) && (initial <= DOUBLE_FLOAT)) ? FW_ERR_CBOR_FLOAT : FW_ERR_CBOR_SIMPLE);
}

/* The argument in 1, 2, 4 or 8 bytes (3), which must need them all (4.2.1). */
static uint64_t long_argument(cbor_reader *reader, uint32_t info) {
  static const uint64_t shortest[4] = {24u, 0x100u, 0x10000u, 0x100000000u};
  const uint32_t width_code = info - INFO_ONE_BYTE;
  const fw_bytes bytes = cbor_take(reader, (size_t)1u << width_code);
  uint64_t argument = 0u;
  for (size_t i = 0u; i < bytes.size; i++) {
    argument = (argument << 8) | bytes.data[i];
  }
  if (argument < shortest[width_code]) {
    cbor_fail(reader, FW_ERR_CBOR_NOT_MINIMAL);
  } else if (argument > CBOR_MAX_INTEGER) {
    cbor_fail(reader, FW_ERR_CBOR_RANGE);
  } else {
    return argument;
  }
  return 0u;
}

static uint64_t argument_of(cbor_reader *reader, uint8_t initial) {
  const uint32_t info = (uint32_t)initial & 0x1Fu;
  if (info < INFO_ONE_BYTE) {
    return info;
  }
  if (info <= INFO_EIGHT_BYTES) {
    return long_argument(reader, info);
  }
  cbor_fail(reader, (info == INFO_INDEFINITE) ? FW_ERR_CBOR_INDEFINITE : FW_ERR_CBOR_RESERVED);
  return 0u;
}

cbor_head cbor_take_head(cbor_reader *reader) {
  const fw_bytes first = cbor_take(reader, 1u);
  cbor_head head = NO_HEAD;
  if (first.size == 0u) {
    return NO_HEAD;
  }
  head.major = (cbor_major)(first.data[0] >> 5);
  if (head.major == CBOR_SIMPLE) {
    return simple_head(reader, first.data[0]);
  }
  if (head.major == CBOR_TAG) {
    return refuse(reader, FW_ERR_CBOR_TAG);
  }
  head.argument = argument_of(reader, first.data[0]);
  if ((head.major == CBOR_NEGATIVE) && (head.argument == CBOR_MAX_INTEGER)) {
    cbor_fail(reader, FW_ERR_CBOR_RANGE);
  }
  return (reader->status == FW_OK) ? head : NO_HEAD;
}
