#include "cart_record.h"

#include <string.h>

#define TRIP_ITEMS 13u
#define BOUND_ITEMS 8u
#define MOST_EXPONENT 3u

#define FLAG_EXIT_TOLD 1u
#define FLAG_HAS_LINES 2u
#define FLAG_HAS_ORDER 4u
#define FLAG_BEGUN 8u
#define FLAG_HAS_RESULT 16u
#define FLAG_APPROVED 32u
#define FLAGS_ALL 63u

static uint32_t flag(bool is_set, uint32_t bit) { return is_set ? bit : 0u; }

static uint32_t flags_of(const cart_trip *trip) {
  const cart_payment *payment = &trip->payment;
  return flag(trip->exit_told, FLAG_EXIT_TOLD) | flag(trip->has_lines, FLAG_HAS_LINES) |
         flag(payment->has_order, FLAG_HAS_ORDER) | flag(payment->begun, FLAG_BEGUN) |
         flag(payment->has_result, FLAG_HAS_RESULT) | flag(payment->approved, FLAG_APPROVED);
}

static void set_flags(cart_trip *trip, uint32_t flags) {
  trip->exit_told = (flags & FLAG_EXIT_TOLD) != 0u;
  trip->has_lines = (flags & FLAG_HAS_LINES) != 0u;
  trip->payment.has_order = (flags & FLAG_HAS_ORDER) != 0u;
  trip->payment.begun = (flags & FLAG_BEGUN) != 0u;
  trip->payment.has_result = (flags & FLAG_HAS_RESULT) != 0u;
  trip->payment.approved = (flags & FLAG_APPROVED) != 0u;
}

size_t cart_record_put_trip(uint8_t *to, const cart_trip *trip, const display_model *display) {
  const cart_payment *payment = &trip->payment;
  fw_buffer out = fw_buffer_over(to, CART_RECORD_MAX);
  cbor_put_array(&out, TRIP_ITEMS);
  cbor_put_bytes(&out, fw_bytes_view(trip->session, sizeof trip->session));
  cbor_put_uint(&out, trip->next_seq);
  cbor_put_uint(&out, trip->answered_id);
  cbor_put_uint(&out, trip->tolerance_g);
  cbor_put_uint(&out, flags_of(trip));
  cbor_put_text(&out, fw_bytes_view_text(display->currency, MSG_CURRENCY_SIZE));
  cbor_put_uint(&out, display->exponent);
  cbor_put_bytes(&out, fw_bytes_view(payment->handoff, sizeof payment->handoff));
  cbor_put_bytes(&out, fw_bytes_view(payment->digest, sizeof payment->digest));
  cbor_put_uint(&out, payment->amount_minor);
  cbor_put_uint(&out, payment->expires_ms);
  cbor_put_text(&out, fw_bytes_view(payment->terminal, payment->terminal_size));
  cbor_put_text(&out, fw_bytes_view(payment->reference, payment->reference_size));
  return fw_bytes_written(&out).size;
}

static size_t take_text(cbor_reader *reader, uint8_t *to, size_t most) {
  fw_bytes text = cbor_get_text(reader, 0, most);
  if (text.size != 0u) {
    (void)memcpy(to, text.data, text.size);
  }
  return text.size;
}

static void read_payment(cbor_reader *reader, cart_payment *payment) {
  cbor_copy_bytes(reader, payment->handoff, sizeof payment->handoff);
  cbor_copy_bytes(reader, payment->digest, sizeof payment->digest);
  payment->amount_minor = cbor_get_uint(reader, 0, CBOR_MAX_INTEGER);
  payment->expires_ms = cbor_get_uint(reader, 0, CBOR_MAX_INTEGER);
  payment->terminal_size = take_text(reader, payment->terminal, sizeof payment->terminal);
  payment->reference_size = take_text(reader, payment->reference, sizeof payment->reference);
}

bool cart_record_get_trip(fw_bytes record, cart_trip *trip, display_model *display) {
  cbor_reader reader = cbor_reader_over(record);
  if (cbor_get_array(&reader) != TRIP_ITEMS) {
    return false;
  }
  cbor_copy_bytes(&reader, trip->session, sizeof trip->session);
  trip->next_seq = (uint32_t)cbor_get_uint(&reader, 1, UINT32_MAX);
  trip->answered_id = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  trip->tolerance_g = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  set_flags(trip, (uint32_t)cbor_get_uint(&reader, 0, FLAGS_ALL));
  fw_bytes currency = cbor_get_text(&reader, MSG_CURRENCY_SIZE, MSG_CURRENCY_SIZE);
  display->exponent = (uint8_t)cbor_get_uint(&reader, 0, MOST_EXPONENT);
  read_payment(&reader, &trip->payment);
  bool is_good = cbor_end(&reader) == FW_OK;
  if (is_good) {
    (void)memcpy(display->currency, currency.data, MSG_CURRENCY_SIZE);
  }
  return is_good;
}

size_t cart_record_put_bound(uint8_t *to, const cart_bound *bound) {
  fw_buffer out = fw_buffer_over(to, CART_RECORD_MAX);
  cbor_put_array(&out, BOUND_ITEMS);
  cbor_put_uint(&out, bound->outside ? 1u : 0u);
  cbor_put_uint(&out, bound->boot);
  cbor_put_uint(&out, bound->seq);
  cbor_put_uint(&out, bound->time_ms);
  cbor_put_uint(&out, bound->first_id);
  cbor_put_uint(&out, bound->last_id);
  cbor_put_uint(&out, bound->count);
  cbor_put_uint(&out, bound->crc);
  return fw_bytes_written(&out).size;
}

bool cart_record_get_bound(fw_bytes record, cart_bound *bound) {
  cbor_reader reader = cbor_reader_over(record);
  if (cbor_get_array(&reader) != BOUND_ITEMS) {
    return false;
  }
  bound->outside = cbor_get_uint(&reader, 0, 1) == 1u;
  bound->boot = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  bound->seq = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  bound->time_ms = cbor_get_uint(&reader, 0, CBOR_MAX_INTEGER);
  bound->first_id = (uint32_t)cbor_get_uint(&reader, 1, UINT32_MAX);
  bound->last_id = (uint32_t)cbor_get_uint(&reader, bound->first_id, UINT32_MAX);
  bound->count = (uint32_t)cbor_get_uint(&reader, 1, MSG_EVENTS_MAX);
  bound->crc = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  return cbor_end(&reader) == FW_OK;
}
