/* Battery and signal now and then; and the way out of FAULT. */
#include "cart_internal.h"

#define TRIP_MS 300000u
#define OUTSIDE_MS 900000u

/* A cart that nobody touches must not keep its session alive: the platform counts what is left behind. */
static void trip_health(cart_t *cart) {
  if (cart->acted && cart->now_ms - cart->health_ms >= TRIP_MS) {
    cart->health_ms = cart->now_ms;
    cart->acted = false;
    cart->due.health = true;
    (void)cart_emit(cart, CART_FX_ASK_SIGNAL);
  }
}

static void outside_health(cart_t *cart) {
  if (cart->linked && cart->now_ms - cart->health_ms >= OUTSIDE_MS) {
    cart->health_ms = cart->now_ms;
    cart->due.health = !cart->trip.open;
    (void)cart_emit(cart, CART_FX_ASK_SIGNAL);
  }
}

/* What staff release on the platform is found out by asking anew. */
static void fault_retry(cart_t *cart) {
  bool is_whole = cart->has_journal && cart->has_element;
  if (is_whole && cart->now_ms - cart->state_ms >= CART_BARRED_MS) {
    cart_raise(cart, CART_SIG_RETRY);
  }
}

void cart_health_tick(cart_t *cart) {
  if (cart->state == CART_FAULT) {
    fault_retry(cart);
  } else if (cart_is_on_trip(cart)) {
    trip_health(cart);
  } else {
    outside_health(cart);
  }
}
