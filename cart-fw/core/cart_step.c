#include "cart_internal.h"

#include <string.h>

cart_effect *cart_emit(cart_t *cart, cart_effect_kind kind) {
  cart_effect *effect = &cart->beyond;
  if (cart->out_used < cart->out_cap) {
    effect = &cart->out[cart->out_used];
    cart->out_used++;
  }
  (void)memset(effect, 0, sizeof *effect);
  effect->kind = kind;
  return effect;
}

void cart_notice(cart_t *cart, display_notice notice) {
  cart->display.notice = notice;
  cart->notice_ms = cart->now_ms;
  cart->redraw = true;
}

bool cart_is_attested(const cart_t *cart) {
  return cart->evidence.attested && cart->now_ms < cart->evidence.attested_until_ms;
}

bool cart_is_on_trip(const cart_t *cart) {
  static const bool ON_TRIP[CART_STATE_COUNT] = {[CART_SHOPPING] = true,
                                                 [CART_OFFLINE_HOLD] = true,
                                                 [CART_HANDOFF] = true,
                                                 [CART_AWAIT_TERMINAL] = true,
                                                 [CART_CLOSING] = true};
  return ON_TRIP[cart->state];
}

/* --- the table ------------------------------------------------------------------------------------------------------- */

static bool holds(const cart_t *cart, cart_guard guard) {
  /* A payment is never begun but in a trip that is open. */
  const bool holding[CART_GUARD_COUNT] = {[CART_ALWAYS] = true,
                                          [CART_ATTESTED] = true,
                                          [CART_ATTESTED_TRIP] = cart->trip.open,
                                          [CART_ATTESTED_PAYING] = cart->trip.payment.begun};
  return holding[guard] && (guard == CART_ALWAYS || cart_is_attested(cart));
}

static const display_screen SCREENS[CART_STATE_COUNT] = {
    SCREEN_STARTING, SCREEN_STARTING, SCREEN_LOCKED,   SCREEN_CHECKING_STORE, SCREEN_READY,   SCREEN_OPENING,  SCREEN_SHOPPING,
    SCREEN_OFFLINE,  SCREEN_CHECKOUT, SCREEN_PAY,      SCREEN_CLOSING,        SCREEN_UPDATING, SCREEN_FAULT};

/* Whoever was shopping is forgotten on every way into a state without a trip. */
static bool forgets(cart_state state) { return state == CART_LOCKED || state == CART_FAULT; }

static void enter(cart_t *cart, cart_state state) {
  cart->state = state;
  cart->state_ms = cart->now_ms;
  cart->due_ms = 0;
  cart->display.screen = SCREENS[state];
  cart->redraw = true;
  if (forgets(state)) {
    cart_person_forget(cart);
    cart_flight_drop(cart);
  }
}

void cart_raise(cart_t *cart, cart_signal signal) {
  size_t count;
  const cart_row *rows = cart_table(&count);
  for (size_t i = 0; i < count; i++) {
    const cart_row *row = &rows[i];
    if (row->from == cart->state && row->signal == signal && holds(cart, row->guard)) {
      enter(cart, row->to);
      return;
    }
  }
}

/* --- what to do next ----------------------------------------------------------------------------------------------------- */

static bool telemetry_next(cart_t *cart) {
  return cart->now_ms >= cart->telemetry.after_ms && cart_batch_next(cart, true);
}

/* An image that the cell no longer trusts must be able to ask for its successor. */
static bool locked_next(cart_t *cart) {
  return telemetry_next(cart) || (cart->failures != 0u && cart_update_next(cart));
}

static bool ready_next(cart_t *cart) { return telemetry_next(cart) || cart_update_next(cart); }

static bool nothing_next(cart_t *cart) {
  (void)cart;
  return false;
}

typedef bool (*worker)(cart_t *cart);

static const worker WORKERS[CART_STATE_COUNT] = {
    [CART_BOOT] = nothing_next,        [CART_SELFTEST] = nothing_next,       [CART_LOCKED] = locked_next,
    [CART_STORE_ATTEST] = cart_store_next, [CART_READY] = ready_next,        [CART_OPENING] = cart_open_next,
    [CART_SHOPPING] = cart_trip_next,  [CART_OFFLINE_HOLD] = cart_trip_next, [CART_HANDOFF] = cart_trip_next,
    [CART_AWAIT_TERMINAL] = cart_trip_next, [CART_CLOSING] = cart_trip_next, [CART_UPDATING] = nothing_next,
    [CART_FAULT] = telemetry_next,
};

/* Nobody waits for the link any more when it is there and nothing is left to be sent. */
static void pump(cart_t *cart) {
  if (!cart->has_journal || cart_note_due(cart)) {
    return;
  }
  if (cart->flight.phase != FLIGHT_NONE || !cart->linked || cart->now_ms < cart->wait_until_ms) {
    return;
  }
  if (!WORKERS[cart->state](cart)) {
    cart_raise(cart, CART_SIG_LINK_BACK);
  }
}

size_t cart_step(cart_t *cart, const cart_event *event, cart_effect *out, size_t cap) {
  cart->now_ms = event->now_ms;
  cart->out = out;
  cart->out_cap = cap;
  cart->out_used = 0;
  cart_handle(cart, event);
  pump(cart);
  if (cart->redraw) {
    cart->redraw = false;
    (void)cart_emit(cart, CART_FX_DISPLAY);
  }
  cart->out = NULL;
  return cart->out_used;
}

void cart_init(cart_t *cart, const cart_factory *factory, uint32_t seed) {
  fw_wipe(cart, sizeof *cart);
  cart->factory = factory;
  cart->chance = seed;
  cart->telemetry.next_seq = 1u;
  cart->flight.most = CART_BATCH_MAX;
  display_init(&cart->display);
}

uint64_t cart_time(const cart_t *cart, uint64_t now_ms) { return clock_at(&cart->clock, now_ms); }

bool cart_is_drained(const cart_t *cart) {
  bool is_idle = cart->flight.phase == FLIGHT_NONE && !cart->note.busy;
  bool is_empty = cart->trip.newest_id <= cart->trip.answered_id && cart->telemetry.newest_id <= cart->telemetry.answered_id;
  return is_idle && is_empty;
}
