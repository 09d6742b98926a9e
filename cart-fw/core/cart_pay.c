/*
 * Payment is the terminal's. The cart carries an amount to it and a reference back, and asks the platform, which asks
 * the processor. Until the platform has said what became of it, nobody is told to pay again.
 */
#include "cart_internal.h"
#include "utf8.h"

#include <string.h>

#define STATUS_MS 20000u
#define ASK_FIRST_MS 1000u
/* The longest pause is 8 s. */
#define ASK_DOUBLINGS 3u
/* Without a reference the cart still asks: the processor is asked by the hand-off. */
#define NO_REFERENCE "none"

void cart_pay_begin(cart_t *cart) {
  if (cart->state != CART_SHOPPING) {
    cart_notice(cart, cart->state == CART_OFFLINE_HOLD ? NOTICE_NO_LINK : NOTICE_WAIT);
  } else if (cart->terminal_size == 0u) {
    cart_notice(cart, NOTICE_NO_TERMINAL);
  } else {
    cart_notice(cart, NOTICE_NONE);
    cart_raise(cart, CART_SIG_PAY);
  }
}

/* --- freezing the basket ------------------------------------------------------------------------------------------------- */

static void checkout(cart_t *cart) {
  cart_payment *payment = &cart->trip.payment;
  (void)memcpy(payment->terminal, cart->terminal, cart->terminal_size);
  payment->terminal_size = cart->terminal_size;
  msg_envelope envelope = cart_flight_begin(cart, MSG_CHECKOUT);
  fw_buffer payload = cart_flight_payload(cart);
  msg_put_checkout(&payload, &envelope, envelope.seq - 1u, fw_bytes_view(payment->terminal, payment->terminal_size));
  cart_flight_sign(cart, &payload);
}

static bool checkout_next(cart_t *cart) {
  if (cart->terminal_size == 0u) {
    cart_notice(cart, NOTICE_NO_TERMINAL);
    cart_raise(cart, CART_SIG_NOT_HANDED);
    return false;
  }
  checkout(cart);
  return true;
}

static void take_order(cart_t *cart, const msg_checkout_answer *answer) {
  cart_payment *payment = &cart->trip.payment;
  (void)memcpy(payment->handoff, answer->handoff, sizeof payment->handoff);
  (void)memcpy(payment->digest, answer->basket_digest, sizeof payment->digest);
  payment->amount_minor = answer->amount_minor;
  payment->expires_ms = answer->expires_ms;
  payment->reference_size = 0;
  payment->has_order = true;
  payment->begun = true;
  payment->has_result = false;
  payment->approved = false;
  payment->was_asked = false;
  payment->was_told = false;
}

bool cart_checkout_answer(cart_t *cart, fw_bytes body) {
  msg_checkout_answer answer;
  if (msg_decode_checkout(body, &answer) != FW_OK) {
    return false;
  }
  cart->trip.next_seq = cart->flight.seq + 1u;
  cart_flight_end(cart);
  if (cart->state == CART_HANDOFF) {
    take_order(cart, &answer);
    /* The terminal gets nothing before the journal knows that money may be under way. */
    cart->due.trip = true;
  }
  return true;
}

static cart_order order_of(const cart_t *cart) {
  const cart_payment *payment = &cart->trip.payment;
  return (cart_order){.handoff = payment->handoff,
                      .amount_minor = payment->amount_minor,
                      .exponent = cart->display.exponent,
                      .currency = cart->display.currency,
                      .terminal = fw_bytes_view(payment->terminal, payment->terminal_size)};
}

static void tell_terminal(cart_t *cart, cart_effect_kind what) {
  cart->trip.payment.was_asked = what == CART_FX_PAY_STATUS;
  cart->trip.payment.was_told = cart->trip.payment.was_told || what == CART_FX_PAY;
  cart_emit(cart, what)->order = order_of(cart);
  cart->due_ms = cart->now_ms + STATUS_MS;
}

