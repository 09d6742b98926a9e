#include "cbor.h"

#define MAJOR_SHIFT 5u
#define NULL_BYTE 0xF6u

/* How many bytes the argument takes behind the initial byte, as a power of two; only for 24 and more. */
static uint8_t width_code_of(uint64_t argument) {
  if (argument <= 0xFFu) {
    return 0u;
  }
  if (argument <= 0xFFFFu) {
    return 1u;
  }
  return (argument <= 0xFFFFFFFFu) ? 2u : 3u;
}

void cbor_put_head(fw_buffer *out, cbor_major major, uint64_t argument) {
  const uint8_t initial = (uint8_t)((uint32_t)major << MAJOR_SHIFT);
  uint8_t head[CBOR_HEAD_MAX];
  size_t size = 1u;
  if (argument < 24u) {
    head[0] = (uint8_t)(initial | argument);
  } else {
    const uint8_t width_code = width_code_of(argument);
    const size_t width = (size_t)1u << width_code;
    uint64_t left = argument;
    head[0] = (uint8_t)(initial | (24u + width_code));
    for (size_t i = width; i > 0u; i--) {
      head[i] = (uint8_t)left;
      left >>= 8;
    }
    size += width;
  }
  fw_buffer_put(out, fw_bytes_view(head, size));
}

void cbor_put_uint(fw_buffer *out, uint64_t value) {
  if (value > CBOR_MAX_INTEGER) {
    fw_buffer_fail(out, FW_ERR_CBOR_RANGE);
  }
  cbor_put_head(out, CBOR_UINT, value);
}

void cbor_put_int(fw_buffer *out, int64_t value) {
  if (value >= 0) {
    cbor_put_uint(out, (uint64_t)value);
    return;
  }
  if (value < -(int64_t)CBOR_MAX_INTEGER) {
    fw_buffer_fail(out, FW_ERR_CBOR_RANGE);
  }
  const int64_t argument = -1 - value;
  cbor_put_head(out, CBOR_NEGATIVE, (uint64_t)argument);
}

void cbor_put_bytes(fw_buffer *out, fw_bytes bytes) {
  cbor_put_head(out, CBOR_BYTES, bytes.size);
  fw_buffer_put(out, bytes);
}

void cbor_put_text(fw_buffer *out, fw_bytes utf8) {
  cbor_put_head(out, CBOR_TEXT, utf8.size);
  fw_buffer_put(out, utf8);
}

void cbor_put_array(fw_buffer *out, size_t items) {
  cbor_put_head(out, CBOR_ARRAY, items);
}

void cbor_put_map(fw_buffer *out, size_t pairs) {
  cbor_put_head(out, CBOR_MAP, pairs);
}

void cbor_put_null(fw_buffer *out) {
  fw_buffer_put_byte(out, NULL_BYTE);
}
