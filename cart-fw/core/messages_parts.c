#include "messages_parts.h"

#include "messages.h"
#include "utf8.h"

void msg_put_bytes_field(fw_buffer *out, int64_t key, const uint8_t *data, size_t size) {
  cbor_put_int(out, key);
  cbor_put_bytes(out, fw_bytes_view(data, size));
}

void msg_put_uint_field(fw_buffer *out, int64_t key, uint64_t value) {
  cbor_put_int(out, key);
  cbor_put_uint(out, value);
}

void msg_put_ranged_field(fw_buffer *out, int64_t key, uint64_t value, uint64_t least, uint64_t most) {
  if ((value < least) || (value > most)) {
    fw_buffer_fail(out, FW_ERR_FIELD);
  }
  msg_put_uint_field(out, key, value);
}

void msg_put_text_field(fw_buffer *out, int64_t key, fw_bytes utf8, size_t least, size_t most) {
  if ((utf8.size < least) || (utf8.size > most) || !utf8_is_valid(utf8)) {
    fw_buffer_fail(out, FW_ERR_FIELD);
  }
  cbor_put_int(out, key);
  cbor_put_text(out, utf8);
}

cbor_reader msg_open(fw_bytes bytes, size_t max_size) {
  cbor_reader reader = cbor_reader_over(bytes);
  reader.status = cbor_check(bytes, CBOR_NO_TAG, max_size);
  return reader;
}

size_t msg_get_map(cbor_reader *reader, size_t least, size_t most) {
  const size_t pairs = cbor_get_map(reader);
  if ((pairs < least) || (pairs > most)) {
    cbor_fail(reader, FW_ERR_FORM);
  }
  return pairs;
}

void msg_get_bytes_field(cbor_reader *reader, int64_t key, uint8_t *to, size_t size) {
  cbor_get_key(reader, key);
  cbor_copy_bytes(reader, to, size);
}

uint64_t msg_get_uint_field(cbor_reader *reader, int64_t key, uint64_t least, uint64_t most) {
  cbor_get_key(reader, key);
  return cbor_get_uint(reader, least, most);
}

int64_t msg_get_int_field(cbor_reader *reader, int64_t key) {
  cbor_get_key(reader, key);
  return cbor_get_int(reader);
}

fw_bytes msg_get_text_field(cbor_reader *reader, int64_t key, size_t least, size_t most) {
  cbor_get_key(reader, key);
  return cbor_get_text(reader, least, most);
}

static bool is_lower(uint8_t character) {
  return (character >= (uint8_t)'a') && (character <= (uint8_t)'z');
}

bool msg_is_digit(uint8_t character) {
  return (character >= (uint8_t)'0') && (character <= (uint8_t)'9');
}

bool msg_is_upper(uint8_t character) {
  return (character >= (uint8_t)'A') && (character <= (uint8_t)'Z');
}

bool msg_is_alphanumeric(uint8_t character) {
  return msg_is_digit(character) || msg_is_upper(character) || is_lower(character);
}

static bool is_store_character(uint8_t character) {
  return is_lower(character) || msg_is_digit(character) || (character == (uint8_t)'-');
}

bool msg_all(fw_bytes text, msg_character_test test) {
  for (size_t i = 0u; i < text.size; i++) {
    if (!test(text.data[i])) {
      return false;
    }
  }
  return true;
}

void msg_require(cbor_reader *reader, fw_bytes text, msg_character_test test) {
  if (!msg_all(text, test)) {
    cbor_fail(reader, FW_ERR_FIELD);
  }
}

fw_bytes msg_get_store(cbor_reader *reader) {
  const fw_bytes store = cbor_get_text(reader, MSG_STORE_MIN, MSG_STORE_MAX);
  msg_require(reader, store, is_store_character);
  if ((store.size != 0u) && (store.data[0] == (uint8_t)'-')) {
    cbor_fail(reader, FW_ERR_FIELD);
  }
  return store;
}

uint64_t msg_get_time_field(cbor_reader *reader, int64_t key) {
  return msg_get_uint_field(reader, key, 0u, CBOR_MAX_INTEGER);
}
