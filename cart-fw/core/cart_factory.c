#include "cart_factory.h"

#include <string.h>

#include "cbor.h"
#include "crc32c.h"

#define MAGIC "CWF1"
#define MAGIC_SIZE ((size_t)4)
#define KEYS_LEAST 7u

static void copy_text(cbor_reader *reader, char *to, size_t least, size_t most) {
  fw_bytes text = cbor_get_text(reader, least, most);
  if (text.size != 0u) {
    (void)memcpy(to, text.data, text.size);
  }
  to[text.size] = '\0';
}

static void read_cell(cbor_reader *reader, cart_factory *out) {
  fw_bytes cell = cbor_get_text(reader, 2, 2);
  if (fw_bytes_equal(cell, fw_bytes_of_text("eu"))) {
    out->cell = STATEMENT_CELL_EU;
  } else if (fw_bytes_equal(cell, fw_bytes_of_text("us"))) {
    out->cell = STATEMENT_CELL_US;
  } else {
    cbor_fail(reader, FW_ERR_FIELD);
  }
}

static fw_status decode(fw_bytes bytes, cart_factory *out) {
  fw_status status = cbor_check(bytes, CBOR_NO_TAG, CART_FACTORY_SIZE_MAX);
  if (status != FW_OK) {
    return status;
  }
  cbor_reader reader = cbor_reader_over(bytes);
  size_t keys = cbor_get_map(&reader);
  cbor_get_key(&reader, 1);
  cbor_copy_bytes(&reader, out->serial, sizeof out->serial);
  cbor_get_key(&reader, 2);
  cbor_copy_bytes(&reader, out->kid, sizeof out->kid);
  cbor_get_key(&reader, 3);
  cbor_copy_bytes(&reader, out->root, sizeof out->root);
  cbor_get_key(&reader, 4);
  read_cell(&reader, out);
  cbor_get_key(&reader, 5);
  copy_text(&reader, out->host, 1, CART_HOST_MAX);
  cbor_get_key(&reader, 6);
  out->port = (uint16_t)cbor_get_uint(&reader, 1, 65535);
  cbor_get_key(&reader, 7);
  copy_text(&reader, out->apn, 0, CART_APN_MAX);
  out->has_point = keys > KEYS_LEAST;
  if (out->has_point) {
    cbor_get_key(&reader, 8);
    cbor_copy_bytes(&reader, out->point, sizeof out->point);
  }
  return cbor_end(&reader);
}

static uint32_t little_endian(const uint8_t *from, size_t size) {
  uint32_t value = 0;
  for (size_t i = size; i > 0u; i--) {
    value = (value << 8) | from[i - 1u];
  }
  return value;
}

fw_status cart_factory_read(fw_bytes area, cart_factory *out) {
  (void)memset(out, 0, sizeof *out);
  if (area.size < CART_FACTORY_HEAD_SIZE || memcmp(area.data, MAGIC, MAGIC_SIZE) != 0) {
    return FW_ERR_FORM;
  }
  size_t size = little_endian(area.data + MAGIC_SIZE, 2);
  if (size > area.size - CART_FACTORY_HEAD_SIZE) {
    return FW_ERR_FORM;
  }
  const uint8_t *body = area.data + CART_FACTORY_HEAD_SIZE;
  if (little_endian(area.data + 6, 4) != crc32c(0, body, size)) {
    return FW_ERR_DIGEST;
  }
  return decode(fw_bytes_view(body, size), out);
}

void cart_factory_put(fw_buffer *out, const cart_factory *factory) {
  uint8_t bytes[CART_FACTORY_SIZE_MAX];
  fw_buffer body = fw_buffer_over(bytes, sizeof bytes);
  cbor_put_map(&body, factory->has_point ? KEYS_LEAST + 1u : KEYS_LEAST);
  cbor_put_uint(&body, 1);
  cbor_put_bytes(&body, fw_bytes_view(factory->serial, sizeof factory->serial));
  cbor_put_uint(&body, 2);
  cbor_put_bytes(&body, fw_bytes_view(factory->kid, sizeof factory->kid));
  cbor_put_uint(&body, 3);
  cbor_put_bytes(&body, fw_bytes_view(factory->root, sizeof factory->root));
  cbor_put_uint(&body, 4);
  cbor_put_text(&body, fw_bytes_of_text(factory->cell == STATEMENT_CELL_EU ? "eu" : "us"));
  cbor_put_uint(&body, 5);
  cbor_put_text(&body, fw_bytes_of_text(factory->host));
  cbor_put_uint(&body, 6);
  cbor_put_uint(&body, factory->port);
  cbor_put_uint(&body, 7);
  cbor_put_text(&body, fw_bytes_of_text(factory->apn));
  if (factory->has_point) {
    cbor_put_uint(&body, 8);
    cbor_put_bytes(&body, fw_bytes_view(factory->point, sizeof factory->point));
  }
  uint32_t crc = crc32c(0, bytes, body.size);
  fw_buffer_put_text(out, MAGIC);
  fw_buffer_put_byte(out, (uint8_t)body.size);
  fw_buffer_put_byte(out, (uint8_t)(body.size >> 8));
  for (unsigned i = 0; i < 4u; i++) {
    fw_buffer_put_byte(out, (uint8_t)(crc >> (8u * i)));
  }
  fw_buffer_put(out, fw_bytes_written(&body));
}
