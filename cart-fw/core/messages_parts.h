/** For messages*.c, eat.c, secret.c, statements.c and manifest.c: fields as protocol/cart.cddl bounds them. */
#ifndef CART_CORE_MESSAGES_PARTS_H
#define CART_CORE_MESSAGES_PARTS_H

#include "bytes.h"
#include "cbor.h"

/* --- writing --- */

/** `key: bstr .size n`. */
void msg_put_bytes_field(fw_buffer *out, int64_t key, const uint8_t *data, size_t size);
/** `key: uint`. */
void msg_put_uint_field(fw_buffer *out, int64_t key, uint64_t value);
/** `key: least..most`, or FW_ERR_FIELD. */
void msg_put_ranged_field(fw_buffer *out, int64_t key, uint64_t value, uint64_t least, uint64_t most);
/** `key: tstr .size (least..most)`, or FW_ERR_FIELD, also for what is not UTF-8. */
void msg_put_text_field(fw_buffer *out, int64_t key, fw_bytes utf8, size_t least, size_t most);

/* --- reading --- */

/** A reader over one item that cbor_check found good, or with its error. */
cbor_reader msg_open(fw_bytes bytes, size_t max_size);
/** A map of `least..most` pairs; how many it has. Another count is FW_ERR_FORM. */
size_t msg_get_map(cbor_reader *reader, size_t least, size_t most);
void msg_get_bytes_field(cbor_reader *reader, int64_t key, uint8_t *to, size_t size);
uint64_t msg_get_uint_field(cbor_reader *reader, int64_t key, uint64_t least, uint64_t most);
int64_t msg_get_int_field(cbor_reader *reader, int64_t key);
fw_bytes msg_get_text_field(cbor_reader *reader, int64_t key, size_t least, size_t most);
/** A store's id: `tstr .size (2..32)` of a-z, 0-9 and hyphens that begins with no hyphen. */
fw_bytes msg_get_store(cbor_reader *reader);
/** Milliseconds since the epoch. */
uint64_t msg_get_time_field(cbor_reader *reader, int64_t key);

/* --- characters --- */

bool msg_is_digit(uint8_t character);
bool msg_is_upper(uint8_t character);
bool msg_is_alphanumeric(uint8_t character);
typedef bool (*msg_character_test)(uint8_t character);
/** Whether every character passes; true for none. */
bool msg_all(fw_bytes text, msg_character_test test);
/** FW_ERR_FIELD unless every character passes. */
void msg_require(cbor_reader *reader, fw_bytes text, msg_character_test test);

#endif
