/*
 * Events from the journal into frames. A batch is bound to its number by a record before it is signed; from then on
 * that (boot, seq) means those bytes, whatever happens to the power. Only a refusal, which changes nothing there, frees
 * the number for another content.
 */
#include <string.h>

#include "cart_internal.h"
#include "crc32c.h"

/* The envelope and the head of a body of up to 200 events. */
#define HEAD_MAX (MSG_ENVELOPE_MAX + 6u)

static uint8_t *events_of(cart_flight *flight) { return flight->bytes + COSE_SIGN1_HEAD_MAX + HEAD_MAX; }
static size_t events_room(void) { return CART_PAYLOAD_MAX - HEAD_MAX; }

static uint32_t answered(const cart_t *cart, bool outside) {
  return outside ? cart->telemetry.answered_id : cart->trip.answered_id;
}

static cart_bound *slot(cart_t *cart, bool outside) { return outside ? &cart->telemetry.bound : &cart->trip.bound; }

static bool waits(const cart_t *cart, bool outside) {
  uint32_t newest = outside ? cart->telemetry.newest_id : cart->trip.newest_id;
  return newest > answered(cart, outside);
}

static bool is_outside(const cart_t *cart) { return cart->flight.message == MSG_TELEMETRY; }

static void read_events(cart_t *cart) {
  cart->flight.phase = FLIGHT_READING;
  cart->flight.events_size = 0;
  cart->flight.count = 0;
  (void)cart_emit(cart, CART_FX_READ);
}

bool cart_batch_next(cart_t *cart, bool outside) {
  if (!waits(cart, outside)) {
    return false;
  }
  msg_kind message = outside ? MSG_TELEMETRY : MSG_EVENTS;
  cart_flight *flight = &cart->flight;
  (void)cart_flight_begin(cart, message);
  flight->first_id = answered(cart, outside) + 1u;
  const cart_bound *bound = slot(cart, outside);
  if (bound->has) {
    flight->noted = true;
    flight->boot = bound->boot;
    flight->seq = bound->seq;
    flight->time_ms = bound->time_ms;
    flight->first_id = bound->first_id;
    flight->last_id = bound->last_id;
  }
  read_events(cart);
  return true;
}

static bool is_wanted(const cart_t *cart, const cart_event *event) {
  const cart_flight *flight = &cart->flight;
  uint8_t type = is_outside(cart) ? RECORD_OUTSIDE : RECORD_EVENT;
  if (event->type != type || event->number < flight->first_id) {
    return false;
  }
  return flight->noted ? event->number <= flight->last_id : flight->count < flight->most;
}

void cart_batch_record(cart_t *cart, const cart_event *event) {
  cart_flight *flight = &cart->flight;
  if (flight->phase != FLIGHT_READING || !is_wanted(cart, event)) {
    return;
  }
  if (flight->events_size + event->bytes.size > events_room()) {
    /* The batch is full: what comes after it is the next one's. */
    flight->most = flight->count;
    return;
  }
  (void)memcpy(events_of(flight) + flight->events_size, event->bytes.data, event->bytes.size);
  flight->events_size += event->bytes.size;
  flight->count++;
  flight->last_id = flight->noted ? flight->last_id : event->number;
}

static cart_bound bound_of(const cart_t *cart) {
  const cart_flight *flight = &cart->flight;
  return (cart_bound){.has = true,
                      .outside = is_outside(cart),
                      .boot = flight->boot,
                      .seq = flight->seq,
                      .time_ms = flight->time_ms,
                      .first_id = flight->first_id,
                      .last_id = flight->last_id,
                      .count = flight->count,
                      .crc = flight->crc};
}

static void set_answered(cart_t *cart, uint32_t id) {
  if (is_outside(cart)) {
    cart->telemetry.answered_id = id;
  } else {
    cart->trip.answered_id = id;
    cart->trip.removing = false;
  }
}

/* After a power loss it was counted what may have been answered before: with the last answer that is over. */
static void count_down(cart_t *cart, bool outside) {
  uint32_t *pending = outside ? &cart->telemetry.pending : &cart->trip.pending;
  if (!waits(cart, outside) || *pending < cart->flight.count) {
    *pending = 0;
  } else {
    *pending -= cart->flight.count;
  }
}

/* What was waited for can't be read: it rotted in flash, and nothing of it is left to be sent. */
static void nothing_left(cart_t *cart) {
  bool outside = is_outside(cart);
  uint32_t newest = outside ? cart->telemetry.newest_id : cart->trip.newest_id;
  /* Of a batch that was bound it is known how many it had; else nothing waits any more. */
  cart->flight.count = slot(cart, outside)->count;
  slot(cart, outside)->has = false;
  set_answered(cart, cart->flight.noted ? cart->flight.last_id : newest);
  count_down(cart, outside);
  cart_flight_end(cart);
}

