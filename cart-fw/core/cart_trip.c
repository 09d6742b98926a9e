/* A trip from its opening to its end. */
#include "cart_internal.h"

#include <string.h>

/* Records after which a trip is summed up, so that a power loss is not followed by a long read. */
#define KEPT_MOST 32u
/*
 * Batches after which it is summed up while more of it waits: each was bound to its number in what the journal keeps
 * back, and only a summary lets go of what was told. A sector of 4 KiB takes some sixty.
 */
#define BATCHES_MOST 16u

bool cart_open_next(cart_t *cart) {
  eat_claims claims;
  if (!cart_is_attested(cart)) {
    cart_trip_forget(cart);
    cart_raise(cart, CART_SIG_EXPIRED);
    return true;
  }
  if (cart_claims(cart, &claims)) {
    msg_envelope envelope = cart_flight_begin(cart, MSG_OPEN);
    fw_buffer payload = cart_flight_payload(cart);
    msg_put_open(&payload, &envelope, &claims);
    cart_flight_sign(cart, &payload);
  }
  return true;
}

static void begin(cart_t *cart, const msg_open_answer *answer) {
  cart_trip *trip = &cart->trip;
  (void)memset(trip, 0, sizeof *trip);
  (void)memcpy(trip->session, answer->session, sizeof trip->session);
  trip->open = true;
  trip->next_seq = 1u;
  trip->newest_id = cart->last_id;
  trip->answered_id = cart->last_id;
  trip->tolerance_g = answer->weight_tolerance_g > UINT32_MAX ? UINT32_MAX : (uint32_t)answer->weight_tolerance_g;
  (void)memcpy(cart->display.currency, answer->currency.data, MSG_CURRENCY_SIZE);
  cart->display.exponent = answer->exponent;
}

bool cart_opened(cart_t *cart, fw_bytes body) {
  msg_open_answer answer;
  if (msg_decode_open(body, &answer) != FW_OK) {
    return false;
  }
  cart_flight_end(cart);
  cart_carry(cart, answer.nonce);
  clock_set(&cart->clock, answer.time_ms, cart->now_ms);
  begin(cart, &answer);
  /* Nothing is said in the session before its beginning is in the journal. */
  cart->due.trip = true;
  return true;
}

static void close_session(cart_t *cart) {
  msg_envelope envelope = cart_flight_begin(cart, MSG_CLOSE);
  fw_buffer payload = cart_flight_payload(cart);
  msg_put_close(&payload, &envelope, envelope.seq - 1u);
  cart_flight_sign(cart, &payload);
}

static bool sum_up(cart_t *cart, bool is_due) {
  if (!is_due) {
    return false;
  }
  cart->due.trip = true;
  return cart_note_due(cart);
}

/* After a power loss: a first frame that may be renumbered, unlike one with a person in it. */
static bool synchronise(cart_t *cart) {
  if (!cart->sync) {
    return false;
  }
  cart->sync = false;
  cart->due.health = true;
  return cart_note_due(cart);
}

/* A batch that has its number and that a fault cut off: nothing else may take that number. */
static bool is_cut_off(cart_t *cart) { return cart->trip.bound.has && cart_batch_next(cart, false); }

bool cart_trip_next(cart_t *cart) {
  if (synchronise(cart) || sum_up(cart, cart->trip.batches >= BATCHES_MOST)) {
    return true;
  }
  if (is_cut_off(cart) || cart_person_next(cart) || cart_batch_next(cart, false)) {
    return true;
  }
  if (cart->state == CART_CLOSING) {
    close_session(cart);
    return true;
  }
  return cart_pay_next(cart) || sum_up(cart, cart->trip.kept >= KEPT_MOST);
}

bool cart_closed(cart_t *cart, fw_bytes body) {
  uint8_t nonce[MSG_NONCE_SIZE];
  if (msg_decode_close(body, nonce) != FW_OK) {
    return false;
  }
  cart_carry(cart, nonce);
  cart_trip_over(cart, cart->trip.payment.approved ? NOTICE_PAID : NOTICE_NONE);
  return true;
}

void cart_trip_over(cart_t *cart, display_notice notice) {
  cart_flight_end(cart);
  cart_notice(cart, notice);
  cart->due.end = true;
  cart->due.fault = false;
  cart->due.health = false;
}

/* Its end is in the journal. */
void cart_trip_ended(cart_t *cart) {
  cart_trip_forget(cart);
  cart_raise(cart, CART_SIG_OVER);
  (void)cart_emit(cart, CART_FX_LINK_CLOSE);
}

void cart_trip_forget(cart_t *cart) {
  cart_person_forget(cart);
  cart->identity.unlink = false;
  fw_wipe(&cart->trip, sizeof cart->trip);
  fw_wipe(cart->flight.bytes, sizeof cart->flight.bytes);
  fw_wipe(cart->first_code, sizeof cart->first_code);
  cart->first_code_size = 0;
  cart->due = (cart_due){0};
  cart->sync = false;
  cart->flight.most = CART_BATCH_MAX;
  display_forget_trip(&cart->display);
  (void)cart_emit(cart, CART_FX_WIPE);
}
