/**
 * What names a shopper: card token, loyalty number, pairing code. It lives in RAM, is sent once and is wiped.
 *
 * The type keeps it there. Its bytes can't be named outside secret.c (the field is poisoned), it converts to no view
 * of bytes (FW_BYTES takes byte pointers only), and it can't be assigned. So no line of code can hand it to the journal
 * or the log; test/compile-fail/ holds the lines that must not compile. The frame that carries it has a type of its own
 * for the same reason: its bytes go to the one sink that the caller names in `secret_frame_send`.
 */
#ifndef CART_CORE_SECRET_H
#define CART_CORE_SECRET_H

#include "bytes.h"
#include "cose.h"

#define SECRET_TEXT_MAX ((size_t)64)
#define SECRET_CARD_TOKEN_SIZE ((size_t)24)
/** Held this long at most without being sent (FW-08; then "tap again"). */
#define SECRET_HOLD_MS ((uint64_t)60000u)
/** Envelope, identity body and COSE around it, at most. */
#define SECRET_FRAME_MAX ((size_t)200)

/** Values are those of identity-body's key 1. */
typedef enum { SECRET_NONE = 0, SECRET_LOYALTY = 1, SECRET_CARD = 2, SECRET_PAIRING = 3 } secret_kind;

typedef struct {
  uint8_t secret_bytes_[64];
  size_t secret_size_;
  secret_kind secret_kind_;
  uint64_t secret_taken_ms_;
  const uint8_t secret_pinned_; /* a const member: the struct can't be assigned */
} secret_text;

/** A signed frame with a secret in it, from encoding until the answer came. */
typedef struct {
  uint8_t secret_bytes_[200];
  size_t secret_size_;
  bool secret_signed_;
  uint64_t secret_taken_ms_;
  const uint8_t secret_pinned_;
} secret_frame;

/**
 * Takes a secret: checks the form of its kind (card token: 24 of A-Z a-z 0-9; loyalty number: 4 to 32 bytes of UTF-8;
 * pairing code: 8 to 64), copies it and wipes the source.
 * @param source the driver's buffer; wiped whatever the outcome.
 * @return FW_OK, or FW_ERR_FIELD with nothing kept.
 */
fw_status secret_take(secret_text *secret, secret_kind kind, uint8_t *source, size_t size, uint64_t now_ms);
/** SECRET_NONE when there is none, or no more. */
secret_kind secret_kind_of(const secret_text *secret);
/** Wipes it when it was held for SECRET_HOLD_MS; true when it just was. */
bool secret_expire(secret_text *secret, uint64_t now_ms);
void secret_wipe(secret_text *secret);

struct msg_envelope;
/**
 * Encodes POST …/identity with the secret, wipes the secret, and answers the digest to sign.
 * @param purpose "cartwright/1 POST " and the path.
 * @return FW_OK; FW_ERR_SECRET_GONE when there was none; FW_ERR_ARGUMENT, and all wiped, without a session.
 */
fw_status secret_frame_begin(secret_frame *frame, secret_text *secret, const struct msg_envelope *envelope,
                             const uint8_t kid[COSE_KID_SIZE], fw_bytes purpose, uint8_t digest[SHA256_SIZE]);
fw_status secret_frame_finish(secret_frame *frame, const uint8_t signature[COSE_SIGNATURE_SIZE]);
/** Bytes of the finished frame, for Content-Length; 0 when there is none. */
size_t secret_frame_size(const secret_frame *frame);

/** Where a frame's bytes go: the transmit buffer of the modem, which its owner wipes once written. */
typedef void (*secret_sink)(void *context, fw_bytes bytes);
/**
 * Hands the bytes to the sink. May be repeated until the answer came, as delivery is at least once and a repeat must be
 * the same bytes; SECRET_HOLD_MS after the secret was taken the frame is wiped instead.
 * @return FW_OK; FW_ERR_SECRET_GONE when the frame is wiped or was never finished.
 */
fw_status secret_frame_send(secret_frame *frame, uint64_t now_ms, secret_sink sink, void *context);
/** To be called when the answer came, at the trip's end and on every way into LOCKED or FAULT. */
void secret_frame_wipe(secret_frame *frame);
/** Wipes it when its time is over; true when it just was. */
bool secret_frame_expire(secret_frame *frame, uint64_t now_ms);

#ifndef SECRET_IMPLEMENTATION
#pragma GCC poison secret_bytes_ secret_size_ secret_kind_ secret_taken_ms_ secret_signed_ secret_pinned_
#endif

#endif
