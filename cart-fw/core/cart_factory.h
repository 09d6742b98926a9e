/**
 * What the factory writes once into HAL_FACTORY, and only there:
 *
 *   "CWF1"  size(2, little endian) of the CBOR  CRC-32C(4, little endian) of the CBOR  CBOR, padded with FF to the unit
 *
 *   { 1: serial(16), 2: kid(8), 3: root point(65), 4: cell "us" / "eu", 5: host tstr (1..63), 6: port, 7: apn tstr (0..31),
 *     8: ? public key of the cart's element (64) }
 */
#ifndef CARTWRIGHT_CART_FACTORY_H
#define CARTWRIGHT_CART_FACTORY_H

#include "statements.h"

#define CART_FACTORY_HEAD_SIZE ((size_t)10)
#define CART_FACTORY_SIZE_MAX ((size_t)512) /* with its head */
#define CART_HOST_MAX ((size_t)63)
#define CART_APN_MAX ((size_t)31)

typedef struct {
  uint8_t serial[16];
  uint8_t kid[8]; /* first 8 bytes of SHA-256 over the cart's certificate */
  uint8_t root[P256_POINT_SIZE];
  statement_cell cell;
  char host[64]; /* with its zero */
  uint16_t port;
  char apn[32]; /* with its zero */
  bool has_point;
  uint8_t point[64]; /* X and Y of the key that the certificate names */
} cart_factory;

/** FW_OK; FW_ERR_DIGEST for a wrong CRC; FW_ERR_FORM, FW_ERR_FIELD or an FW_ERR_CBOR_… for another content. */
fw_status cart_factory_read(fw_bytes area, cart_factory *out);
/** Appends the record, for tests and for the factory's station. */
void cart_factory_put(fw_buffer *out, const cart_factory *factory);

#endif
