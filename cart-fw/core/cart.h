/**
 * The cart: events in, effects out. `cart_step` does no I/O, reads no clock and allocates nothing; the runtime
 * (core/runtime.h) feeds it what the drivers say and carries out what it answers. So one trace replays alike on a host,
 * in the emulator and on the board.
 *
 * One request is under way at a time. Its frame is numbered, noted in the journal, signed by the secure element, sent,
 * and sent again as it is until an answer came: (cart, boot, seq) names one content for ever.
 */
#ifndef CARTWRIGHT_CART_H
#define CARTWRIGHT_CART_H

#include "bytes.h"
#include "cart_factory.h"
#include "cart_table.h"
#include "display.h"
#include "display_wire.h"
#include "messages.h"
#include "secret.h"

/** Effects of one step, at most. */
#define CART_EFFECTS_MAX 12u

/* --- events ------------------------------------------------------------------------------------------------------------ */

typedef enum {
  CART_EV_START,          /* after cart_init */
  CART_EV_TICK,           /* at least every 250 ms */
  /* self-test */
  CART_EV_JOURNAL,        /* ok, number: the boot count, counted up */
  CART_EV_ELEMENT,        /* ok: the secure element answers, and with the key that the certificate names */
  CART_EV_IMAGE,          /* image: what runs */
  /* journal, in answer to effects */
  CART_EV_APPENDED,       /* status, number: the record's id */
  CART_EV_RECORD,         /* type, number: its id, bytes; one for each record of a read */
  CART_EV_READ_END,
  /* secure element, in answer to CART_FX_SIGN */
  CART_EV_SIGNED,         /* ok, bytes: 64 */
  /* link */
  CART_EV_LINK,           /* ok: registered on the network or not */
  CART_EV_REPLY,          /* reply */
  CART_EV_NO_REPLY,       /* the connection broke, or nothing came in time */
  CART_EV_SIGNAL_DBM,     /* number: 0 - dBm */
  /* people and things around the cart */
  CART_EV_SCAN,           /* text, size: a code; wiped by the step if it was a person's */
  CART_EV_SECRET,         /* secret, text, size: a person's; wiped by the step */
  CART_EV_KEY,            /* key; text, size: what was typed, wiped by the step */
  CART_EV_UNREADABLE,     /* the scanner or the card reader could not read */
  CART_EV_WEIGHT,         /* grams: settled */
  CART_EV_SCALE_TROUBLE,
  CART_EV_READER_SERIAL,  /* bytes: text of 1 to 32 */
  CART_EV_TAMPER,         /* the card reader's case was opened */
  CART_EV_SEEN,           /* device, bytes: its id; number: 0 - dBm */
  CART_EV_GONE,           /* device, bytes */
  CART_EV_STATEMENT,      /* bytes: the store beacon's signed statement */
  CART_EV_PAYMENT,        /* payment: what the terminal says */
  CART_EV_POWER,          /* ok: docked, number: battery percent */
  /* update, in answer to CART_FX_UPDATE */
  CART_EV_UPDATE_PROGRESS, /* number: percent */
  CART_EV_UPDATED,         /* ok: installed, to be started by a reset */
  CART_EV_COUNT
} cart_event_kind;

typedef enum { CART_BEACON = 0, CART_TERMINAL = 1, CART_STAFF = 2 } cart_device;
typedef enum { CART_TERMINAL_APPROVED, CART_TERMINAL_DECLINED, CART_TERMINAL_UNKNOWN, CART_TERMINAL_CANCELLED } cart_terminal_outcome;

typedef enum { CART_APPENDED, CART_JOURNAL_FULL, CART_JOURNAL_BROKEN } cart_append_status;

typedef struct {
  uint16_t status;       /* HTTP's */
  uint32_t retry_after_s; /* 0: not asked for */
  fw_bytes body;
  bool is_cut; /* the body was longer than there was room for: `body` is its beginning */
} cart_reply;

typedef struct {
  uint8_t digest[32];
  fw_bytes version; /* text; the caller's, for the cart's life */
  uint32_t security_counter;
  uint16_t hardware;
  eat_debug debug;
  bool trial;
} cart_image;

