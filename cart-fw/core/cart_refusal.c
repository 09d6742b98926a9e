/* What each refusal means for each message. A refusal has changed nothing there: its number was never taken. */
#include "cart_internal.h"

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

static void person_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  cart_person_refused(cart);
}

static void payment_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  cart_payment_refused(cart);
}

static void close_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  cart_flight_end(cart);
  cart_notice(cart, NOTICE_NOT_EMPTY);
  cart_raise(cart, CART_SIG_NOT_CLOSED);
}

static void open_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  not_opened(cart, NOTICE_WAIT);
}

static void store_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  store_refused(cart);
}

static void question_given_back(cart_t *cart, msg_refusal code) {
  (void)code;
  cart_flight_end(cart);
  cart->wait_until_ms = cart->now_ms + LINK_LONGEST_PAUSE_MS;
}

typedef void (*way_on)(cart_t *cart, msg_refusal code);

/* What can't be done now, or ever: each message has its own way on. */
static const way_on GIVEN_BACK[MSG_COUNT] = {
    [MSG_HELLO] = question_given_back,
    [MSG_ATTESTATION] = store_given_back,
    [MSG_OPEN] = open_given_back,
    [MSG_EVENTS] = cart_batch_refused,
    [MSG_IDENTITY] = person_given_back,
    [MSG_CHECKOUT] = cart_checkout_refused,
    [MSG_PAYMENT] = payment_given_back,
    [MSG_CLOSE] = close_given_back,
    [MSG_TELEMETRY] = cart_batch_refused,
    [MSG_FIRMWARE] = question_given_back,
};

/* --- what each refusal means --------------------------------------------------------------------------------------------- */

/* Not now, or this content will not be taken. */
static void give_back(cart_t *cart, const msg_error_answer *error) { GIVEN_BACK[cart->flight.message](cart, error->code); }

/* Renumbered more often than this in a row, something else is wrong. */
#define MOST_RENUMBERED 3u

static void count_renumbered(cart_t *cart) {
  cart->flight.renumbered++;
  if (cart->flight.renumbered > MOST_RENUMBERED) {
    cart->flight.renumbered = 0;
    cart->wait_until_ms = cart->now_ms + LINK_LONGEST_PAUSE_MS;
  }
}

static bool is_batch(const cart_t *cart) {
  return cart->flight.message == MSG_EVENTS || cart->flight.message == MSG_TELEMETRY;
}

/*
 * The cell expects another number. A batch is bound to it first; a person's frame can't be made again without the
 * person.
 */
static void renumber(cart_t *cart, const msg_error_answer *error) {
  uint32_t expected = (uint32_t)error->expected_seq.value;
  if (expected == 0u) {
    cart_no_reply(cart, 0);
    return;
  }
  count_renumbered(cart);
  if (is_batch(cart)) {
    cart_batch_renumber(cart, expected);
    return;
  }
  cart->trip.next_seq = expected;
  if (cart->flight.message == MSG_IDENTITY) {
    cart_person_renumbered(cart);
  } else {
    cart_flight_end(cart);
  }
}

/* No store vouches for the cart, or none does any more. */
static void lock(cart_t *cart, const msg_error_answer *error) {
  (void)error;
  if (cart->flight.message == MSG_OPEN) {
    cart->evidence.attested = false;
    not_opened(cart, NOTICE_REFUSED);
  } else if (cart->flight.message == MSG_ATTESTATION) {
    cart->evidence.attested = false;
    store_refused(cart);
  } else {
    /* A trip finishes whatever becomes of the attestation; what is outside one waits. */
    cart_flight_end(cart);
    cart->wait_until_ms = cart->now_ms + LINK_LONGEST_ASKED_MS;
  }
}

/* The number is another frame's: events are bound anew, to the next one. */
static void contradicted(cart_t *cart) {
  bool outside = cart->flight.message == MSG_TELEMETRY;
  uint32_t *next_seq = outside ? &cart->telemetry.next_seq : &cart->trip.next_seq;
  (*next_seq)++;
  if (is_batch(cart)) {
    cart_bound *bound = outside ? &cart->telemetry.bound : &cart->trip.bound;
    bound->has = false;
  }
}

/* The cart is out of service until staff say otherwise; what waits outside a trip asks no sooner than the cart does. */
static void bar(cart_t *cart, const msg_error_answer *error) {
  if (error->code == MSG_REFUSED_EQUIVOCATION) {
    contradicted(cart);
  }
  cart_flight_end(cart);
  cart->telemetry.after_ms = cart->now_ms + CART_BARRED_MS;
  cart_notice(cart, error->code == MSG_REFUSED_CART_REVOKED ? NOTICE_REVOKED : NOTICE_QUARANTINED);
  cart_raise(cart, CART_SIG_BARRED);
}

static void over(cart_t *cart, const msg_error_answer *error) {
  (void)error;
  cart_trip_over(cart, NOTICE_OVER);
}

/* The same again after a while. */
static void later(cart_t *cart, const msg_error_answer *error) {
  (void)error;
  cart_no_reply(cart, 0);
}

/* Nothing of what was signed is wrong, so the signature may be: spoilt between element and platform, or in the element. */
static void sign_anew(cart_t *cart, const msg_error_answer *error) {
  cart_flight_sign_anew(cart);
  later(cart, error);
}

typedef void (*reaction)(cart_t *cart, const msg_error_answer *error);

static const reaction REACTIONS[MSG_REFUSAL_COUNT] = {
    [MSG_REFUSED_MALFORMED] = give_back,
    [MSG_REFUSED_SIGNATURE] = sign_anew,
    [MSG_REFUSED_CART_REVOKED] = bar,
    [MSG_REFUSED_CART_QUARANTINED] = bar,
    [MSG_REFUSED_WRONG_STORE] = lock,
    [MSG_REFUSED_ATTESTATION] = lock,
    [MSG_REFUSED_NO_SESSION] = over,
    [MSG_REFUSED_SEQ] = renumber,
    [MSG_REFUSED_STATE] = give_back,
    [MSG_REFUSED_EQUIVOCATION] = bar,
    [MSG_REFUSED_SESSION_OVER] = over,
    [MSG_REFUSED_TOO_LARGE] = give_back,
    [MSG_REFUSED_PAN_DETECTED] = give_back,
    [MSG_REFUSED_IDENTITY_KIND] = give_back,
    [MSG_REFUSED_INVALID_FIELD] = give_back,
    [MSG_REFUSED_TOO_MANY] = later,
    [MSG_REFUSED_UNAVAILABLE] = later,
};

void cart_refused(cart_t *cart, const msg_error_answer *error) { REACTIONS[error->code](cart, error); }