static void bind(cart_t *cart) {
  cart->flight.phase = FLIGHT_NOTING;
  cart_bound bound = bound_of(cart);
  cart_note_bound(cart, &bound);
}

/* After a power loss: are these the events that the number was bound to? */
static bool is_as_bound(const cart_flight *flight, const cart_bound *bound) {
  return flight->count == bound->count && flight->crc == bound->crc;
}

static void rebind(cart_t *cart) {
  cart->flight.boot = cart->boot;
  cart->flight.noted = false;
  cart->flight.doubtful = true;
  bind(cart);
}

static void compose(cart_t *cart) {
  cart_flight *flight = &cart->flight;
  msg_envelope envelope = {.session = is_outside(cart) ? NULL : cart->trip.session,
                           .boot = flight->boot,
                           .seq = flight->seq,
                           .time_ms = flight->time_ms};
  uint8_t head[HEAD_MAX];
  fw_buffer begin = fw_buffer_over(head, sizeof head);
  if (is_outside(cart)) {
    msg_begin_telemetry(&begin, &envelope, flight->count);
  } else {
    msg_begin_events(&begin, &envelope, flight->count);
  }
  fw_buffer payload = cart_flight_payload(cart);
  size_t moved = begin.size;
  (void)memmove(payload.data + moved, events_of(flight), flight->events_size);
  fw_buffer_put(&payload, fw_bytes_written(&begin));
  payload.size += flight->events_size;
  cart_flight_sign(cart, &payload);
}

void cart_batch_read(cart_t *cart) {
  cart_flight *flight = &cart->flight;
  if (flight->phase != FLIGHT_READING) {
    return;
  }
  if (flight->count == 0u) {
    nothing_left(cart);
    return;
  }
  flight->crc = crc32c(0, events_of(flight), flight->events_size);
  if (!flight->noted) {
    bind(cart);
  } else if (is_as_bound(flight, slot(cart, is_outside(cart)))) {
    compose(cart);
  } else {
    /* One of them rotted. Another boot's number may name other content; the platform says if it is spent. */
    rebind(cart);
  }
}

void cart_batch_bound(cart_t *cart) {
  *slot(cart, is_outside(cart)) = bound_of(cart);
  compose(cart);
}

void cart_batch_renumber(cart_t *cart, uint32_t expected) {
  cart_flight *flight = &cart->flight;
  bool outside = is_outside(cart);
  /* The new number counts once its record is in the journal: the batch is read and bound anew. */
  slot(cart, outside)->has = false;
  if (outside) {
    cart->telemetry.next_seq = flight->boot == cart->boot ? expected : cart->telemetry.next_seq;
  } else {
    cart->trip.next_seq = expected;
  }
  flight->phase = FLIGHT_NONE;
  if (flight->doubtful && expected > flight->seq) {
    /* No other frame has ever had its number: the platform took it before the power loss, whole. */
    cart_batch_done(cart);
  }
}

/* What was told outside trips is let go at once: no summary of a trip may come for days. */
static void let_go(cart_t *cart) {
  if (is_outside(cart)) {
    cart_acknowledge(cart, cart->trip.open ? cart->trip.record_id - 1u : cart->telemetry.answered_id);
  } else {
    cart->trip.batches = waits(cart, false) ? cart->trip.batches + 1u : 0u;
  }
}

void cart_batch_done(cart_t *cart) {
  cart_flight *flight = &cart->flight;
  set_answered(cart, flight->last_id);
  slot(cart, is_outside(cart))->has = false;
  flight->most = flight->most > CART_BATCH_MAX / 2u ? CART_BATCH_MAX : flight->most * 2u;
  count_down(cart, is_outside(cart));
  let_go(cart);
  cart_flight_end(cart);
}

void cart_batch_refused(cart_t *cart, msg_refusal code) {
  cart_flight *flight = &cart->flight;
  slot(cart, is_outside(cart))->has = false;
  if (flight->count > 1u) {
    flight->most = flight->count / 2u;
    flight->phase = FLIGHT_NONE;
    return;
  }
  bool outside = is_outside(cart);
  cart_batch_done(cart);
  if (!outside) {
    cart_notice(cart, NOTICE_NOT_TAKEN);
    cart_fault(cart, CART_FAULT_NOT_TAKEN, (uint32_t)code);
  }
}
