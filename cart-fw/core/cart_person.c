/*
 * Who the shopper is: a loyalty number, a card's token, a code from a phone. Each is in RAM alone, in types that the
 * journal can't take, for 60 s at most.
 */
#include "cart_internal.h"

#define POLL_MS 3000u
#define PURPOSE_MAX ((size_t)96)

static bool takes_people(cart_state state) {
  return state == CART_SHOPPING || state == CART_OFFLINE_HOLD || state == CART_READY || state == CART_OPENING;
}

/* A frame that was sent and not answered: the number is its own until the platform says what became of it. */
static bool is_flying(const cart_t *cart) { return cart->flight.secret && cart->flight.phase != FLIGHT_NONE; }

static void stop_polling(cart_t *cart) {
  cart->identity.polls = false;
  secret_frame_wipe(&cart->identity.frame);
  fw_wipe(cart->display.digits, sizeof cart->display.digits);
}

static void begin_trip(cart_t *cart) {
  if (cart->state == CART_READY) {
    cart->display.receipt_size = 0;
    fw_wipe(cart->display.receipt, sizeof cart->display.receipt);
    cart_raise(cart, CART_SIG_WANTED);
  }
}

static void expect_nothing(cart_t *cart) {
  cart->identity.expected = SECRET_NONE;
  cart_emit(cart, CART_FX_READER)->ok = false;
}

void cart_secret(cart_t *cart, secret_kind kind, uint8_t *text, size_t size) {
  cart->acted = true;
  expect_nothing(cart);
  if (!takes_people(cart->state) || is_flying(cart)) {
    fw_wipe(text, size);
    cart_notice(cart, NOTICE_WAIT);
    return;
  }
  stop_polling(cart);
  if (secret_take(&cart->identity.text, kind, text, size, cart->now_ms) != FW_OK) {
    cart_notice(cart, NOTICE_SCAN_AGAIN);
    return;
  }
  cart_notice(cart, NOTICE_NONE);
  begin_trip(cart);
}

/* Later the platform would refuse it: money is under way. */
void cart_unlink(cart_t *cart) {
  if (takes_people(cart->state)) {
    cart->identity.unlink = cart->trip.open;
  } else {
    cart_notice(cart, NOTICE_WAIT);
  }
}

static void unlink_next(cart_t *cart) {
  msg_envelope envelope = cart_flight_begin(cart, MSG_IDENTITY);
  fw_buffer payload = cart_flight_payload(cart);
  msg_put_unlink(&payload, &envelope);
  cart_flight_sign(cart, &payload);
}

static void introduce(cart_t *cart) {
  uint8_t text[PURPOSE_MAX];
  fw_buffer purpose = fw_buffer_over(text, sizeof text);
  msg_envelope envelope = cart_flight_begin(cart, MSG_IDENTITY);
  msg_put_purpose(&purpose, MSG_IDENTITY, cart->trip.session);
  (void)secret_frame_begin(&cart->identity.frame, &cart->identity.text, &envelope, cart->factory->kid,
                           fw_bytes_written(&purpose), cart->flight.digest);
  cart->flight.secret = true;
  cart_flight_ask_signature(cart);
}

/* The same bytes again: the platform answers for the number that it has, and takes nothing twice. */
static void poll(cart_t *cart) {
  uint32_t seq = cart->trip.next_seq;
  (void)cart_flight_begin(cart, MSG_IDENTITY);
  cart->flight.seq = seq;
  cart->flight.secret = true;
  cart->flight.is_signed = true;
  cart_flight_send(cart);
}

bool cart_person_next(cart_t *cart) {
  cart_identity *identity = &cart->identity;
  if (identity->unlink) {
    unlink_next(cart);
  } else if (secret_kind_of(&identity->text) != SECRET_NONE) {
    introduce(cart);
  } else if (identity->polls && cart->now_ms >= identity->poll_ms) {
    poll(cart);
  } else {
    return false;
  }
  return true;
}

