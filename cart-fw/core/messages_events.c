#include "messages.h"

#include "messages_parts.h"

#define KEY_KIND 0
#define KEY_AT 3
#define BATTERY_MAX 100u
#define SIGNAL_LEAST (-200)

static size_t one_if(bool present) {
  return present ? 1u : 0u;
}

/* The map's head and the discriminator; `pairs` besides those two: what the kind's other fields are. */
static void begin_event(fw_buffer *out, const msg_event *event, size_t pairs) {
  cbor_put_map(out, 1u + pairs + one_if(event->at_ms.present));
  msg_put_uint_field(out, KEY_KIND, (uint64_t)event->kind);
}

static void put_at(fw_buffer *out, const msg_event *event) {
  if (event->at_ms.present) {
    msg_put_uint_field(out, KEY_AT, event->at_ms.value);
  }
}

static void put_scan(fw_buffer *out, const msg_event *event) {
  const bool has_quantity = event->as.scan.quantity != 1u; /* 1 is what a missing quantity means */
  begin_event(out, event, 1u + one_if(has_quantity) + one_if(event->as.scan.grams.present));
  msg_put_text_field(out, 1, event->as.scan.code, 1u, MSG_CODE_MAX);
  if (has_quantity) {
    msg_put_ranged_field(out, 2, event->as.scan.quantity, 1u, MSG_QUANTITY_MAX);
  }
  put_at(out, event);
  if (event->as.scan.grams.present) {
    msg_put_ranged_field(out, 4, event->as.scan.grams.value, 0u, UINT32_MAX);
  }
}

static void put_remove(fw_buffer *out, const msg_event *event) {
  begin_event(out, event, 1u + one_if(event->as.remove.quantity.present));
  msg_put_uint_field(out, 1, event->as.remove.line);
  if (event->as.remove.quantity.present) {
    msg_put_ranged_field(out, 2, event->as.remove.quantity.value, 1u, MSG_QUANTITY_MAX);
  }
  put_at(out, event);
}

static void put_weight(fw_buffer *out, const msg_event *event) {
  begin_event(out, event, 1u);
  msg_put_uint_field(out, 1, event->as.weight.grams);
  put_at(out, event);
}

static void put_health(fw_buffer *out, const msg_event *event) {
  const int16_t signal = event->as.health.signal_dbm;
  if ((signal < SIGNAL_LEAST) || (signal > 0)) {
    fw_buffer_fail(out, FW_ERR_FIELD);
  }
  begin_event(out, event, 2u);
  msg_put_ranged_field(out, 1, event->as.health.battery_percent, 0u, BATTERY_MAX);
  cbor_put_uint(out, 2u);
  cbor_put_int(out, signal);
  put_at(out, event);
}

static void put_fault(fw_buffer *out, const msg_event *event) {
  begin_event(out, event, 2u);
  msg_put_uint_field(out, 1, event->as.fault.code);
  msg_put_uint_field(out, 2, event->as.fault.detail);
  put_at(out, event);
}

void msg_put_event(fw_buffer *out, const msg_event *event) {
  switch (event->kind) {
    case MSG_EVENT_SCAN:
      put_scan(out, event);
      break;
    case MSG_EVENT_REMOVE:
      put_remove(out, event);
      break;
    case MSG_EVENT_WEIGHT:
      put_weight(out, event);
      break;
    case MSG_EVENT_HEALTH:
      put_health(out, event);
      break;
    case MSG_EVENT_FAULT:
      put_fault(out, event);
      break;
    default:
      fw_buffer_fail(out, FW_ERR_ARGUMENT);
      break;
  }
}
