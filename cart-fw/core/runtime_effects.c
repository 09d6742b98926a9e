/* The cart's effects, carried out. */
#include "runtime_internal.h"

#include <string.h>

bool runtime_flush(runtime *rt, hal_channel channel, runtime_outbox *out) {
  if (out->size == 0u) {
    return false;
  }
  size_t taken = rt->port->write(rt->port->context, channel, out->bytes + out->at, out->size - out->at);
  out->at += taken;
  if (out->at >= out->size) {
    /* A picture may hold a nickname, a modem's line a token. */
    fw_wipe(out->bytes, out->size);
    out->size = 0;
    out->at = 0;
  }
  return taken != 0u;
}

static void append(runtime *rt, const cart_effect *effect) {
  static const journal_class CLASSES[] = {JOURNAL_ORDINARY, JOURNAL_FAULT, JOURNAL_CONTROL};
  rt->has_appended = true;
  journal_status status = journal_append(&rt->store, CLASSES[effect->class], effect->type, effect->bytes.data,
                                         effect->bytes.size, &rt->append_id);
  if (status == JOURNAL_OK) {
    rt->append_status = CART_APPENDED;
  } else {
    rt->append_status = status == JOURNAL_FULL ? CART_JOURNAL_FULL : CART_JOURNAL_BROKEN;
  }
}

static void read_all(runtime *rt, const cart_effect *effect) {
  (void)effect;
  rt->reading = true;
  (void)memset(&rt->cursor, 0, sizeof rt->cursor);
}

static void sign(runtime *rt, const cart_effect *effect) {
  (void)memcpy(rt->digest, effect->bytes.data, sizeof rt->digest);
  rt->wants_signature = true;
}

/* Frames for the radio are short, and many fit into the outbox before the line has taken the first. */
static uint8_t *radio_at(runtime *rt) { return rt->radio.bytes + rt->radio.size; }
static size_t radio_room(const runtime *rt) { return sizeof rt->radio.bytes - rt->radio.size; }

static void order(runtime *rt, const cart_effect *effect) {
  const cart_order *o = &effect->order;
  const char *terminal = (const char *)o->terminal.data;
  if (effect->kind == CART_FX_PAY) {
    ble_payment_order pay;
    (void)memcpy(pay.handoff, o->handoff, sizeof pay.handoff);
    (void)memcpy(pay.currency, o->currency, sizeof pay.currency);
    pay.amount_minor = o->amount_minor;
    pay.exponent = o->exponent;
    rt->radio.size += ble_write_pay(radio_at(rt), radio_room(rt), &pay, terminal, o->terminal.size);
  } else if (effect->kind == CART_FX_PAY_STATUS) {
    rt->radio.size += ble_write_pay_status(radio_at(rt), radio_room(rt), o->handoff, terminal, o->terminal.size);
  } else {
    rt->radio.size += ble_write_pay_cancel(radio_at(rt), radio_room(rt), o->handoff, terminal, o->terminal.size);
  }
}

static void arm_reader(runtime *rt, const cart_effect *effect) {
  size_t room = sizeof rt->nfc_out.bytes - rt->nfc_out.size;
  rt->nfc_out.size += nfc_write_arm(rt->nfc_out.bytes + rt->nfc_out.size, room, effect->ok);
}

static void wipe(runtime *rt, const cart_effect *effect) {
  (void)effect;
  scanner_wipe(&rt->scanner);
  nfc_wipe(&rt->nfc);
  display_wire_wipe(&rt->panel);
  modem_wipe(&rt->modem);
  fw_wipe(rt->record, sizeof rt->record);
  if (rt->exchange.phase == EXCHANGE_NONE) {
    fw_wipe(rt->exchange.request, sizeof rt->exchange.request);
    fw_wipe(rt->exchange.answer, sizeof rt->exchange.answer);
  }
}

static void close_link(runtime *rt, const cart_effect *effect) {
  (void)effect;
  runtime_drop_exchange(rt);
  modem_close(&rt->modem, runtime_now(rt));
}

static void acknowledge(runtime *rt, const cart_effect *effect) {
  (void)journal_acknowledge(&rt->store, effect->number);
}

static void show(runtime *rt, const cart_effect *effect) {
  (void)effect;
  rt->wants_picture = true;
}

static void ask_beacon(runtime *rt, const cart_effect *effect) {
  rt->radio.size += ble_write_nonce(radio_at(rt), radio_room(rt), effect->bytes.data);
}

static void ask_signal(runtime *rt, const cart_effect *effect) {
  (void)effect;
  modem_ask_signal(&rt->modem);
}

static void begin_update(runtime *rt, const cart_effect *effect) { runtime_update_begin(rt, effect->bytes); }

static void confirm(runtime *rt, const cart_effect *effect) {
  (void)effect;
  rt->confirmation = OTA_ROUND_TRIP_ACCEPTED;
  runtime_confirm(rt);
}

static void reset(runtime *rt, const cart_effect *effect) {
  (void)effect;
  rt->port->reset(rt->port->context);
}

typedef void (*effect_handler)(runtime *rt, const cart_effect *effect);

static const effect_handler HANDLERS[] = {
    [CART_FX_SIGN] = sign,
    [CART_FX_SEND] = runtime_send,
    [CART_FX_SEND_SECRET] = runtime_send,
    [CART_FX_LINK_CLOSE] = close_link,
    [CART_FX_APPEND] = append,
    [CART_FX_READ] = read_all,
    [CART_FX_ACKNOWLEDGE] = acknowledge,
    [CART_FX_DISPLAY] = show,
    [CART_FX_BEACON] = ask_beacon,
    [CART_FX_PAY] = order,
    [CART_FX_PAY_STATUS] = order,
    [CART_FX_PAY_CANCEL] = order,
    [CART_FX_READER] = arm_reader,
    [CART_FX_ASK_SIGNAL] = ask_signal,
    [CART_FX_UPDATE] = begin_update,
    [CART_FX_CONFIRM] = confirm,
    [CART_FX_WIPE] = wipe,
    [CART_FX_RESET] = reset,
};

void runtime_carry_out(runtime *rt, const cart_effect *effect) { HANDLERS[effect->kind](rt, effect); }
