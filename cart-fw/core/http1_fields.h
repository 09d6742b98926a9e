/** For http1_*.c alone: what the header fields of an answer mean. */
#ifndef CART_CORE_HTTP1_FIELDS_H
#define CART_CORE_HTTP1_FIELDS_H

#include "http1.h"

/**
 * Takes one field line without its CR LF into the answer.
 * @param cut only the line's beginning is there; an error for a field that the cart reads.
 * @return FW_OK, also for fields that mean nothing to a cart; else an FW_ERR_HTTP_….
 */
fw_status http1_take_field(http1_answer *answer, fw_bytes line, bool cut);
/** Reads decimal digits from `*at` on; false for none, and for a number beyond 2^32 - 1. */
bool http1_take_number(fw_bytes text, size_t *at, uint32_t *number);

#endif
