#include "ble.h"
#include "check.h"

static ble_line line;

static ble_event feed(uint8_t type, const void *payload, size_t size)
{
  uint8_t wire[400];
  const size_t written = serial_frame_write(wire, sizeof wire, type, payload, size);
  ble_event event;
  memset(&event, 0, sizeof event);
  for (size_t i = 0; i < written; i++) {
    event = ble_feed(&line, wire[i]);
  }
  return event;
}

int main(void)
{
  static const uint8_t handoff[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  uint8_t wire[128];
  uint8_t payload[300];
  ble_init(&line);

  IT("tells who is in reach and who is gone") {
    ble_event event = feed(BLE_FRAME_SEEN, "\x01\xC4\x02T1", 5);
    CHECK_EQ(event.kind, BLE_SEEN);
    CHECK_EQ(event.device, BLE_TERMINAL);
    CHECK_EQ(event.rssi_dbm, -60);
    CHECK_EQ(event.id_size, 2);
    CHECK_BYTES(event.id, "T1", 2);
    event = feed(BLE_FRAME_GONE, "\x00\xA6\x07us-demo", 10);
    CHECK_EQ(event.kind, BLE_GONE);
    CHECK_EQ(event.device, BLE_BEACON);
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x02\xC4\x01x", 4).device, BLE_STAFF);
  }

  IT("refuses devices of another form") {
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x03\xC4\x02T1", 5).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x01\xC4", 2).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x01\xC4\x00", 3).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x01\xC4\x03T1", 5).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_SEEN, "\x01\xC4\x02T ", 5).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_GONE, "\x01\xC4\x02T\x7F", 5).kind, BLE_MALFORMED);
    memset(payload, 'a', sizeof payload);
    payload[0] = 1;
    payload[2] = 33;
    CHECK_EQ(feed(BLE_FRAME_SEEN, payload, 36).kind, BLE_MALFORMED);
    payload[2] = 32;
    CHECK_EQ(feed(BLE_FRAME_SEEN, payload, 35).kind, BLE_SEEN);
  }

  IT("hands on a beacon's statement of 1 to 256 bytes, whatever it holds") {
    memset(payload, 0xD2, sizeof payload);
    const ble_event event = feed(BLE_FRAME_BEACON_SAYS, payload, 256);
    CHECK_EQ(event.kind, BLE_STATEMENT);
    CHECK_EQ(event.size, 256);
    CHECK_BYTES(event.bytes, payload, 256);
    CHECK_EQ(feed(BLE_FRAME_BEACON_SAYS, payload, 0).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_BEACON_SAYS, payload, 257).kind, BLE_NOTHING);
    ble_init(&line);
  }

  IT("reads what became of a payment, with a reference or without") {
    memcpy(payload, handoff, 16);
    payload[16] = 0;
    payload[17] = 3;
    memcpy(payload + 18, "abc", 3);
    ble_event event = feed(BLE_FRAME_PAY_OUTCOME, payload, 21);
    CHECK_EQ(event.kind, BLE_PAYMENT);
    CHECK_EQ(event.outcome, BLE_APPROVED);
    CHECK_BYTES(event.handoff, handoff, 16);
    CHECK_EQ(event.reference_size, 3);
    CHECK_BYTES(event.reference, "abc", 3);
    payload[16] = 2;
    payload[17] = 0;
    event = feed(BLE_FRAME_PAY_OUTCOME, payload, 18);
    CHECK_EQ(event.kind, BLE_PAYMENT);
    CHECK_EQ(event.outcome, BLE_UNKNOWN);
    CHECK_EQ(event.reference_size, 0);
  }

  IT("refuses outcomes of another form, and frames that it does not know") {
    CHECK_EQ(feed(BLE_FRAME_PAY_OUTCOME, payload, 17).kind, BLE_MALFORMED);
    payload[16] = 4;
    CHECK_EQ(feed(BLE_FRAME_PAY_OUTCOME, payload, 18).kind, BLE_MALFORMED);
    payload[16] = 1;
    payload[17] = 1;
    payload[18] = ' ';
    CHECK_EQ(feed(BLE_FRAME_PAY_OUTCOME, payload, 19).kind, BLE_MALFORMED);
    memset(payload + 17, 'a', 80);
    payload[17] = 65;
    CHECK_EQ(feed(BLE_FRAME_PAY_OUTCOME, payload, 83).kind, BLE_MALFORMED);
    CHECK_EQ(feed(BLE_FRAME_PAY, handoff, 16).kind, BLE_MALFORMED);
  }

  IT("writes the nonce that a beacon is to sign") {
    CHECK_EQ(ble_write_nonce(wire, sizeof wire, handoff), 22);
    CHECK_BYTES(wire + 4, handoff, 16);
  }

  IT("writes an order with its amount, and questions about it") {
    ble_payment_order order = {.amount_minor = 0x0102030405060708u, .exponent = 2, .currency = {'E', 'U', 'R'}};
    memcpy(order.handoff, handoff, 16);
    CHECK_EQ(ble_write_pay(wire, sizeof wire, &order, "T1", 2), 6 + 16 + 12 + 3);
    CHECK_BYTES(wire + 4, handoff, 16);
    CHECK_BYTES(wire + 20, "\x01\x02\x03\x04\x05\x06\x07\x08\x02" "EUR\x02T1", 15);
    CHECK_EQ(ble_write_pay_status(wire, sizeof wire, handoff, "T1", 2), 6 + 16 + 3);
    CHECK_EQ(wire[1], BLE_FRAME_PAY_STATUS);
    CHECK_EQ(ble_write_pay_cancel(wire, sizeof wire, handoff, "T1", 2), 6 + 16 + 3);
    CHECK_EQ(wire[1], BLE_FRAME_PAY_CANCEL);
  }

  IT("writes nothing for a terminal without an id or with too long a one") {
    const ble_payment_order order = {.amount_minor = 1, .exponent = 2, .currency = {'E', 'U', 'R'}};
    CHECK_EQ(ble_write_pay(wire, sizeof wire, &order, "", 0), 0);
    CHECK_EQ(ble_write_pay(wire, sizeof wire, &order, "012345678901234567890123456789012", 33), 0);
    CHECK_EQ(ble_write_pay(wire, 8, &order, "T1", 2), 0);
  }

  return check_report("ble");
}
