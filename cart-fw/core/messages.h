/**
 * The messages of protocol/cart.cddl: what the cart says, and what it is told. Integer keys exist in messages*.c alone.
 * Encoders append to the caller's buffer and leave an error there: FW_ERR_FIELD for a value out of range, so that no
 * frame goes out which the platform would refuse. Decoders borrow text from the answer's bytes.
 */
#ifndef CART_CORE_MESSAGES_H
#define CART_CORE_MESSAGES_H

#include "bytes.h"
#include "cbor.h"
#include "eat.h"

#define MSG_UUID_SIZE ((size_t)16)
#define MSG_UUID_TEXT_SIZE ((size_t)36)
#define MSG_NONCE_SIZE ((size_t)16)
#define MSG_DIGEST_SIZE ((size_t)32)
#define MSG_EVENTS_MAX ((size_t)200)
#define MSG_CODE_MAX ((size_t)100)      /* a scanned code, bytes of UTF-8 */
#define MSG_QUANTITY_MAX 99u
#define MSG_STORE_MIN ((size_t)2)
#define MSG_STORE_MAX ((size_t)32)
#define MSG_TERMINAL_MAX ((size_t)32)
#define MSG_REFERENCE_MAX ((size_t)64)  /* a terminal's authorization reference */
#define MSG_RECEIPT_SIZE ((size_t)22)
#define MSG_NICKNAME_MAX ((size_t)48)   /* bytes of at most 12 characters */
#define MSG_NICKNAME_CHARACTERS ((size_t)12)
#define MSG_CURRENCY_SIZE ((size_t)3)
#define MSG_ANSWER_MAX ((size_t)65536)  /* the platform's limit; a cart's own buffer is smaller */
#define MSG_EVENT_ENCODED_MAX ((size_t)125) /* one event, at most: a scan of 100 bytes with every option */
#define MSG_ENVELOPE_MAX ((size_t)42)   /* everything of the payload but the body */
#define MSG_PATH_MAX ((size_t)63)     /* bytes: the longest of MSG_TABLE, with its session */

/* --- paths --- */

/** X(message, path before the session id, path behind it; null where the path names no session). */
#define MSG_TABLE(X)                                                                                                   \
  X(MSG_HELLO, "/cart/v1/hello", NULL)                                                                                 \
  X(MSG_ATTESTATION, "/cart/v1/attestation", NULL)                                                                     \
  X(MSG_OPEN, "/cart/v1/sessions", NULL)                                                                               \
  X(MSG_EVENTS, "/cart/v1/sessions/", "/events")                                                                       \
  X(MSG_IDENTITY, "/cart/v1/sessions/", "/identity")                                                                   \
  X(MSG_CHECKOUT, "/cart/v1/sessions/", "/checkout")                                                                   \
  X(MSG_PAYMENT, "/cart/v1/sessions/", "/payment")                                                                     \
  X(MSG_CLOSE, "/cart/v1/sessions/", "/close")                                                                         \
  X(MSG_TELEMETRY, "/cart/v1/telemetry", NULL)                                                                         \
  X(MSG_FIRMWARE, "/cart/v1/firmware", NULL)

#define MSG_KIND(kind, before, behind) kind,
typedef enum { MSG_TABLE(MSG_KIND) MSG_COUNT } msg_kind;
#undef MSG_KIND

/** Appends the path that the message is POSTed to. @param session 16 bytes; null for messages outside a session. */
void msg_put_path(fw_buffer *out, msg_kind kind, const uint8_t *session);
/** Appends the external_aad of the message's frame: "cartwright/1 POST " and its path. */
void msg_put_purpose(fw_buffer *out, msg_kind kind, const uint8_t *session);

/* --- requests --- */

typedef struct msg_envelope {
  const uint8_t *session; /* 16 bytes, or null where no session is open */
  uint32_t boot;          /* boot count, as attested */
  uint32_t seq;           /* in a session from 1, +1 a frame; telemetry: from 1 in each boot; else 0 */
  uint64_t time_ms;       /* the cart's clock since the Unix epoch; advisory */
} msg_envelope;

typedef enum {
  MSG_EVENT_SCAN = 1,
  MSG_EVENT_REMOVE = 2,
  MSG_EVENT_WEIGHT = 3,
  MSG_EVENT_HEALTH = 4,
  MSG_EVENT_FAULT = 5
} msg_event_kind;

