#define SECRET_IMPLEMENTATION
#include "secret.h"

#include <string.h>

#include "messages.h"
#include "messages_parts.h"
#include "utf8.h"

/* SECRET_FRAME_MAX holds the longest secret in the longest envelope, so encoding below can't run out of room. */
_Static_assert(COSE_SIGN1_OVERHEAD_MAX + MSG_ENVELOPE_MAX + 6u + SECRET_TEXT_MAX <= SECRET_FRAME_MAX, "frame");

/* identity-body of protocol/cart.cddl. */
#define KEY_KIND 1
#define KEY_VALUE 2
#define LOYALTY_MIN ((size_t)4)
#define LOYALTY_MAX ((size_t)32)
#define PAIRING_MIN ((size_t)8)

static bool is_sized(fw_bytes text, size_t least, size_t most) {
  return (text.size >= least) && (text.size <= most) && utf8_is_valid(text);
}

static bool has_form(secret_kind kind, fw_bytes text) {
  switch (kind) {
    case SECRET_LOYALTY:
      return is_sized(text, LOYALTY_MIN, LOYALTY_MAX);
    case SECRET_CARD:
      return (text.size == SECRET_CARD_TOKEN_SIZE) && msg_all(text, msg_is_alphanumeric);
    case SECRET_PAIRING:
      return is_sized(text, PAIRING_MIN, SECRET_TEXT_MAX);
    case SECRET_NONE:
    default:
      return false;
  }
}

fw_status secret_take(secret_text *secret, secret_kind kind, uint8_t *source, size_t size, uint64_t now_ms) {
  const bool good = has_form(kind, fw_bytes_view(source, size));
  secret_wipe(secret);
  if (good) {
    (void)memcpy(secret->secret_bytes_, source, size);
    secret->secret_size_ = size;
    secret->secret_kind_ = kind;
    secret->secret_taken_ms_ = now_ms;
  }
  fw_wipe(source, size);
  return good ? FW_OK : FW_ERR_FIELD;
}

secret_kind secret_kind_of(const secret_text *secret) {
  return secret->secret_kind_;
}

static bool is_over(uint64_t taken_ms, uint64_t now_ms) {
  return (now_ms - taken_ms) >= SECRET_HOLD_MS;
}

bool secret_expire(secret_text *secret, uint64_t now_ms) {
  if ((secret->secret_kind_ == SECRET_NONE) || !is_over(secret->secret_taken_ms_, now_ms)) {
    return false;
  }
  secret_wipe(secret);
  return true;
}

void secret_wipe(secret_text *secret) {
  fw_wipe(secret->secret_bytes_, sizeof secret->secret_bytes_);
  secret->secret_size_ = 0u;
  secret->secret_kind_ = SECRET_NONE;
  secret->secret_taken_ms_ = 0u;
}

static void put_identity(fw_buffer *out, const secret_text *secret, const msg_envelope *envelope) {
  msg_begin(out, envelope);
  cbor_put_map(out, 2u);
  msg_put_uint_field(out, KEY_KIND, (uint64_t)secret->secret_kind_);
  cbor_put_uint(out, KEY_VALUE);
  cbor_put_text(out, fw_bytes_view(secret->secret_bytes_, secret->secret_size_));
}

fw_status secret_frame_begin(secret_frame *frame, secret_text *secret, const struct msg_envelope *envelope,
                             const uint8_t kid[COSE_KID_SIZE], fw_bytes purpose, uint8_t digest[SHA256_SIZE]) {
  fw_buffer payload = fw_buffer_over(&frame->secret_bytes_[COSE_SIGN1_HEAD_MAX], SECRET_FRAME_MAX - COSE_SIGN1_HEAD_MAX);
  fw_buffer out = fw_buffer_over(frame->secret_bytes_, SECRET_FRAME_MAX);
  secret_frame_wipe(frame);
  if (secret->secret_kind_ == SECRET_NONE) {
    return FW_ERR_SECRET_GONE;
  }
  if (envelope->session == NULL) {
    secret_wipe(secret);
    return FW_ERR_ARGUMENT;
  }
  put_identity(&payload, secret, envelope);
  (void)cose_sign1_begin(&out, kid, fw_bytes_written(&payload), purpose, digest);
  frame->secret_taken_ms_ = secret->secret_taken_ms_;
  frame->secret_size_ = out.size;
  secret_wipe(secret);
  return FW_OK;
}

fw_status secret_frame_finish(secret_frame *frame, const uint8_t signature[COSE_SIGNATURE_SIZE]) {
  fw_buffer out = fw_buffer_over(frame->secret_bytes_, SECRET_FRAME_MAX);
  if ((frame->secret_size_ == 0u) || frame->secret_signed_) {
    return FW_ERR_SECRET_GONE;
  }
  out.size = frame->secret_size_;
  (void)cose_sign1_finish(&out, signature);
  frame->secret_size_ = out.size;
  frame->secret_signed_ = true;
  return FW_OK;
}

size_t secret_frame_size(const secret_frame *frame) {
  return frame->secret_signed_ ? frame->secret_size_ : 0u;
}

fw_status secret_frame_send(secret_frame *frame, uint64_t now_ms, secret_sink sink, void *context) {
  (void)secret_frame_expire(frame, now_ms);
  if (!frame->secret_signed_) {
    return FW_ERR_SECRET_GONE;
  }
  sink(context, fw_bytes_view(frame->secret_bytes_, frame->secret_size_));
  return FW_OK;
}

void secret_frame_wipe(secret_frame *frame) {
  fw_wipe(frame->secret_bytes_, sizeof frame->secret_bytes_);
  frame->secret_size_ = 0u;
  frame->secret_signed_ = false;
  frame->secret_taken_ms_ = 0u;
}

bool secret_frame_expire(secret_frame *frame, uint64_t now_ms) {
  if ((frame->secret_size_ == 0u) || !is_over(frame->secret_taken_ms_, now_ms)) {
    return false;
  }
  secret_frame_wipe(frame);
  return true;
}
