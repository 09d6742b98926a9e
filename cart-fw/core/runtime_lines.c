/* Scanner, card reader, scale, panel and radio: their bytes become events. */
#include "runtime_internal.h"

#define CHUNK 32u

static void feed_text(runtime *rt, cart_event_kind kind, secret_kind secret, uint8_t *text, size_t size) {
  cart_event event = runtime_event(rt, kind);
  event.secret = secret;
  event.text = text;
  event.size = size;
  runtime_feed(rt, &event);
}

static void feed_plain(runtime *rt, cart_event_kind kind) {
  cart_event event = runtime_event(rt, kind);
  runtime_feed(rt, &event);
}

static void on_scanner(runtime *rt, uint8_t byte) {
  scanner_event scanned = scanner_feed(&rt->scanner, byte);
  if (scanned.kind == SCANNER_NOTHING) {
    return;
  }
  if (scanned.kind == SCANNER_CODE) {
    feed_text(rt, CART_EV_SCAN, SECRET_NONE, scanned.text, scanned.size);
  } else if (scanned.kind == SCANNER_PAIRING) {
    feed_text(rt, CART_EV_SECRET, SECRET_PAIRING, scanned.text, scanned.size);
  } else {
    feed_plain(rt, CART_EV_UNREADABLE);
  }
  scanner_wipe(&rt->scanner);
}

static void feed_reader(runtime *rt, const nfc_event *read) {
  cart_event event = runtime_event(rt, CART_EV_READER_SERIAL);
  event.bytes = fw_bytes_view(read->text, read->size);
  runtime_feed(rt, &event);
}

static void on_nfc(runtime *rt, uint8_t byte) {
  nfc_event read = nfc_feed(&rt->nfc, byte);
  if (read.kind == NFC_NOTHING) {
    return;
  }
  if (read.kind == NFC_SERIAL) {
    feed_reader(rt, &read);
  } else if (read.kind == NFC_TOKEN) {
    feed_text(rt, CART_EV_SECRET, SECRET_CARD, read.text, read.size);
  } else if (read.kind == NFC_REFUSED) {
    feed_plain(rt, CART_EV_UNREADABLE);
  } else if (read.kind == NFC_TAMPER) {
    feed_plain(rt, CART_EV_TAMPER);
  }
  nfc_wipe(&rt->nfc);
}

static void on_scale(runtime *rt, uint8_t byte) {
  scale_event weighed = scale_feed(&rt->scale, byte);
  if (weighed.kind == SCALE_WEIGHT) {
    cart_event event = runtime_event(rt, CART_EV_WEIGHT);
    event.grams = weighed.grams;
    runtime_feed(rt, &event);
  } else if (weighed.kind == SCALE_OVERLOAD || weighed.kind == SCALE_FAULT) {
    feed_plain(rt, CART_EV_SCALE_TROUBLE);
  }
}

static void on_panel(runtime *rt, uint8_t byte) {
  display_wire_event pressed = display_wire_feed(&rt->panel, byte);
  if (pressed.key == DISPLAY_KEY_NONE) {
    return;
  }
  cart_event event = runtime_event(rt, CART_EV_KEY);
  event.key = pressed.key;
  event.text = pressed.typed;
  event.size = pressed.size;
  runtime_feed(rt, &event);
  display_wire_wipe(&rt->panel);
}

static void feed_device(runtime *rt, cart_event_kind kind, const ble_event *seen) {
  static const cart_device DEVICES[] = {CART_BEACON, CART_TERMINAL, CART_STAFF};
  cart_event event = runtime_event(rt, kind);
  event.device = DEVICES[seen->device];
  event.bytes = fw_bytes_view_text(seen->id, seen->id_size);
  event.number = (uint32_t)(0 - (int32_t)seen->rssi_dbm);
  runtime_feed(rt, &event);
}

static void feed_payment(runtime *rt, const ble_event *paid) {
  static const cart_terminal_outcome OUTCOMES[] = {CART_TERMINAL_APPROVED, CART_TERMINAL_DECLINED,
                                                   CART_TERMINAL_UNKNOWN, CART_TERMINAL_CANCELLED};
  cart_event event = runtime_event(rt, CART_EV_PAYMENT);
  event.payment.handoff = paid->handoff;
  event.payment.outcome = OUTCOMES[paid->outcome];
  event.payment.reference = fw_bytes_view_text(paid->reference, paid->reference_size);
  runtime_feed(rt, &event);
}

static void feed_statement(runtime *rt, const ble_event *said) {
  cart_event event = runtime_event(rt, CART_EV_STATEMENT);
  event.bytes = fw_bytes_view(said->bytes, said->size);
  runtime_feed(rt, &event);
}

static void on_ble(runtime *rt, uint8_t byte) {
  ble_event heard = ble_feed(&rt->ble, byte);
  if (heard.kind == BLE_SEEN) {
    feed_device(rt, CART_EV_SEEN, &heard);
  } else if (heard.kind == BLE_GONE) {
    feed_device(rt, CART_EV_GONE, &heard);
  } else if (heard.kind == BLE_STATEMENT) {
    feed_statement(rt, &heard);
  } else if (heard.kind == BLE_PAYMENT) {
    feed_payment(rt, &heard);
  }
}

typedef void (*taker)(runtime *rt, uint8_t byte);

static bool read_line(runtime *rt, hal_channel channel, taker take) {
  uint8_t bytes[CHUNK];
  size_t size = rt->port->read(rt->port->context, channel, bytes, sizeof bytes);
  for (size_t i = 0; i < size; i++) {
    take(rt, bytes[i]);
  }
  fw_wipe(bytes, sizeof bytes);
  return size != 0u;
}

bool runtime_lines(runtime *rt) {
  bool any = read_line(rt, HAL_SCANNER, on_scanner);
  any = read_line(rt, HAL_NFC, on_nfc) || any;
  any = read_line(rt, HAL_SCALE, on_scale) || any;
  any = read_line(rt, HAL_DISPLAY, on_panel) || any;
  return read_line(rt, HAL_BLE, on_ble) || any;
}