/* The order is in the journal. */
void cart_pay_ordered(cart_t *cart) {
  cart->display.amount_minor = cart->trip.payment.amount_minor;
  cart_raise(cart, CART_SIG_HANDED);
  tell_terminal(cart, CART_FX_PAY);
}

static void set_reference(cart_payment *payment, fw_bytes reference) {
  bool is_text = reference.size != 0u && utf8_is_valid(reference);
  fw_bytes kept = is_text ? reference : fw_bytes_of_text(NO_REFERENCE);
  (void)memcpy(payment->reference, kept.data, kept.size);
  payment->reference_size = kept.size;
}

static display_notice why_not(const cart_t *cart, msg_refusal code) {
  if (code == MSG_REFUSED_INVALID_FIELD) {
    return NOTICE_NO_TERMINAL;
  }
  return cart->display.held != 0u ? NOTICE_HOLDS : NOTICE_NOTHING_TO_PAY;
}

void cart_checkout_refused(cart_t *cart, msg_refusal code) {
  cart_flight_end(cart);
  if (cart->state != CART_HANDOFF) {
    return;
  }
  if (code == MSG_REFUSED_STATE && cart->trip.payment.has_order) {
    /* An earlier hand-off may be paid or be being paid: that is asked first. */
    cart->trip.payment.begun = true;
    cart->trip.payment.has_result = true;
    set_reference(&cart->trip.payment, (fw_bytes){NULL, 0});
    cart_raise(cart, CART_SIG_HANDED);
    cart_notice(cart, NOTICE_DO_NOT_PAY);
    return;
  }
  cart_notice(cart, why_not(cart, code));
  cart_raise(cart, CART_SIG_NOT_HANDED);
}

/* --- the terminal's answer -------------------------------------------------------------------------------------------------- */

/* Nothing was taken and nothing is under way: the shopper goes on. */
static void not_paid(cart_t *cart, display_notice notice) {
  cart->trip.payment.begun = false;
  cart->trip.payment.has_result = false;
  cart->display.amount_minor = 0;
  cart->due.trip = true;
  cart_notice(cart, notice);
  cart_raise(cart, CART_SIG_NOT_PAID);
}

static void ask_platform(cart_t *cart, fw_bytes reference) {
  cart->trip.payment.has_result = true;
  set_reference(&cart->trip.payment, reference);
  cart->due.trip = true;
  cart->due_ms = 0;
  cart->failures = 0;
  cart->display.screen = SCREEN_CHECKING_PAYMENT;
  cart->redraw = true;
}

static bool is_ours(const cart_t *cart, const cart_event *event) {
  if (cart->state != CART_AWAIT_TERMINAL || cart->trip.payment.has_result) {
    return false;
  }
  return memcmp(event->payment.handoff, cart->trip.payment.handoff, sizeof cart->trip.payment.handoff) == 0;
}

/* Asked how it stands, a terminal that waits for a card knows of nothing: the shopper has the hand-off's time. */
static bool still_waits(const cart_t *cart, const cart_event *event) {
  const cart_payment *payment = &cart->trip.payment;
  bool knows_nothing = event->payment.outcome == CART_TERMINAL_UNKNOWN && event->payment.reference.size == 0u;
  return knows_nothing && payment->was_told && payment->was_asked;
}

void cart_terminal_says(cart_t *cart, const cart_event *event) {
  if (!is_ours(cart, event) || event->payment.reference.size > MSG_REFERENCE_MAX) {
    return;
  }
  if (still_waits(cart, event)) {
    return;
  }
  if (event->payment.outcome == CART_TERMINAL_CANCELLED) {
    not_paid(cart, NOTICE_CANCELLED);
    return;
  }
  if (event->payment.outcome == CART_TERMINAL_UNKNOWN) {
    cart_notice(cart, NOTICE_DO_NOT_PAY);
  }
  ask_platform(cart, event->payment.reference);
}