/** When the event happened, ms since the epoch; absent where the cart does not know the time. */
typedef struct {
  bool present;
  uint64_t value;
} msg_optional;

typedef struct {
  msg_event_kind kind;
  msg_optional at_ms;
  union {
    struct {
      fw_bytes code;     /* text of 1 to 100 bytes */
      uint32_t quantity; /* 1..99 */
      msg_optional grams; /* net weight */
    } scan;
    struct {
      uint16_t line;
      msg_optional quantity; /* 1..99; absent: the whole line */
    } remove;
    struct {
      uint32_t grams;
    } weight;
    struct {
      uint8_t battery_percent; /* 0..100 */
      int16_t signal_dbm;      /* -200..0 */
    } health;
    struct {
      uint16_t code;
      uint32_t detail;
    } fault;
  } as;
} msg_event;

/** POST /cart/v1/hello: plain CBOR, unsigned. */
void msg_put_hello(fw_buffer *out, const uint8_t kid[8]);
/** @param beacon the store beacon's frame as it was heard. */
void msg_put_attestation(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims, fw_bytes beacon);
void msg_put_open(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims);
void msg_put_firmware(fw_buffer *out, const msg_envelope *envelope, const eat_claims *claims);
/**
 * Begins a batch of 1 to 200 events, which the caller appends encoded, `count` of them: each is what msg_put_event
 * wrote when it happened, so that the journal's records go out as they are.
 */
void msg_begin_events(fw_buffer *out, const msg_envelope *envelope, size_t count);
/** The same outside a session, for health and fault events only. */
void msg_begin_telemetry(fw_buffer *out, const msg_envelope *envelope, size_t count);
/** Appends one event. */
void msg_put_event(fw_buffer *out, const msg_event *event);
/** Identity with nobody's name: the shopper unlinks. The other three kinds are secret.h's. */
void msg_put_unlink(fw_buffer *out, const msg_envelope *envelope);
/** @param last_seq the last seq before this frame. */
void msg_put_checkout(fw_buffer *out, const msg_envelope *envelope, uint32_t last_seq, fw_bytes terminal);
void msg_put_payment(fw_buffer *out, const msg_envelope *envelope, const uint8_t handoff[16], fw_bytes reference,
                     const uint8_t basket_digest[32]);
void msg_put_close(fw_buffer *out, const msg_envelope *envelope, uint32_t last_seq);

/** Appends the envelope's head up to the body's key; for bodies that other modules own. */
void msg_begin(fw_buffer *out, const msg_envelope *envelope);

/* --- answers: FW_OK, or why the bytes are no such answer --- */

typedef struct {
  uint8_t nonce[16];
  uint64_t time_ms;
  fw_bytes store; /* empty: the cart has no store */
} msg_hello_answer;

typedef struct {
  fw_bytes statement; /* the store attestation's frame */
  fw_bytes cell_key;  /* the frame that certifies its key */
  uint8_t nonce[16];
} msg_attestation_answer;

typedef struct {
  uint8_t session[16];
  uint64_t lease_s;
  fw_bytes currency; /* 3 letters, ISO 4217 */
  uint8_t exponent;  /* 0..3 */
  fw_bytes store_name;
  uint64_t idle_s;
  uint64_t weight_tolerance_g;
  bool tax_included;
  uint8_t nonce[16];
  uint64_t time_ms;
} msg_open_answer;

typedef struct {
  uint16_t line;
  fw_bytes name;
  uint64_t unit_minor;
  uint64_t quantity; /* 0: the line is gone */
  int64_t total_minor;
  msg_optional grams;
} msg_basket_line;

typedef enum { MSG_HOLD_AGE_CHECK = 0, MSG_HOLD_WEIGHT = 1, MSG_HOLD_UNKNOWN_ITEM = 2 } msg_hold_kind;

typedef struct {
  uint64_t id;
  msg_hold_kind kind;
  bool has_line;
  uint16_t line;
} msg_hold;

/** A list inside an answer that was found good as a whole; walked with msg_next_line or msg_next_hold. */
typedef struct {
  cbor_reader reader;
  size_t left; /* items not yet read */
} msg_list;

typedef struct {
  uint32_t seq; /* last seq taken without a gap */
  msg_list lines;
  int64_t total_minor;
  msg_list holds;
} msg_events_answer;

