/**
 * Views and buffers. Every buffer belongs to the caller; nothing here allocates. A writer's error is sticky: encode
 * everything, then look at `status` once (the way of QCBOR).
 */
#ifndef CART_CORE_BYTES_H
#define CART_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/** Borrowed bytes, or UTF-8 text where a comment says so. Null data only with size 0. */
typedef struct {
  const uint8_t *data;
  size_t size; /* bytes */
} fw_bytes;

/** A caller's memory, filled from the front. After an error nothing more is written. */
typedef struct {
  uint8_t *data;
  size_t capacity; /* bytes */
  size_t size;     /* bytes written */
  fw_status status;
} fw_buffer;

/** A view of `size` bytes at `data`. Takes byte and char pointers only: a `void *` or a secret is a compile error. */
#define FW_BYTES(pointer, count)                                                                                       \
  _Generic((pointer), uint8_t *: fw_bytes_view, const uint8_t *: fw_bytes_view, char *: fw_bytes_view_text,            \
           const char *: fw_bytes_view_text)((pointer), (count))

fw_bytes fw_bytes_view(const uint8_t *data, size_t size);
fw_bytes fw_bytes_view_text(const char *data, size_t size);
/** The text's bytes without its terminating zero. */
fw_bytes fw_bytes_of_text(const char *text);
/** What was written so far; empty after an error. */
fw_bytes fw_bytes_written(const fw_buffer *buffer);
bool fw_bytes_equal(fw_bytes a, fw_bytes b);

fw_buffer fw_buffer_over(uint8_t *data, size_t capacity);
/** Appends, or sets FW_ERR_SPACE and writes nothing. */
void fw_buffer_put(fw_buffer *buffer, fw_bytes bytes);
void fw_buffer_put_byte(fw_buffer *buffer, uint8_t byte);
void fw_buffer_put_text(fw_buffer *buffer, const char *text);
/** Decimal digits, no leading zeros. */
void fw_buffer_put_decimal(fw_buffer *buffer, uint64_t number);
/** Lower-case hex digits. */
void fw_buffer_put_hex(fw_buffer *buffer, fw_bytes bytes);
/** Keeps the first error. */
void fw_buffer_fail(fw_buffer *buffer, fw_status status);

/** Overwrites memory with zeros in a way that no optimizer may leave out. */
void fw_wipe(void *memory, size_t size);

#endif
