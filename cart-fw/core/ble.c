#include "ble.h"

#include <string.h>

#define NOTHING                                                                                                        \
  {BLE_NOTHING, BLE_BEACON, 0, NULL, 0, NULL, 0, NULL, BLE_UNKNOWN, NULL, 0}

void ble_init(ble_line *line)
{
  serial_frame_init(&line->reader, line->bytes, sizeof line->bytes);
}

/* A text with its length before it, the payload's last field: printable ASCII, `least` to `most` characters. */
static bool last_text(const serial_frame *frame, size_t at, size_t least, size_t most)
{
  const size_t size = frame->payload[at];
  if (size < least || size > most || frame->size != at + 1u + size) {
    return false;
  }
  for (size_t i = 0; i < size; i++) {
    const uint8_t byte = frame->payload[at + 1u + i];
    if (byte < 0x21u || byte > 0x7Eu) {
      return false;
    }
  }
  return true;
}

/* kind, rssi, id */
static bool read_device(const serial_frame *frame, ble_event *event)
{
  if (frame->size < 3u || frame->payload[0] > (uint8_t)BLE_STAFF || !last_text(frame, 2, 1, BLE_ID_MAX)) {
    return false;
  }
  event->device = (ble_device)frame->payload[0];
  event->rssi_dbm = (int8_t)frame->payload[1];
  event->id = (const char *)frame->payload + 3;
  event->id_size = frame->payload[2];
  return true;
}

/* handoff, outcome, reference */
static bool read_outcome(const serial_frame *frame, ble_event *event)
{
  const size_t at = BLE_HANDOFF_SIZE + 1u;
  if (frame->size < at + 1u || frame->payload[BLE_HANDOFF_SIZE] > (uint8_t)BLE_CANCELLED ||
      !last_text(frame, at, 0, BLE_REFERENCE_MAX)) {
    return false;
  }
  event->handoff = frame->payload;
  event->outcome = (ble_outcome)frame->payload[BLE_HANDOFF_SIZE];
  event->reference = (const char *)frame->payload + at + 1u;
  event->reference_size = frame->payload[at];
  return true;
}

ble_event ble_feed(ble_line *line, uint8_t byte)
{
  ble_event event = NOTHING;
  serial_frame frame;
  if (!serial_frame_push(&line->reader, byte, &frame)) {
    return event;
  }
  event.kind = BLE_MALFORMED;
  switch (frame.type) {
  case BLE_FRAME_SEEN:
    if (read_device(&frame, &event)) {
      event.kind = BLE_SEEN;
    }
    break;
  case BLE_FRAME_GONE:
    if (read_device(&frame, &event)) {
      event.kind = BLE_GONE;
    }
    break;
  case BLE_FRAME_BEACON_SAYS:
    if (frame.size != 0u) {
      event.kind = BLE_STATEMENT;
      event.bytes = frame.payload;
      event.size = frame.size;
    }
    break;
  case BLE_FRAME_PAY_OUTCOME:
    if (read_outcome(&frame, &event)) {
      event.kind = BLE_PAYMENT;
    }
    break;
  default:
    break;
  }
  return event;
}

size_t ble_write_nonce(uint8_t *out, size_t capacity, const uint8_t nonce[BLE_NONCE_SIZE])
{
  return serial_frame_write(out, capacity, BLE_FRAME_BEACON_NONCE, nonce, BLE_NONCE_SIZE);
}

/* Puts the terminal's id behind the fixed fields and frames them. */
static size_t write_for_terminal(uint8_t *out, size_t capacity, uint8_t type, uint8_t *payload, size_t size,
                                 const char *terminal, size_t terminal_size)
{
  if (terminal_size == 0u || terminal_size > BLE_ID_MAX) {
    return 0;
  }
  payload[size] = (uint8_t)terminal_size;
  memcpy(payload + size + 1u, terminal, terminal_size);
  return serial_frame_write(out, capacity, type, payload, size + 1u + terminal_size);
}

size_t ble_write_pay(uint8_t *out, size_t capacity, const ble_payment_order *order, const char *terminal, size_t size)
{
  uint8_t payload[BLE_HANDOFF_SIZE + 12u + 1u + BLE_ID_MAX];
  memcpy(payload, order->handoff, BLE_HANDOFF_SIZE);
  for (unsigned i = 0; i < 8u; i++) {
    payload[BLE_HANDOFF_SIZE + i] = (uint8_t)(order->amount_minor >> (56u - (8u * i)));
  }
  payload[BLE_HANDOFF_SIZE + 8u] = order->exponent;
  memcpy(payload + BLE_HANDOFF_SIZE + 9u, order->currency, sizeof order->currency);
  return write_for_terminal(out, capacity, BLE_FRAME_PAY, payload, BLE_HANDOFF_SIZE + 12u, terminal, size);
}

static size_t write_about(uint8_t *out, size_t capacity, uint8_t type, const uint8_t handoff[BLE_HANDOFF_SIZE],
                          const char *terminal, size_t size)
{
  uint8_t payload[BLE_HANDOFF_SIZE + 1u + BLE_ID_MAX];
  memcpy(payload, handoff, BLE_HANDOFF_SIZE);
  return write_for_terminal(out, capacity, type, payload, BLE_HANDOFF_SIZE, terminal, size);
}

size_t ble_write_pay_status(uint8_t *out, size_t capacity, const uint8_t handoff[BLE_HANDOFF_SIZE],
                            const char *terminal, size_t size)
{
  return write_about(out, capacity, BLE_FRAME_PAY_STATUS, handoff, terminal, size);
}

size_t ble_write_pay_cancel(uint8_t *out, size_t capacity, const uint8_t handoff[BLE_HANDOFF_SIZE],
                            const char *terminal, size_t size)
{
  return write_about(out, capacity, BLE_FRAME_PAY_CANCEL, handoff, terminal, size);
}