void cart_pay_cancel(cart_t *cart) {
  if (cart->state == CART_HANDOFF) {
    cart->trip.payment.begun = false;
    cart_raise(cart, CART_SIG_NOT_HANDED);
  } else if (cart->state == CART_AWAIT_TERMINAL && !cart->trip.payment.has_result) {
    tell_terminal(cart, CART_FX_PAY_CANCEL);
  }
}

/* --- asking the platform ------------------------------------------------------------------------------------------------------ */

static void pay(cart_t *cart) {
  const cart_payment *payment = &cart->trip.payment;
  msg_envelope envelope = cart_flight_begin(cart, MSG_PAYMENT);
  fw_buffer payload = cart_flight_payload(cart);
  msg_put_payment(&payload, &envelope, payment->handoff, fw_bytes_view(payment->reference, payment->reference_size),
                  payment->digest);
  cart_flight_sign(cart, &payload);
}

static bool may_ask(const cart_t *cart) {
  return cart->trip.payment.has_result && cart->now_ms >= cart->due_ms;
}

bool cart_pay_next(cart_t *cart) {
  if (cart->state == CART_HANDOFF) {
    return checkout_next(cart);
  }
  if (cart->state != CART_AWAIT_TERMINAL || !may_ask(cart)) {
    return false;
  }
  pay(cart);
  return true;
}

static void ask_again(cart_t *cart) {
  uint32_t doublings = cart->failures > ASK_DOUBLINGS ? ASK_DOUBLINGS : cart->failures;
  cart->failures++;
  cart->due_ms = cart->now_ms + (ASK_FIRST_MS << doublings);
}

/* The money is taken. Without a receipt the store's POS has it still to write: it is asked for until it is there. */
static void approved(cart_t *cart, fw_bytes receipt) {
  cart->trip.payment.approved = true;
  cart->display.screen = SCREEN_PAID;
  cart_notice(cart, NOTICE_PAID);
  if (receipt.size == 0u) {
    ask_again(cart);
    return;
  }
  (void)memcpy(cart->display.receipt, receipt.data, MSG_RECEIPT_SIZE);
  cart->display.receipt_size = MSG_RECEIPT_SIZE;
  cart_raise(cart, CART_SIG_PAID);
}

bool cart_payment_answer(cart_t *cart, fw_bytes body) {
  msg_payment_answer answer;
  if (msg_decode_payment(body, &answer) != FW_OK) {
    return false;
  }
  cart->trip.next_seq = cart->flight.seq + 1u;
  cart_flight_end(cart);
  if (answer.outcome == MSG_APPROVED) {
    approved(cart, answer.receipt);
  } else if (answer.outcome == MSG_DECLINED) {
    not_paid(cart, NOTICE_DECLINED);
  } else {
    /* Pending, or the platform does not know either. */
    cart_notice(cart, NOTICE_DO_NOT_PAY);
    ask_again(cart);
  }
  return true;
}

/* The hand-off is no longer in force: what a terminal may still authorize for it is never captured. */
void cart_payment_refused(cart_t *cart) {
  cart_flight_end(cart);
  cart->trip.payment.has_order = false;
  not_paid(cart, NOTICE_CANCELLED);
}

static bool has_lapsed(const cart_t *cart) {
  return cart->clock.known && clock_at(&cart->clock, cart->now_ms) >= cart->trip.payment.expires_ms;
}

void cart_pay_tick(cart_t *cart) {
  if (cart->state != CART_AWAIT_TERMINAL || cart->trip.payment.has_result) {
    return;
  }
  if (has_lapsed(cart)) {
    cart_notice(cart, NOTICE_DO_NOT_PAY);
    ask_platform(cart, (fw_bytes){NULL, 0});
  } else if (cart->now_ms >= cart->due_ms) {
    tell_terminal(cart, CART_FX_PAY_STATUS);
  }
}
