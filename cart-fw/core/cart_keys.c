/* The keys under the panel. */
#include "cart_internal.h"

static bool may_introduce(cart_state state) {
  return state == CART_READY || state == CART_SHOPPING || state == CART_OFFLINE_HOLD;
}

/* The next scan is a person's, or it was typed with the key. */
static void introduce(cart_t *cart, const cart_event *event, secret_kind kind, display_notice notice) {
  if (!may_introduce(cart->state)) {
    cart_notice(cart, NOTICE_WAIT);
  } else if (event->size != 0u) {
    cart_secret(cart, kind, event->text, event->size);
  } else {
    cart->identity.expected = kind;
    cart_notice(cart, notice);
  }
}

static void tap(cart_t *cart, const cart_event *event) {
  (void)event;
  if (may_introduce(cart->state)) {
    cart_notice(cart, NOTICE_TAP_CARD);
    cart_emit(cart, CART_FX_READER)->ok = true;
  }
}

static void end(cart_t *cart, const cart_event *event) {
  (void)event;
  if (cart->state != CART_SHOPPING) {
    cart_notice(cart, NOTICE_WAIT);
  } else if (cart->display.lines_used != 0u || cart->trip.pending != 0u) {
    cart_notice(cart, NOTICE_NOT_EMPTY);
  } else {
    cart_raise(cart, CART_SIG_END);
  }
}

static void begin(cart_t *cart, const cart_event *event) {
  (void)event;
  if (cart->state == CART_READY && cart->linked) {
    cart->display.receipt_size = 0;
    cart_raise(cart, CART_SIG_WANTED);
  } else if (cart->state == CART_READY) {
    cart_notice(cart, NOTICE_NO_LINK_READY);
  }
}

static void back(cart_t *cart, const cart_event *event) {
  (void)event;
  cart->identity.expected = SECRET_NONE;
  cart_emit(cart, CART_FX_READER)->ok = false;
  cart_notice(cart, NOTICE_NONE);
  cart_pay_cancel(cart);
}

static void help(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_fault(cart, CART_FAULT_HELP, 0);
  cart_notice(cart, NOTICE_HELP);
}

static void loyalty(cart_t *cart, const cart_event *event) {
  introduce(cart, event, SECRET_LOYALTY, NOTICE_SCAN_LOYALTY);
}

static void pair(cart_t *cart, const cart_event *event) {
  introduce(cart, event, SECRET_PAIRING, NOTICE_SCAN_PHONE);
}

static void unlink_person(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_unlink(cart);
}

static void pay(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_pay_begin(cart);
}

static void nothing(cart_t *cart, const cart_event *event) {
  (void)cart;
  (void)event;
}

typedef void (*action)(cart_t *cart, const cart_event *event);

static const action ACTIONS[DISPLAY_KEY_LAST + 1] = {
    [DISPLAY_KEY_NONE] = nothing,
    [DISPLAY_KEY_OK] = begin,
    [DISPLAY_KEY_CANCEL] = back,
    [DISPLAY_KEY_LOYALTY] = loyalty,
    [DISPLAY_KEY_CARD] = tap,
    [DISPLAY_KEY_PAIR] = pair,
    [DISPLAY_KEY_UNLINK] = unlink_person,
    [DISPLAY_KEY_REMOVE] = cart_remove,
    [DISPLAY_KEY_PAY] = pay,
    [DISPLAY_KEY_HELP] = help,
    [DISPLAY_KEY_END] = end,
};

void cart_key(cart_t *cart, const cart_event *event) {
  cart->acted = true;
  if (event->key <= DISPLAY_KEY_LAST) {
    ACTIONS[event->key](cart, event);
  }
  /* Typed or not: a number or a code stays nowhere. */
  fw_wipe(event->text, event->size);
}
