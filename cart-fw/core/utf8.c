#include "utf8.h"

/* RFC 3629, 3: the bytes of a sequence by its first; 0 for a continuation byte, an overlong C0 or C1, and F5 to FF. */
static size_t sequence_size(uint8_t first) {
  if (first < 0x80u) {
    return 1u;
  }
  if ((first < 0xC2u) || (first > 0xF4u)) {
    return 0u;
  }
  if (first < 0xE0u) {
    return 2u;
  }
  return (first < 0xF0u) ? 3u : 4u;
}

/* Overlong forms of three and four bytes, surrogates and what Unicode does not have. */
static bool is_scalar_value(uint32_t code_point, size_t size) {
  static const uint32_t least[5] = {0u, 0u, 0x80u, 0x800u, 0x10000u};
  const bool is_surrogate = (code_point & 0xFFFFF800u) == 0xD800u;
  return (code_point >= least[size]) && (code_point <= 0x10FFFFu) && !is_surrogate;
}

bool utf8_next(fw_bytes bytes, size_t *at, uint32_t *code_point) {
  const uint8_t *const sequence = &bytes.data[*at];
  const size_t size = sequence_size(sequence[0]);
  uint32_t value = sequence[0];
  if ((size == 0u) || (size > (bytes.size - *at))) {
    return false;
  }
  if (size > 1u) {
    value &= 0x7Fu >> size;
  }
  for (size_t i = 1u; i < size; i++) {
    if ((sequence[i] & 0xC0u) != 0x80u) {
      return false;
    }
    value = (value << 6) | (sequence[i] & 0x3Fu);
  }
  if (!is_scalar_value(value, size)) {
    return false;
  }
  *at += size;
  *code_point = value;
  return true;
}

bool utf8_is_valid(fw_bytes bytes) {
  size_t at = 0u;
  uint32_t ignored = 0u;
  while (at < bytes.size) {
    if (!utf8_next(bytes, &at, &ignored)) {
      return false;
    }
  }
  return true;
}
