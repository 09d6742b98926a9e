#include "messages.h"

#include "messages_parts.h"

static void get_line(cbor_reader *reader, msg_basket_line *line) {
  const size_t pairs = msg_get_map(reader, 5u, 6u);
  line->line = (uint16_t)msg_get_uint_field(reader, 1, 0u, UINT16_MAX);
  line->name = msg_get_text_field(reader, 2, 0u, MSG_ANSWER_MAX);
  line->unit_minor = msg_get_uint_field(reader, 3, 0u, CBOR_MAX_INTEGER);
  line->quantity = msg_get_uint_field(reader, 4, 0u, CBOR_MAX_INTEGER);
  line->total_minor = msg_get_int_field(reader, 5);
  line->grams.present = pairs == 6u;
  line->grams.value = 0u;
  if (line->grams.present) {
    line->grams.value = msg_get_uint_field(reader, 6, 0u, CBOR_MAX_INTEGER);
  }
}

static msg_hold_kind get_hold_kind(cbor_reader *reader) {
  static const char *const kinds[] = {"age check", "weight", "unknown item"};
  const fw_bytes text = msg_get_text_field(reader, 2, 0u, MSG_ANSWER_MAX);
  for (size_t i = 0u; i < 3u; i++) {
    if (fw_bytes_equal(text, fw_bytes_of_text(kinds[i]))) {
      return (msg_hold_kind)i;
    }
  }
  cbor_fail(reader, FW_ERR_FIELD);
  return MSG_HOLD_UNKNOWN_ITEM;
}

static void get_hold(cbor_reader *reader, msg_hold *hold) {
  const size_t pairs = msg_get_map(reader, 2u, 3u);
  hold->id = msg_get_uint_field(reader, 1, 0u, CBOR_MAX_INTEGER);
  hold->kind = get_hold_kind(reader);
  hold->has_line = pairs == 3u;
  hold->line = 0u;
  if (hold->has_line) {
    hold->line = (uint16_t)msg_get_uint_field(reader, 3, 0u, UINT16_MAX);
  }
}

/* The list that begins here, to be walked by its own reader later. */
static msg_list list_at(cbor_reader *reader) {
  msg_list list;
  list.left = cbor_get_array(reader);
  list.reader = *reader;
  return list;
}

fw_status msg_decode_events(fw_bytes bytes, msg_events_answer *answer) {
  msg_basket_line line;
  msg_hold hold;
  cbor_reader reader = msg_open(bytes, MSG_ANSWER_MAX);
  (void)msg_get_map(&reader, 4u, 4u);
  answer->seq = (uint32_t)msg_get_uint_field(&reader, 1, 0u, UINT32_MAX);
  cbor_get_key(&reader, 2);
  answer->lines = list_at(&reader);
  for (size_t i = 0u; i < answer->lines.left; i++) {
    get_line(&reader, &line);
  }
  answer->total_minor = msg_get_int_field(&reader, 3);
  cbor_get_key(&reader, 4);
  answer->holds = list_at(&reader);
  for (size_t i = 0u; i < answer->holds.left; i++) {
    get_hold(&reader, &hold);
  }
  return cbor_end(&reader);
}

/* One step of a walk; false at its end. */
static bool step(msg_list *list) {
  if (list->left == 0u) {
    return false;
  }
  list->left--;
  return true;
}

bool msg_next_line(msg_list *list, msg_basket_line *line) {
  if (!step(list)) {
    return false;
  }
  get_line(&list->reader, line);
  return true;
}

bool msg_next_hold(msg_list *list, msg_hold *hold) {
  if (!step(list)) {
    return false;
  }
  get_hold(&list->reader, hold);
  return true;
}
