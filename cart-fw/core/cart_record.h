/** What the cart writes into its journal, and reads back after a power loss. */
#ifndef CARTWRIGHT_CART_RECORD_H
#define CARTWRIGHT_CART_RECORD_H

#include "cart.h"

typedef enum {
  RECORD_EVENT = 1,   /* of a trip: the event's CBOR, as it goes on the wire */
  RECORD_OUTSIDE = 2, /* the same outside trips */
  RECORD_TRIP = 3,    /* all of the trip but its events */
  RECORD_BOUND = 4,   /* (boot, seq) will name these events and no others */
  RECORD_END = 5      /* the trip is over */
} cart_record_type;

/** @return bytes written into the CART_RECORD_MAX bytes at `to`. */
size_t cart_record_put_trip(uint8_t *to, const cart_trip *trip, const display_model *display);
bool cart_record_get_trip(fw_bytes record, cart_trip *trip, display_model *display);
size_t cart_record_put_bound(uint8_t *to, const cart_bound *bound);
bool cart_record_get_bound(fw_bytes record, cart_bound *bound);

#endif
