/* A newer firmware: asked for on the dock with nothing left to say, installed by core/ota.h, started by a reset. */
#include "cart_internal.h"

#define CHECK_MS 21600000u
#define STATUS_OK 200u

static bool is_due(const cart_t *cart) {
  return cart->ask_firmware || cart->now_ms - cart->checked_ms >= CHECK_MS;
}

bool cart_update_next(cart_t *cart) {
  eat_claims claims;
  bool may = cart->docked && cart_is_drained(cart) && !cart->trip.open;
  if (!may || !is_due(cart)) {
    return false;
  }
  if (cart_claims(cart, &claims)) {
    msg_envelope envelope = cart_flight_begin(cart, MSG_FIRMWARE);
    fw_buffer payload = cart_flight_payload(cart);
    msg_put_firmware(&payload, &envelope, &claims);
    cart_flight_sign(cart, &payload);
  }
  return true;
}

bool cart_manifest_answer(cart_t *cart, const cart_reply *reply) {
  cart->ask_firmware = false;
  cart->checked_ms = cart->now_ms;
  cart_flight_end(cart);
  /* Taken off the dock meanwhile: it is asked for again there. */
  if (reply->status == STATUS_OK && cart->docked) {
    cart->display.percent = 0;
    cart_raise(cart, CART_SIG_UPDATE);
    cart_emit(cart, CART_FX_UPDATE)->bytes = reply->body;
  }
  return true;
}

void cart_updated(cart_t *cart, const cart_event *event) {
  if (cart->state != CART_UPDATING) {
    return;
  }
  if (event->ok) {
    (void)cart_emit(cart, CART_FX_RESET);
    return;
  }
  cart_fault(cart, CART_FAULT_UPDATE, event->number);
  cart_raise(cart, CART_SIG_NOT_UPDATED);
}