typedef struct {
  cart_event_kind kind;
  uint64_t now_ms; /* since power-on */
  bool ok;
  uint32_t number;
  int32_t grams;
  uint8_t type;
  cart_append_status status;
  fw_bytes bytes;
  uint8_t *text; /* the driver's buffer, so that it can be wiped */
  size_t size;
  secret_kind secret;
  display_key key;
  cart_device device;
  cart_reply reply;
  struct {
    const uint8_t *handoff; /* 16 bytes */
    cart_terminal_outcome outcome;
    fw_bytes reference;
  } payment;
  cart_image image;
} cart_event;

/* --- effects ----------------------------------------------------------------------------------------------------------- */

typedef enum {
  CART_FX_SIGN,          /* digest: 32 bytes at bytes → CART_EV_SIGNED */
  CART_FX_SEND,          /* message, path, bytes: the body → CART_EV_REPLY or CART_EV_NO_REPLY */
  CART_FX_SEND_SECRET,   /* message, path; the body by secret_frame_send(frame, …); all copies are wiped when sent */
  CART_FX_LINK_CLOSE,    /* the trip's connection is no longer needed */
  CART_FX_APPEND,        /* class, type, bytes → CART_EV_APPENDED */
  CART_FX_READ,          /* every record that is not acknowledged → CART_EV_RECORD …, CART_EV_READ_END */
  CART_FX_ACKNOWLEDGE,   /* number: up to this id */
  CART_FX_DISPLAY,       /* cart->display has changed */
  CART_FX_BEACON,        /* bytes: the nonce that the beacon is to sign → CART_EV_STATEMENT */
  CART_FX_PAY,           /* order → CART_EV_PAYMENT */
  CART_FX_PAY_STATUS,    /* order: asks again → CART_EV_PAYMENT */
  CART_FX_PAY_CANCEL,    /* order → CART_EV_PAYMENT */
  CART_FX_READER,        /* ok: arm the card reader or not */
  CART_FX_ASK_SIGNAL,    /* → CART_EV_SIGNAL_DBM */
  CART_FX_UPDATE,        /* bytes: a manifest's frame, not yet verified → CART_EV_UPDATED */
  CART_FX_CONFIRM,       /* the running image has proved itself: a signed round trip was accepted */
  CART_FX_WIPE,          /* every driver forgets what it has buffered */
  CART_FX_RESET
} cart_effect_kind;

typedef enum { CART_CLASS_ORDINARY, CART_CLASS_FAULT, CART_CLASS_CONTROL } cart_journal_class;

typedef struct {
  const uint8_t *handoff; /* 16 bytes */
  uint64_t amount_minor;
  uint8_t exponent;
  const char *currency; /* 3 letters */
  fw_bytes terminal;    /* its id */
} cart_order;

/** Pointers stay good until the next step. */
typedef struct {
  cart_effect_kind kind;
  bool ok;
  uint32_t number;
  uint8_t type;
  cart_journal_class class;
  msg_kind message;
  fw_bytes path;
  fw_bytes bytes;
  secret_frame *frame;
  cart_order order;
} cart_effect;

/* --- the cart ---------------------------------------------------------------------------------------------------------- */

#include "cart_parts.h"

/** @param factory the caller's, for the cart's life. @param seed for the chance in pauses. */
void cart_init(cart_t *cart, const cart_factory *factory, uint32_t seed);
/**
 * Takes one event. Never calls back, never blocks.
 * @param out room for `cap` effects; CART_EFFECTS_MAX is always enough. They are to be carried out in order.
 * @return how many there are.
 */
size_t cart_step(cart_t *cart, const cart_event *event, cart_effect *out, size_t cap);
/** Cell time, ms since the epoch; 0 while it is unknown. */
uint64_t cart_time(const cart_t *cart, uint64_t now_ms);
/** The version of "nothing more to do": no request under way and nothing that waits to be sent. */
bool cart_is_drained(const cart_t *cart);

#endif
