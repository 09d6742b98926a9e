#include "cart_internal.h"
#include "utf8.h"

#include <string.h>

/* How long a notice stays. */
#define NOTICE_MS 8000u

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

/* --- self-test --------------------------------------------------------------------------------------------------------- */

static void tested(cart_t *cart) {
  if (cart->has_journal && cart->has_element && cart->has_image) {
    cart_raise(cart, CART_SIG_TESTED);
  }
}

static void broken(cart_t *cart) {
  cart_notice(cart, NOTICE_BROKEN);
  cart_raise(cart, CART_SIG_BROKEN);
}

static void on_start(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_raise(cart, CART_SIG_START);
}

static void on_journal(cart_t *cart, const cart_event *event) {
  if (!event->ok) {
    broken(cart);
    return;
  }
  cart->boot = event->number;
  (void)cart_emit(cart, CART_FX_READ);
}

static void on_element(cart_t *cart, const cart_event *event) {
  cart->has_element = event->ok;
  if (!event->ok) {
    broken(cart);
    return;
  }
  tested(cart);
}

static void on_image(cart_t *cart, const cart_event *event) {
  cart->image = event->image;
  cart->has_image = true;
  tested(cart);
}

static void on_record(cart_t *cart, const cart_event *event) {
  if (cart->has_journal) {
    cart_batch_record(cart, event);
  } else {
    cart_fold(cart, event);
  }
}

static void on_read_end(cart_t *cart, const cart_event *event) {
  (void)event;
  if (cart->has_journal) {
    cart_batch_read(cart);
    return;
  }
  cart_folded(cart);
  cart->has_journal = true;
  tested(cart);
}

/* --- everything else --------------------------------------------------------------------------------------------------- */

static void on_tick(cart_t *cart, const cart_event *event) {
  (void)event;
  if (cart->display.notice != NOTICE_NONE && cart->now_ms - cart->notice_ms >= NOTICE_MS) {
    cart_notice(cart, NOTICE_NONE);
  }
  cart_person_tick(cart);
  cart_flight_tick(cart);
  cart_store_tick(cart);
  cart_pay_tick(cart);
  cart_shop_tick(cart);
  cart_health_tick(cart);
}

static void on_link(cart_t *cart, const cart_event *event) {
  cart->linked = event->ok;
  if (!event->ok) {
    cart_raise(cart, CART_SIG_LINK_LOST);
  }
}

static void on_reply(cart_t *cart, const cart_event *event) { cart_reply_came(cart, &event->reply); }

static void on_no_reply(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_no_reply(cart, 0);
}

static void on_secret(cart_t *cart, const cart_event *event) {
  cart_secret(cart, event->secret, event->text, event->size);
}

static void on_unreadable(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_notice(cart, NOTICE_SCAN_AGAIN);
}

static void on_signal_dbm(cart_t *cart, const cart_event *event) { cart->signal_dbm = (int16_t)(0 - (int32_t)event->number); }

static void on_reader_serial(cart_t *cart, const cart_event *event) {
  if (event->bytes.size <= sizeof cart->reader && utf8_is_valid(event->bytes)) {
    (void)memcpy(cart->reader, event->bytes.data, event->bytes.size);
    cart->reader_size = event->bytes.size;
  }
}

static void on_tamper(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_fault(cart, CART_FAULT_TAMPER, 0);
  cart_notice(cart, NOTICE_TAMPER);
}

static void on_scale_trouble(cart_t *cart, const cart_event *event) {
  (void)event;
  cart_fault(cart, CART_FAULT_SCALE, 0);
}

static void on_statement(cart_t *cart, const cart_event *event) { cart_statement(cart, event->bytes); }

static void on_power(cart_t *cart, const cart_event *event) {
  cart->ask_firmware = cart->ask_firmware || (event->ok && !cart->docked);
  cart->docked = event->ok;
  cart->battery = (uint8_t)event->number;
}

static void on_update_progress(cart_t *cart, const cart_event *event) {
  cart->display.percent = (uint8_t)event->number;
  cart->redraw = true;
}

typedef void (*handler)(cart_t *cart, const cart_event *event);

static const handler HANDLERS[CART_EV_COUNT] = {
    [CART_EV_START] = on_start,
    [CART_EV_TICK] = on_tick,
    [CART_EV_JOURNAL] = on_journal,
    [CART_EV_ELEMENT] = on_element,
    [CART_EV_IMAGE] = on_image,
    [CART_EV_APPENDED] = cart_appended,
    [CART_EV_RECORD] = on_record,
    [CART_EV_READ_END] = on_read_end,
    [CART_EV_SIGNED] = cart_signed,
    [CART_EV_LINK] = on_link,
    [CART_EV_REPLY] = on_reply,
    [CART_EV_NO_REPLY] = on_no_reply,
    [CART_EV_SIGNAL_DBM] = on_signal_dbm,
    [CART_EV_SCAN] = cart_scan,
    [CART_EV_SECRET] = on_secret,
    [CART_EV_KEY] = cart_key,
    [CART_EV_UNREADABLE] = on_unreadable,
    [CART_EV_WEIGHT] = cart_weight,
    [CART_EV_SCALE_TROUBLE] = on_scale_trouble,
    [CART_EV_READER_SERIAL] = on_reader_serial,
    [CART_EV_TAMPER] = on_tamper,
    [CART_EV_SEEN] = cart_surroundings,
    [CART_EV_GONE] = cart_surroundings,
    [CART_EV_STATEMENT] = on_statement,
    [CART_EV_PAYMENT] = cart_terminal_says,
    [CART_EV_POWER] = on_power,
    [CART_EV_UPDATE_PROGRESS] = on_update_progress,
    [CART_EV_UPDATED] = cart_updated,
};

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
  HANDLERS[event->kind](cart, event);
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
