/* What the cart knows after a power loss: the fold of its journal, record by record. */
#include "cart_internal.h"

#include <string.h>

static void fold_trip(cart_t *cart, const cart_event *event) {
  cart_trip trip = {0};
  if (!cart_record_get_trip(event->bytes, &trip, &cart->display)) {
    return;
  }
  trip.open = true;
  trip.newest_id = cart->trip.newest_id;
  trip.pending = trip.newest_id > trip.answered_id ? cart->trip.pending : 0u;
  trip.record_id = event->number;
  if (cart->trip.bound.last_id > trip.answered_id) {
    trip.bound = cart->trip.bound;
  }
  cart->trip = trip;
}

static void fold_bound(cart_t *cart, const cart_event *event) {
  cart_bound bound = {.has = true};
  if (!cart_record_get_bound(event->bytes, &bound)) {
    return;
  }
  /* One batch is under way at a time: this one is, so all before it were answered. */
  if (bound.outside) {
    cart->telemetry.bound = bound;
    cart->telemetry.answered_id = bound.first_id - 1u;
  } else {
    cart->trip.bound = bound;
    cart->trip.answered_id = bound.first_id - 1u;
    cart->trip.next_seq = bound.seq;
  }
}

static void fold_event(cart_t *cart, const cart_event *event) {
  cart->trip.newest_id = event->number;
  cart->trip.kept++;
  cart->trip.pending++;
}

void cart_fold(cart_t *cart, const cart_event *event) {
  cart->last_id = event->number;
  switch (event->type) {
    case RECORD_EVENT:
      fold_event(cart, event);
      break;
    case RECORD_OUTSIDE:
      cart->telemetry.newest_id = event->number;
      cart->telemetry.pending++;
      break;
    case RECORD_TRIP:
      fold_trip(cart, event);
      break;
    case RECORD_BOUND:
      fold_bound(cart, event);
      break;
    case RECORD_END:
      (void)memset(&cart->trip, 0, sizeof cart->trip);
      break;
    default:
      /* A later firmware's record: what it is about, this one does not do. */
      break;
  }
}

void cart_folded(cart_t *cart) {
  if (!cart->trip.open) {
    /* Events whose trip's beginning rotted name no session: nobody can be told. */
    (void)memset(&cart->trip, 0, sizeof cart->trip);
    return;
  }
  cart->sync = true;
  cart->display.pending = (uint16_t)cart->trip.pending;
}
