#include "cart_internal.h"
#include "utf8.h"

#include <string.h>

/* How long a notice stays. */
#define NOTICE_MS 8000u

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

/* --- which is whose ---------------------------------------------------------------------------------------------------- */

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

void cart_handle(cart_t *cart, const cart_event *event) { HANDLERS[event->kind](cart, event); }
