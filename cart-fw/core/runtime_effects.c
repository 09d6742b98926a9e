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

static void read_all(runtime *rt) {
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

static void arm_reader(runtime *rt, bool armed) {
  size_t room = sizeof rt->nfc_out.bytes - rt->nfc_out.size;
  rt->nfc_out.size += nfc_write_arm(rt->nfc_out.bytes + rt->nfc_out.size, room, armed);
}

static void wipe(runtime *rt) {
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

void runtime_carry_out(runtime *rt, const cart_effect *effect) {
  switch (effect->kind) {
    case CART_FX_SIGN:
      sign(rt, effect);
      break;
    case CART_FX_SEND:
    case CART_FX_SEND_SECRET:
      runtime_send(rt, effect);
      break;
    case CART_FX_LINK_CLOSE:
      runtime_drop_exchange(rt);
      modem_close(&rt->modem, runtime_now(rt));
      break;
    case CART_FX_APPEND:
      append(rt, effect);
      break;
    case CART_FX_READ:
      read_all(rt);
      break;
    case CART_FX_ACKNOWLEDGE:
      (void)journal_acknowledge(&rt->store, effect->number);
      break;
    case CART_FX_DISPLAY:
      rt->wants_picture = true;
      break;
    case CART_FX_BEACON:
      rt->radio.size += ble_write_nonce(radio_at(rt), radio_room(rt), effect->bytes.data);
      break;
    case CART_FX_PAY:
    case CART_FX_PAY_STATUS:
    case CART_FX_PAY_CANCEL:
      order(rt, effect);
      break;
    case CART_FX_READER:
      arm_reader(rt, effect->ok);
      break;
    case CART_FX_ASK_SIGNAL:
      modem_ask_signal(&rt->modem);
      break;
    case CART_FX_UPDATE:
      runtime_update_begin(rt, effect->bytes);
      break;
    case CART_FX_CONFIRM:
      rt->confirmation = OTA_ROUND_TRIP_ACCEPTED;
      runtime_confirm(rt);
      break;
    case CART_FX_WIPE:
      wipe(rt);
      break;
    case CART_FX_RESET:
      rt->port->reset(rt->port->context);
      break;
  }
}
