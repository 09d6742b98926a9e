#include "http1.h"

static void put_line(fw_buffer *out, const char *method, fw_bytes path, fw_bytes host) {
  fw_buffer_put_text(out, method);
  fw_buffer_put(out, path);
  fw_buffer_put_text(out, " HTTP/1.1\r\nHost: ");
  fw_buffer_put(out, host);
}

void http1_put_post(fw_buffer *out, fw_bytes host, fw_bytes path, const char *type, size_t body_size) {
  put_line(out, "POST ", path, host);
  fw_buffer_put_text(out, "\r\nContent-Type: ");
  fw_buffer_put_text(out, type);
  fw_buffer_put_text(out, "\r\nContent-Length: ");
  fw_buffer_put_decimal(out, body_size);
  fw_buffer_put_text(out, "\r\n\r\n");
}

void http1_put_get_range(fw_buffer *out, fw_bytes host, fw_bytes path, uint32_t first, uint32_t last) {
  put_line(out, "GET ", path, host);
  fw_buffer_put_text(out, "\r\nRange: bytes=");
  fw_buffer_put_decimal(out, first);
  fw_buffer_put_byte(out, (uint8_t)'-');
  fw_buffer_put_decimal(out, last);
  fw_buffer_put_text(out, "\r\n\r\n");
}
