/** An amount as a person reads it: "12.34 EUR", "-0.05 USD", "120 JPY". No locale: the panel is the same everywhere. */
#ifndef CARTWRIGHT_PRICE_H
#define CARTWRIGHT_PRICE_H

#include "bytes.h"

/** Sign, 19 digits, point, space, currency. */
#define PRICE_TEXT_MAX ((size_t)26)

/** @param exponent 0..3: how many of the digits stand behind the point. @param currency 3 letters; null: left out. */
void price_put(fw_buffer *out, int64_t minor, uint8_t exponent, const char *currency);

#endif
