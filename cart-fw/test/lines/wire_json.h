/* JSON on standard output, for programs whose half of the wire TypeScript compares with its own. */
#ifndef CART_TEST_WIRE_JSON_H
#define CART_TEST_WIRE_JSON_H

#include <inttypes.h>
#include <stdio.h>

#include "messages.h"

static inline void put_hex(const uint8_t *bytes, size_t size)
{
  (void)putchar('"');
  for (size_t i = 0; i < size; i++) {
    (void)printf("%02x", bytes[i]);
  }
  (void)putchar('"');
}

static inline void put_text(fw_bytes utf8)
{
  (void)putchar('"');
  for (size_t i = 0; i < utf8.size; i++) {
    const uint8_t c = utf8.data[i];
    if (c == '"' || c == '\\' || c < 0x20u) {
      (void)printf("\\u%04x", c);
    } else {
      (void)putchar((int)c);
    }
  }
  (void)putchar('"');
}

static inline void put_uuid(const uint8_t *uuid)
{
  static const size_t groups[5] = {4, 2, 2, 2, 6};
  size_t at = 0;
  (void)putchar('"');
  for (size_t i = 0; i < 5; i++) {
    for (size_t j = 0; j < groups[i]; j++) {
      (void)printf("%02x", uuid[at + j]);
    }
    at += groups[i];
    (void)printf("%s", i < 4 ? "-" : "\"");
  }
}

static inline void put_optional(const char *name, msg_optional value)
{
  if (value.present) {
    (void)printf(",\"%s\":%" PRIu64, name, value.value);
  } else {
    (void)printf(",\"%s\":null", name);
  }
}

#endif
