/* What each refusal means for each message. A refusal has changed nothing there: its number was never taken. */
#include "cart_internal.h"

typedef enum {
  REACT_RENUMBER, /* the cell expects another number */
  REACT_OVER,     /* the session is at its end */
  REACT_BARRED,   /* the cart is out of service until staff say otherwise */
  REACT_LOCK,     /* no store vouches for the cart (any more) */
  REACT_STATE,    /* not now */
  REACT_NEVER,    /* this content will not be taken */
  REACT_LATER     /* the same again after a while */
} reaction;

static const reaction REACTIONS[MSG_REFUSAL_COUNT] = {
    [MSG_REFUSED_MALFORMED] = REACT_NEVER,
    [MSG_REFUSED_SIGNATURE] = REACT_LATER,
    [MSG_REFUSED_CART_REVOKED] = REACT_BARRED,
    [MSG_REFUSED_CART_QUARANTINED] = REACT_BARRED,
    [MSG_REFUSED_WRONG_STORE] = REACT_LOCK,
    [MSG_REFUSED_ATTESTATION] = REACT_LOCK,
    [MSG_REFUSED_NO_SESSION] = REACT_OVER,
    [MSG_REFUSED_SEQ] = REACT_RENUMBER,
    [MSG_REFUSED_STATE] = REACT_STATE,
    [MSG_REFUSED_EQUIVOCATION] = REACT_BARRED,
    [MSG_REFUSED_SESSION_OVER] = REACT_OVER,
    [MSG_REFUSED_TOO_LARGE] = REACT_NEVER,
    [MSG_REFUSED_PAN_DETECTED] = REACT_NEVER,
    [MSG_REFUSED_IDENTITY_KIND] = REACT_NEVER,
    [MSG_REFUSED_INVALID_FIELD] = REACT_NEVER,
    [MSG_REFUSED_TOO_MANY] = REACT_LATER,
    [MSG_REFUSED_UNAVAILABLE] = REACT_LATER,
};

static void not_opened(cart_t *cart, display_notice notice) {
  cart_flight_end(cart);
  cart_notice(cart, notice);
  cart_trip_forget(cart);
  cart_raise(cart, CART_SIG_NOT_OPENED);
}

static void store_refused(cart_t *cart) {
  cart_flight_end(cart);
  cart_notice(cart, NOTICE_REFUSED);
  cart_store_failed(cart, true);
}

static void not_closed(cart_t *cart) {
  cart_flight_end(cart);
  cart_notice(cart, NOTICE_NOT_EMPTY);
  cart_raise(cart, CART_SIG_NOT_CLOSED);
}

/* What can't be done now, or ever: each message has its own way on. */
static void given_back(cart_t *cart, msg_refusal code) {
  switch (cart->flight.message) {
    case MSG_EVENTS:
    case MSG_TELEMETRY:
      cart_batch_refused(cart, code);
      break;
    case MSG_IDENTITY:
      cart_person_refused(cart);
      break;
    case MSG_CHECKOUT:
      cart_checkout_refused(cart, code);
      break;
    case MSG_PAYMENT:
      cart_payment_refused(cart);
      break;
    case MSG_CLOSE:
      not_closed(cart);
      break;
    case MSG_OPEN:
      not_opened(cart, NOTICE_WAIT);
      break;
    case MSG_ATTESTATION:
      store_refused(cart);
      break;
    case MSG_HELLO:
    case MSG_FIRMWARE:
    case MSG_COUNT:
      cart_flight_end(cart);
      cart->wait_until_ms = cart->now_ms + LINK_LONGEST_PAUSE_MS;
      break;
  }
}

/* Renumbered more often than this in a row, something else is wrong. */
#define MOST_RENUMBERED 3u

static void count_renumbered(cart_t *cart) {
  cart->flight.renumbered++;
  if (cart->flight.renumbered > MOST_RENUMBERED) {
    cart->flight.renumbered = 0;
    cart->wait_until_ms = cart->now_ms + LINK_LONGEST_PAUSE_MS;
  }
}

/* A batch is bound to its new number first; a person's frame can't be made again without the person. */
static void renumber(cart_t *cart, const msg_error_answer *error) {
  uint32_t expected = (uint32_t)error->expected_seq.value;
  if (expected == 0u) {
    cart_no_reply(cart, 0);
    return;
  }
  count_renumbered(cart);
  switch (cart->flight.message) {
    case MSG_EVENTS:
    case MSG_TELEMETRY:
      cart_batch_renumber(cart, expected);
      break;
    case MSG_IDENTITY:
      cart->trip.next_seq = expected;
      cart_person_refused(cart);
      break;
    case MSG_CHECKOUT:
    case MSG_PAYMENT:
    case MSG_CLOSE:
    case MSG_HELLO:
    case MSG_ATTESTATION:
    case MSG_OPEN:
    case MSG_FIRMWARE:
    case MSG_COUNT:
      cart->trip.next_seq = expected;
      cart_flight_end(cart);
      break;
  }
}

static void lock(cart_t *cart) {
  switch (cart->flight.message) {
    case MSG_OPEN:
      cart->evidence.attested = false;
      not_opened(cart, NOTICE_REFUSED);
      break;
    case MSG_ATTESTATION:
      cart->evidence.attested = false;
      store_refused(cart);
      break;
    case MSG_HELLO:
    case MSG_EVENTS:
    case MSG_IDENTITY:
    case MSG_CHECKOUT:
    case MSG_PAYMENT:
    case MSG_CLOSE:
    case MSG_TELEMETRY:
    case MSG_FIRMWARE:
    case MSG_COUNT:
      /* A trip finishes whatever becomes of the attestation; what is outside one waits. */
      cart_flight_end(cart);
      cart->wait_until_ms = cart->now_ms + LINK_LONGEST_ASKED_MS;
      break;
  }
}

static void barred(cart_t *cart, msg_refusal code) {
  if (code == MSG_REFUSED_EQUIVOCATION) {
    /* The number is another frame's. */
    cart->trip.bound.has = false;
    cart->trip.next_seq++;
  }
  cart_flight_end(cart);
  cart->barred = true;
  cart_notice(cart, code == MSG_REFUSED_CART_REVOKED ? NOTICE_REVOKED : NOTICE_QUARANTINED);
  cart_raise(cart, CART_SIG_BARRED);
}

void cart_refused(cart_t *cart, const msg_error_answer *error) {
  switch (REACTIONS[error->code]) {
    case REACT_RENUMBER:
      renumber(cart, error);
      break;
    case REACT_OVER:
      cart_trip_over(cart, NOTICE_OVER);
      break;
    case REACT_BARRED:
      barred(cart, error->code);
      break;
    case REACT_LOCK:
      lock(cart);
      break;
    case REACT_STATE:
    case REACT_NEVER:
      given_back(cart, error->code);
      break;
    case REACT_LATER:
      cart_no_reply(cart, 0);
      break;
  }
}
