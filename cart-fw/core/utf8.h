/** UTF-8 (RFC 3629), strictly: shortest forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef CART_CORE_UTF8_H
#define CART_CORE_UTF8_H

#include "bytes.h"

/**
 * Reads the character at `*at` and steps behind it.
 * @param at below bytes.size.
 * @return false, with nothing changed, when no character begins there.
 */
bool utf8_next(fw_bytes bytes, size_t *at, uint32_t *code_point);
bool utf8_is_valid(fw_bytes bytes);

#endif
