#include "bytes.h"

#include <string.h>

fw_bytes fw_bytes_view(const uint8_t *data, size_t size) {
  const fw_bytes view = {data, size};
  return view;
}

fw_bytes fw_bytes_view_text(const char *data, size_t size) {
  return fw_bytes_view((const uint8_t *)data, size);
}

fw_bytes fw_bytes_of_text(const char *text) {
  return fw_bytes_view_text(text, strlen(text));
}

fw_bytes fw_bytes_written(const fw_buffer *buffer) {
  return fw_bytes_view(buffer->data, (buffer->status == FW_OK) ? buffer->size : 0u);
}

bool fw_bytes_equal(fw_bytes a, fw_bytes b) {
  if (a.size != b.size) {
    return false;
  }
  return (a.size == 0u) || (memcmp(a.data, b.data, a.size) == 0);
}

fw_buffer fw_buffer_over(uint8_t *data, size_t capacity) {
  const fw_buffer buffer = {data, capacity, 0u, FW_OK};
  return buffer;
}

void fw_buffer_fail(fw_buffer *buffer, fw_status status) {
  if (buffer->status == FW_OK) {
    buffer->status = status;
  }
}

void fw_buffer_put(fw_buffer *buffer, fw_bytes bytes) {
  if (bytes.size > (buffer->capacity - buffer->size)) {
    fw_buffer_fail(buffer, FW_ERR_SPACE);
  }
  if ((buffer->status != FW_OK) || (bytes.size == 0u)) {
    return;
  }
  /* memmove: a payload may be moved down within its own buffer (cose.h). */
  (void)memmove(&buffer->data[buffer->size], bytes.data, bytes.size);
  buffer->size += bytes.size;
}

void fw_buffer_put_byte(fw_buffer *buffer, uint8_t byte) {
  fw_buffer_put(buffer, fw_bytes_view(&byte, 1u));
}

void fw_buffer_put_text(fw_buffer *buffer, const char *text) {
  fw_buffer_put(buffer, fw_bytes_of_text(text));
}

void fw_buffer_put_decimal(fw_buffer *buffer, uint64_t number) {
  uint8_t digits[20]; /* 2^64 - 1 has 20 */
  size_t first = sizeof digits;
  uint64_t left = number;
  do {
    first--;
    digits[first] = (uint8_t)((uint8_t)'0' + (uint8_t)(left % 10u));
    left /= 10u;
  } while (left != 0u);
  fw_buffer_put(buffer, fw_bytes_view(&digits[first], sizeof digits - first));
}

void fw_buffer_put_hex(fw_buffer *buffer, fw_bytes bytes) {
  static const uint8_t digits[] = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  for (size_t i = 0u; i < bytes.size; i++) {
    fw_buffer_put_byte(buffer, digits[bytes.data[i] >> 4]);
    fw_buffer_put_byte(buffer, digits[bytes.data[i] & 0x0Fu]);
  }
}

void fw_wipe(void *memory, size_t size) {
  volatile uint8_t *byte = memory;
  for (size_t i = 0u; i < size; i++) {
    byte[i] = 0u;
  }
}
