/** For cbor_*.c alone: one item's head and a string's bytes, in deterministic form. */
#ifndef CART_CORE_CBOR_HEAD_H
#define CART_CORE_CBOR_HEAD_H

#include "cbor.h"

typedef struct {
  cbor_major major;
  uint64_t argument; /* for CBOR_SIMPLE: 20 false, 21 true, 22 null */
} cbor_head;

/** Reads a head. Tags have none here: they are FW_ERR_CBOR_TAG. After an error: a simple value that is none, 0. */
cbor_head cbor_take_head(cbor_reader *reader);
/** The next `size` bytes, or FW_ERR_CBOR_TRUNCATED and an empty view. */
fw_bytes cbor_take(cbor_reader *reader, uint64_t size);

#endif
