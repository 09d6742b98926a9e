#include "cbor_head.h"

#include <string.h>

#define SIMPLE_FALSE 20u
#define SIMPLE_TRUE 21u
#define SIMPLE_NULL 22u
#define NULL_BYTE 0xF6u

cbor_reader cbor_reader_over(fw_bytes bytes) {
  const cbor_reader reader = {bytes, 0u, FW_OK};
  return reader;
}

bool cbor_next_is(const cbor_reader *reader, cbor_major major) {
  if ((reader->status != FW_OK) || (reader->at >= reader->bytes.size)) {
    return false;
  }
  return (reader->bytes.data[reader->at] >> 5) == (uint32_t)major;
}

uint64_t cbor_get_head(cbor_reader *reader, cbor_major major) {
  const cbor_head head = cbor_take_head(reader);
  if (head.major != major) {
    cbor_fail(reader, FW_ERR_FORM);
  }
  return (reader->status == FW_OK) ? head.argument : 0u;
}

int64_t cbor_get_int(cbor_reader *reader) {
  if (cbor_next_is(reader, CBOR_NEGATIVE)) {
    return -1 - (int64_t)cbor_get_head(reader, CBOR_NEGATIVE);
  }
  return (int64_t)cbor_get_head(reader, CBOR_UINT);
}

uint64_t cbor_get_uint(cbor_reader *reader, uint64_t least, uint64_t most) {
  const int64_t value = cbor_get_int(reader);
  if ((value < (int64_t)least) || (value > (int64_t)most)) {
    cbor_fail(reader, FW_ERR_FIELD);
  }
  return (reader->status == FW_OK) ? (uint64_t)value : 0u;
}

bool cbor_get_bool(cbor_reader *reader) {
  const cbor_head head = cbor_take_head(reader);
  if ((head.major != CBOR_SIMPLE) || (head.argument == SIMPLE_NULL)) {
    cbor_fail(reader, FW_ERR_FORM);
  }
  return (reader->status == FW_OK) && (head.argument == SIMPLE_TRUE);
}

static fw_bytes get_string(cbor_reader *reader, cbor_major major, size_t least, size_t most) {
  const fw_bytes nothing = {NULL, 0u};
  const uint64_t size = cbor_get_head(reader, major);
  const fw_bytes string = cbor_take(reader, size);
  if ((string.size < least) || (string.size > most)) {
    cbor_fail(reader, FW_ERR_FIELD);
  }
  return (reader->status == FW_OK) ? string : nothing;
}

fw_bytes cbor_get_bytes(cbor_reader *reader, size_t least, size_t most) {
  return get_string(reader, CBOR_BYTES, least, most);
}

fw_bytes cbor_get_text(cbor_reader *reader, size_t least, size_t most) {
  return get_string(reader, CBOR_TEXT, least, most);
}

void cbor_copy_bytes(cbor_reader *reader, uint8_t *to, size_t size) {
  const fw_bytes bytes = get_string(reader, CBOR_BYTES, size, size);
  if (bytes.size != 0u) {
    (void)memcpy(to, bytes.data, bytes.size);
  }
}

/* Each item takes a byte at least, so a count beyond the bytes is a lie, and one that might not fit size_t. */
static size_t get_count(cbor_reader *reader, cbor_major major) {
  const uint64_t count = cbor_get_head(reader, major);
  if (count > (reader->bytes.size - reader->at)) {
    cbor_fail(reader, FW_ERR_CBOR_TRUNCATED);
    return 0u;
  }
  return (size_t)count;
}

size_t cbor_get_array(cbor_reader *reader) {
  return get_count(reader, CBOR_ARRAY);
}

size_t cbor_get_map(cbor_reader *reader) {
  return get_count(reader, CBOR_MAP);
}

void cbor_get_key(cbor_reader *reader, int64_t key) {
  if (cbor_get_int(reader) != key) {
    cbor_fail(reader, FW_ERR_FORM);
  }
}

bool cbor_get_null(cbor_reader *reader) {
  const bool is_null = cbor_next_is(reader, CBOR_SIMPLE) && (reader->bytes.data[reader->at] == NULL_BYTE);
  if (is_null) {
    reader->at += 1u;
  }
  return is_null;
}

fw_status cbor_end(const cbor_reader *reader) {
  if ((reader->status == FW_OK) && (reader->at != reader->bytes.size)) {
    return FW_ERR_CBOR_TRAILING;
  }
  return reader->status;
}