typedef enum { MSG_NOT_LINKED = 0, MSG_LINKED = 1, MSG_TO_BE_CONFIRMED = 2 } msg_identity_status;

typedef struct {
  msg_identity_status status;
  uint8_t customer[16];   /* linked: the one-trip customer number */
  fw_bytes nickname;      /* linked: 1 to 12 characters, or empty. Show it through display_text only */
  uint8_t confirmation[2]; /* to be confirmed: two digits that cart and app both show */
} msg_identity_answer;

typedef struct {
  uint8_t handoff[16];
  uint64_t amount_minor;
  fw_bytes currency;
  uint64_t expires_ms;
  uint8_t basket_digest[32];
} msg_checkout_answer;

typedef enum { MSG_APPROVED = 0, MSG_DECLINED = 1, MSG_PAYMENT_PENDING = 2, MSG_PAYMENT_UNKNOWN = 3 } msg_outcome;

typedef struct {
  msg_outcome outcome;
  fw_bytes receipt; /* 22 characters, or empty */
} msg_payment_answer;

/** X(code, text on the wire): the refusals of protocol/cart/codes.ts. */
#define MSG_REFUSAL_TABLE(X)                                                                                           \
  X(MSG_REFUSED_MALFORMED, "malformed")                                                                                \
  X(MSG_REFUSED_SIGNATURE, "signature")                                                                                \
  X(MSG_REFUSED_CART_REVOKED, "cart_revoked")                                                                          \
  X(MSG_REFUSED_CART_QUARANTINED, "cart_quarantined")                                                                  \
  X(MSG_REFUSED_WRONG_STORE, "wrong_store")                                                                            \
  X(MSG_REFUSED_ATTESTATION, "attestation")                                                                            \
  X(MSG_REFUSED_NO_SESSION, "no_session")                                                                              \
  X(MSG_REFUSED_SEQ, "seq")                                                                                            \
  X(MSG_REFUSED_STATE, "state")                                                                                        \
  X(MSG_REFUSED_EQUIVOCATION, "equivocation")                                                                          \
  X(MSG_REFUSED_SESSION_OVER, "session_over")                                                                          \
  X(MSG_REFUSED_TOO_LARGE, "too_large")                                                                                \
  X(MSG_REFUSED_PAN_DETECTED, "pan_detected")                                                                          \
  X(MSG_REFUSED_IDENTITY_KIND, "identity_kind_not_allowed")                                                            \
  X(MSG_REFUSED_INVALID_FIELD, "invalid_field")                                                                        \
  X(MSG_REFUSED_TOO_MANY, "too_many")                                                                                  \
  X(MSG_REFUSED_UNAVAILABLE, "unavailable")

#define MSG_REFUSAL(code, text) code,
typedef enum { MSG_REFUSAL_TABLE(MSG_REFUSAL) MSG_REFUSAL_COUNT } msg_refusal;
#undef MSG_REFUSAL

typedef struct {
  msg_refusal code;
  msg_optional expected_seq; /* with MSG_REFUSED_SEQ */
} msg_error_answer;

fw_status msg_decode_hello(fw_bytes bytes, msg_hello_answer *answer);
fw_status msg_decode_attestation(fw_bytes bytes, msg_attestation_answer *answer);
fw_status msg_decode_open(fw_bytes bytes, msg_open_answer *answer);
fw_status msg_decode_events(fw_bytes bytes, msg_events_answer *answer);
fw_status msg_decode_identity(fw_bytes bytes, msg_identity_answer *answer);
fw_status msg_decode_checkout(fw_bytes bytes, msg_checkout_answer *answer);
fw_status msg_decode_payment(fw_bytes bytes, msg_payment_answer *answer);
/** The answer to close: the next nonce. */
fw_status msg_decode_close(fw_bytes bytes, uint8_t nonce[16]);
/** The answer to telemetry: the last seq taken. */
fw_status msg_decode_telemetry(fw_bytes bytes, uint32_t *seq);
/** The body of every refusal. */
fw_status msg_decode_error(fw_bytes bytes, msg_error_answer *answer);

/** The next line of a good answer; false when there is none left. */
bool msg_next_line(msg_list *list, msg_basket_line *line);
bool msg_next_hold(msg_list *list, msg_hold *hold);

#endif
