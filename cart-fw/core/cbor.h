/**
 * CBOR in its one deterministic form (RFC 8949, 4.2.1), as protocol/cart/cbor.ts has it: integers to 2^53 - 1, byte and
 * text strings, arrays, maps with integer or text keys, false, true, null. There is no lenient mode.
 */
#ifndef CART_CORE_CBOR_H
#define CART_CORE_CBOR_H

#include "bytes.h"

/** Arrays, maps and the tag count one level each. */
#define CBOR_MAX_DEPTH 8u
/** Bytes of one encoded item, a whole frame included. */
#define CBOR_MAX_SIZE ((size_t)16384)
#define CBOR_MAX_INTEGER ((uint64_t)9007199254740991u) /* 2^53 - 1: what the other side holds exactly */
#define CBOR_NO_TAG ((uint8_t)0)
/** The longest head of an item in bytes. */
#define CBOR_HEAD_MAX ((size_t)9)

typedef enum {
  CBOR_UINT = 0,
  CBOR_NEGATIVE = 1,
  CBOR_BYTES = 2,
  CBOR_TEXT = 3,
  CBOR_ARRAY = 4,
  CBOR_MAP = 5,
  CBOR_TAG = 6,
  CBOR_SIMPLE = 7
} cbor_major;

/* --- writing: errors stick to the buffer --- */

void cbor_put_head(fw_buffer *out, cbor_major major, uint64_t argument);
void cbor_put_uint(fw_buffer *out, uint64_t value);
void cbor_put_int(fw_buffer *out, int64_t value);
void cbor_put_bytes(fw_buffer *out, fw_bytes bytes);
void cbor_put_text(fw_buffer *out, fw_bytes utf8);
void cbor_put_array(fw_buffer *out, size_t items);
void cbor_put_map(fw_buffer *out, size_t pairs);
void cbor_put_null(fw_buffer *out);

/* --- checking --- */

/**
 * Whether `bytes` are exactly one item in deterministic form. Without recursion.
 * @param tag the tag that must stand before it (18 or 98 here), or CBOR_NO_TAG. No other tag is ever accepted.
 * @param max_size in bytes.
 * @return FW_OK or the FW_ERR_CBOR_… that protocol/cart/cbor.ts names for the same bytes.
 */
fw_status cbor_check(fw_bytes bytes, uint8_t tag, size_t max_size);

/* --- reading what cbor_check found good: errors stick to the reader, which then answers zeros and empty views --- */

typedef struct {
  fw_bytes bytes;
  size_t at;
  fw_status status;
} cbor_reader;

cbor_reader cbor_reader_over(fw_bytes bytes);
/** Sets the first error. */
void cbor_fail(cbor_reader *reader, fw_status status);
/** Whether the next item has this major type; false at the end and after an error. */
bool cbor_next_is(const cbor_reader *reader, cbor_major major);
/** Reads a head of this major type; another type is FW_ERR_FORM. */
uint64_t cbor_get_head(cbor_reader *reader, cbor_major major);
/** `least..most`; another type is FW_ERR_FORM, another range FW_ERR_FIELD. */
uint64_t cbor_get_uint(cbor_reader *reader, uint64_t least, uint64_t most);
int64_t cbor_get_int(cbor_reader *reader);
bool cbor_get_bool(cbor_reader *reader);
/** `bstr .size (least..most)`, borrowed from the reader's bytes. */
fw_bytes cbor_get_bytes(cbor_reader *reader, size_t least, size_t most);
/** `tstr .size (least..most)`: bytes of UTF-8. */
fw_bytes cbor_get_text(cbor_reader *reader, size_t least, size_t most);
/** Copies `bstr .size n`. */
void cbor_copy_bytes(cbor_reader *reader, uint8_t *to, size_t size);
size_t cbor_get_array(cbor_reader *reader);
size_t cbor_get_map(cbor_reader *reader);
/** Reads the key, which must be this one. */
void cbor_get_key(cbor_reader *reader, int64_t key);
/** Reads the null if one is next. */
bool cbor_get_null(cbor_reader *reader);
/** The reader's status; FW_ERR_CBOR_TRAILING when bytes are left. */
fw_status cbor_end(const cbor_reader *reader);

#endif