static void linked(cart_t *cart, const msg_identity_answer *answer) {
  stop_polling(cart);
  display_nickname_set(&cart->display.nickname, answer->nickname);
  cart_notice(cart, NOTICE_LINKED);
}

static void not_linked(cart_t *cart) {
  stop_polling(cart);
  display_nickname_wipe(&cart->display.nickname);
  cart_notice(cart, NOTICE_NOT_LINKED);
}

static void to_be_confirmed(cart_t *cart, const msg_identity_answer *answer) {
  cart->identity.polls = secret_frame_size(&cart->identity.frame) != 0u;
  if (!cart->identity.polls) {
    /* Its time is over, and nobody could be told that it was confirmed. */
    cart_notice(cart, NOTICE_TAP_AGAIN);
    return;
  }
  cart->identity.poll_ms = cart->now_ms + POLL_MS;
  cart->display.digits[0] = answer->confirmation[0];
  cart->display.digits[1] = answer->confirmation[1];
  cart_notice(cart, NOTICE_CONFIRM);
}

/* A poll is the frame that took its number long ago; an unlink may come between two of them. */
static bool is_poll(const cart_t *cart) { return cart->flight.secret && cart->identity.polls; }

bool cart_person_answer(cart_t *cart, fw_bytes body) {
  msg_identity_answer answer;
  if (msg_decode_identity(body, &answer) != FW_OK) {
    return false;
  }
  if (!is_poll(cart)) {
    cart->trip.next_seq = cart->flight.seq + 1u;
  }
  cart->identity.unlink = false;
  cart_flight_end(cart);
  if (answer.status == MSG_LINKED) {
    linked(cart, &answer);
  } else if (answer.status == MSG_TO_BE_CONFIRMED) {
    to_be_confirmed(cart, &answer);
  } else {
    not_linked(cart);
  }
  fw_wipe(&answer, sizeof answer);
  return true;
}

/* Its number was another's: the shopper may try again, and an unlink is tried again by itself. */
void cart_person_renumbered(cart_t *cart) {
  bool was_person = cart->flight.secret;
  cart_flight_end(cart);
  if (was_person) {
    stop_polling(cart);
    cart_notice(cart, NOTICE_TAP_AGAIN);
  }
}

/* Nothing was taken, and an unlink would be refused again and again. What waits behind a person is another matter. */
void cart_person_refused(cart_t *cart) {
  cart->identity.unlink = cart->identity.unlink && cart->flight.secret;
  cart_person_renumbered(cart);
}

/* Sent and never answered, and its time is over: an unlink settles its number, so that "tap again" is the truth. */
static void settle(cart_t *cart) {
  cart->identity.unlink = cart->flight.was_sent && !cart->identity.polls;
  cart->flight.phase = FLIGHT_NONE;
  cart->flight.secret = false;
  stop_polling(cart);
  cart_notice(cart, NOTICE_TAP_AGAIN);
}

void cart_person_unanswered(cart_t *cart) {
  if (secret_frame_size(&cart->identity.frame) == 0u) {
    settle(cart);
  }
}

/* Of one that is sent the answer decides, or that none comes. */
static void expire_frame(cart_t *cart) {
  if (!is_flying(cart)) {
    stop_polling(cart);
    cart_notice(cart, NOTICE_TAP_AGAIN);
  } else if (cart->flight.phase != FLIGHT_SENT) {
    settle(cart);
  }
}

void cart_person_tick(cart_t *cart) {
  if (secret_expire(&cart->identity.text, cart->now_ms)) {
    cart_notice(cart, NOTICE_TAP_AGAIN);
  }
  if (secret_frame_expire(&cart->identity.frame, cart->now_ms)) {
    expire_frame(cart);
  }
}

void cart_person_forget(cart_t *cart) {
  cart->identity.unlink = cart->identity.unlink || (is_flying(cart) && cart->flight.was_sent);
  cart->identity.expected = SECRET_NONE;
  secret_wipe(&cart->identity.text);
  stop_polling(cart);
  display_nickname_wipe(&cart->display.nickname);
}
