/*
 * Requests read by the cart's own reader, as the platform's door reads them. No cart reads a request: this shows that
 * core/cbor and the bounds of core/messages.h refuse what protocol/vectors/payloads-refused.json says, by name.
 */
#ifndef CARTWRIGHT_TEST_REQUESTS_H
#define CARTWRIGHT_TEST_REQUESTS_H

#include "bytes.h"

/* "ok", or the code of the refusal (protocol/cart/codes.ts). `message` as in protocol/cart/messages.ts. */
const char *request_judge(const char *message, fw_bytes payload);

#endif
