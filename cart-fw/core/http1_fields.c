#include "http1_fields.h"

#define OUT_OF_TEN 10u

bool http1_take_number(fw_bytes text, size_t *at, uint32_t *number) {
  uint64_t value = 0u;
  const size_t start = *at;
  while ((*at < text.size) && (text.data[*at] >= (uint8_t)'0') && (text.data[*at] <= (uint8_t)'9')) {
    value = (value * OUT_OF_TEN) + (uint64_t)(text.data[*at] - (uint8_t)'0');
    if (value > UINT32_MAX) {
      return false;
    }
    *at += 1u;
  }
  *number = (uint32_t)value;
  return *at != start;
}

static bool take_character(fw_bytes text, size_t *at, char character) {
  if ((*at >= text.size) || (text.data[*at] != (uint8_t)character)) {
    return false;
  }
  *at += 1u;
  return true;
}

static uint8_t lower(uint8_t character) {
  const bool is_upper = (character >= (uint8_t)'A') && (character <= (uint8_t)'Z');
  return is_upper ? (uint8_t)(character + 32u) : character;
}

static bool begins_with(fw_bytes text, fw_bytes beginning) {
  if (text.size < beginning.size) {
    return false;
  }
  for (size_t i = 0u; i < beginning.size; i++) {
    if (lower(text.data[i]) != beginning.data[i]) {
      return false;
    }
  }
  return true;
}

/* Names and tokens are compared without case (RFC 9110, 5.1). `token` is in lower case. */
static bool is_token(fw_bytes text, const char *token) {
  const fw_bytes expected = fw_bytes_of_text(token);
  return (text.size == expected.size) && begins_with(text, expected);
}

/* The media type alone: `type`, or `type` and parameters. */
static bool is_type(fw_bytes value, const char *type) {
  const fw_bytes expected = fw_bytes_of_text(type);
  return begins_with(value, expected) &&
         ((value.size == expected.size) || (value.data[expected.size] == (uint8_t)';') ||
          (value.data[expected.size] == (uint8_t)' '));
}

/* A decimal number and nothing else. */
static bool is_number(fw_bytes value, uint32_t *number) {
  size_t at = 0u;
  return http1_take_number(value, &at, number) && (at == value.size);
}

/* RFC 9110, 8.6: a second one, or a list, is a smuggler's sign. */
static fw_status take_length(http1_answer *answer, fw_bytes value) {
  if (answer->has_length || !is_number(value, &answer->length)) {
    return FW_ERR_HTTP_LENGTH;
  }
  answer->has_length = true;
  return FW_OK;
}

/* No coding at all: the platform sends bodies as they are, with their length. */
static fw_status take_encoding(http1_answer *answer, fw_bytes value) {
  (void)answer;
  (void)value;
  return FW_ERR_HTTP_ENCODING;
}

static fw_status take_type(http1_answer *answer, fw_bytes value) {
  answer->is_cbor = is_type(value, "application/cbor");
  answer->is_cose = is_type(value, "application/cose");
  return FW_OK;
}

static fw_status take_connection(http1_answer *answer, fw_bytes value) {
  answer->closes = is_token(value, "close");
  return FW_OK;
}

static fw_status take_retry_after(http1_answer *answer, fw_bytes value) {
  answer->has_retry_after = is_number(value, &answer->retry_after_s);
  return FW_OK;
}

/* `bytes 0-1023/4096` (RFC 9110, 14.4); a range that can't be is an error. */
static fw_status take_range(http1_answer *answer, fw_bytes value) {
  const fw_bytes unit = fw_bytes_of_text("bytes ");
  size_t at = unit.size;
  const bool read = begins_with(value, unit) && http1_take_number(value, &at, &answer->range_first) &&
                    take_character(value, &at, '-') && http1_take_number(value, &at, &answer->range_last) &&
                    take_character(value, &at, '/') && http1_take_number(value, &at, &answer->range_total);
  if (!read || (at != value.size)) {
    return FW_ERR_HTTP_HEADER;
  }
  if ((answer->range_first > answer->range_last) || (answer->range_last >= answer->range_total)) {
    return FW_ERR_HTTP_HEADER;
  }
  answer->has_range = true;
  return FW_OK;
}

typedef struct {
  const char *name; /* in lower case */
  fw_status (*take)(http1_answer *answer, fw_bytes value);
} field;

static const field FIELDS[] = {
  {"content-length", take_length},       {"transfer-encoding", take_encoding}, {"content-encoding", take_encoding},
  {"content-type", take_type},           {"connection", take_connection},      {"retry-after", take_retry_after},
  {"content-range", take_range},
};

static bool is_space(uint8_t character) {
  return (character == (uint8_t)' ') || (character == (uint8_t)'\t');
}

/* The value without the white space around it (RFC 9112, 5). */
static fw_bytes trimmed(fw_bytes value) {
  size_t first = 0u;
  size_t last = value.size;
  while ((first < last) && is_space(value.data[first])) {
    first++;
  }
  while ((last > first) && is_space(value.data[last - 1u])) {
    last--;
  }
  return fw_bytes_view(&value.data[first], last - first);
}

/* Bytes before the colon; a name holds neither white space nor control characters (RFC 9112, 5.1). */
static size_t name_size(fw_bytes line) {
  size_t size = 0u;
  while ((size < line.size) && (line.data[size] > (uint8_t)' ') && (line.data[size] != (uint8_t)':')) {
    size++;
  }
  return ((size < line.size) && (line.data[size] == (uint8_t)':')) ? size : 0u;
}

fw_status http1_take_field(http1_answer *answer, fw_bytes line, bool cut) {
  const size_t size = name_size(line);
  const fw_bytes name = fw_bytes_view(line.data, size);
  if (size == 0u) {
    return FW_ERR_HTTP_HEADER;
  }
  for (size_t i = 0u; i < (sizeof(FIELDS) / sizeof(FIELDS[0])); i++) {
    if (is_token(name, FIELDS[i].name)) {
      const fw_bytes value = fw_bytes_view(&line.data[size + 1u], line.size - size - 1u);
      return cut ? FW_ERR_HTTP_HEADER : FIELDS[i].take(answer, trimmed(value));
    }
  }
  return FW_OK;
}
