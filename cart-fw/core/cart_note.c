/* Into the journal, one record at a time. */
#include "cart_internal.h"

#include <string.h>

static msg_optional time_of(const cart_t *cart) {
  return (msg_optional){.present = cart->clock.known, .value = clock_at(&cart->clock, cart->now_ms)};
}

static void append(cart_t *cart, uint8_t type, cart_journal_class class) {
  cart->note.busy = true;
  cart->note.type = type;
  cart->note.ordinary = class == CART_CLASS_ORDINARY;
  cart_effect *effect = cart_emit(cart, CART_FX_APPEND);
  effect->type = type;
  effect->class = class;
  effect->bytes = fw_bytes_view(cart->note.bytes, cart->note.size);
}

bool cart_note_event(cart_t *cart, const msg_event *event, cart_journal_class class) {
  if (cart->note.busy) {
    return false;
  }
  msg_event dated = *event;
  dated.at_ms = time_of(cart);
  fw_buffer out = fw_buffer_over(cart->note.bytes, sizeof cart->note.bytes);
  msg_put_event(&out, &dated);
  if (out.status != FW_OK) {
    cart_notice(cart, NOTICE_NOT_TAKEN);
    return true;
  }
  cart->note.size = out.size;
  cart->note.event = event->kind;
  append(cart, cart->trip.open ? RECORD_EVENT : RECORD_OUTSIDE, class);
  return true;
}

void cart_note_bound(cart_t *cart, const cart_bound *bound) {
  cart->note.size = cart_record_put_bound(cart->note.bytes, bound);
  append(cart, RECORD_BOUND, CART_CLASS_CONTROL);
}

void cart_fault(cart_t *cart, cart_fault_code code, uint32_t detail) {
  cart->due.fault = true;
  cart->due.fault_code = (uint16_t)code;
  cart->due.fault_detail = detail;
}

/* --- what is due ----------------------------------------------------------------------------------------------------- */

static bool note_trip(cart_t *cart) {
  cart->note.size = cart_record_put_trip(cart->note.bytes, &cart->trip, &cart->display);
  append(cart, RECORD_TRIP, CART_CLASS_CONTROL);
  return true;
}

static bool note_end(cart_t *cart) {
  cart->note.bytes[0] = 0;
  cart->note.size = 1u;
  append(cart, RECORD_END, CART_CLASS_CONTROL);
  return true;
}

static bool note_fault(cart_t *cart) {
  msg_event event = {.kind = MSG_EVENT_FAULT,
                     .as.fault = {.code = cart->due.fault_code, .detail = cart->due.fault_detail}};
  return cart_note_event(cart, &event, CART_CLASS_FAULT);
}

static bool note_health(cart_t *cart) {
  msg_event event = {.kind = MSG_EVENT_HEALTH,
                     .as.health = {.battery_percent = cart->battery, .signal_dbm = cart->signal_dbm}};
  return cart_note_event(cart, &event, CART_CLASS_ORDINARY);
}

static bool note_scan(cart_t *cart) {
  msg_event event = {.kind = MSG_EVENT_SCAN,
                     .as.scan = {.code = fw_bytes_view(cart->first_code, cart->first_code_size), .quantity = 1u}};
  return cart_note_event(cart, &event, CART_CLASS_ORDINARY);
}

static bool take(bool *due) {
  bool was = *due;
  *due = false;
  return was;
}

bool cart_note_due(cart_t *cart) {
  if (cart->note.busy) {
    return true;
  }
  if (take(&cart->due.trip)) {
    return note_trip(cart);
  }
  if (take(&cart->due.fault)) {
    return note_fault(cart);
  }
  if (take(&cart->due.end)) {
    return note_end(cart);
  }
  if (cart->trip.open && take(&cart->due.scan)) {
    return note_scan(cart);
  }
  if (take(&cart->due.health)) {
    return note_health(cart);
  }
  return false;
}

/* --- what was written -------------------------------------------------------------------------------------------------- */

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Of events up to the newest, what waits to be told is kept. */
static uint32_t told(uint32_t most, uint32_t newest_id, uint32_t answered_id) {
  return newest_id > answered_id ? smaller(most, answered_id) : most;
}

void cart_acknowledge(cart_t *cart, uint32_t most) {
  uint32_t of_trip = told(most, cart->trip.newest_id, cart->trip.answered_id);
  cart_emit(cart, CART_FX_ACKNOWLEDGE)->number = told(of_trip, cart->telemetry.newest_id, cart->telemetry.answered_id);
}

static void event_written(cart_t *cart, uint32_t id) {
  cart->trip.newest_id = id;
  cart->trip.kept++;
  cart->trip.pending++;
  cart->display.pending = (uint16_t)cart->trip.pending;
  cart->redraw = true;
  if (cart->note.event == MSG_EVENT_SCAN) {
    cart->trip.has_lines = true;
    cart->trip.adding = true;
    cart_notice(cart, NOTICE_ADDED);
  } else if (cart->note.event == MSG_EVENT_REMOVE) {
    cart->trip.removing = true;
    cart_notice(cart, NOTICE_NONE);
  }
}

static void trip_written(cart_t *cart, uint32_t id) {
  cart->trip.record_id = id;
  cart->trip.kept = cart->trip.pending;
  cart->trip.batches = 0;
  /* What came before is in the summary, or waits. */
  cart_acknowledge(cart, id - 1u);
  if (cart->state == CART_OPENING) {
    cart_raise(cart, CART_SIG_OPENED);
  } else if (cart->state == CART_HANDOFF && cart->trip.payment.begun) {
    cart_pay_ordered(cart);
  }
}

static void end_written(cart_t *cart, uint32_t id) {
  cart_trip_ended(cart);
  cart_acknowledge(cart, id);
}

static void written(cart_t *cart, uint32_t id) {
  cart->last_id = id;
  cart->note.full_told = cart->note.full_told && !cart->note.ordinary;
  switch (cart->note.type) {
    case RECORD_EVENT:
      event_written(cart, id);
      break;
    case RECORD_OUTSIDE:
      cart->telemetry.newest_id = id;
      cart->telemetry.pending++;
      break;
    case RECORD_TRIP:
      trip_written(cart, id);
      break;
    case RECORD_END:
      end_written(cart, id);
      break;
    default:
      cart_batch_bound(cart);
      break;
  }
}

/*
 * The shopper must not take an item for counted that is not: it is said, and shown until it changes. Staff are told
 * once: what is kept back for faults is for others too.
 */
static void full(cart_t *cart) {
  bool is_event = cart->note.type == RECORD_EVENT || cart->note.type == RECORD_OUTSIDE;
  cart_notice(cart, NOTICE_MEMORY_FULL);
  if (!is_event) {
    cart_raise(cart, CART_SIG_BROKEN);
  } else if (cart->note.event != MSG_EVENT_FAULT && !cart->note.full_told) {
    cart->note.full_told = true;
    cart_fault(cart, CART_FAULT_JOURNAL_FULL, cart->trip.pending);
  }
}

static void broken(cart_t *cart) {
  cart->has_journal = false;
  cart_notice(cart, NOTICE_BROKEN);
  cart_raise(cart, CART_SIG_BROKEN);
}

void cart_appended(cart_t *cart, const cart_event *event) {
  if (!cart->note.busy) {
    return;
  }
  cart->note.busy = false;
  if (event->status == CART_APPENDED) {
    written(cart, event->number);
  } else if (event->status == CART_JOURNAL_FULL) {
    full(cart);
  } else {
    broken(cart);
  }
}
