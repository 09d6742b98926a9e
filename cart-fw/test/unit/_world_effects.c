/* The cart's effects, carried out, and what answers them. */
#include <string.h>

#include "_world_internal.h"

cart_event *world_push(world *w, cart_event_kind kind) {
  cart_event *event = &w->pending[(w->pending_at + w->pending_count) % 64u];
  (void)memset(event, 0, sizeof *event);
  event->kind = kind;
  w->pending_count++;
  return event;
}

static void append(world *w, const cart_effect *effect) {
  static const journal_class CLASSES[] = {JOURNAL_ORDINARY, JOURNAL_FAULT, JOURNAL_CONTROL};
  uint32_t id = 0;
  journal_status status = JOURNAL_OK;
  if (w->journal_breaks) {
    status = JOURNAL_BROKEN;
  } else if (w->journal_full) {
    status = JOURNAL_FULL;
  } else {
    status = journal_append(&w->journal, CLASSES[effect->class], effect->type, effect->bytes.data, effect->bytes.size, &id);
  }
  cart_event *event = world_push(w, CART_EV_APPENDED);
  event->number = id;
  event->status = status == JOURNAL_OK ? CART_APPENDED : status == JOURNAL_FULL ? CART_JOURNAL_FULL : CART_JOURNAL_BROKEN;
}

static void sign(world *w) {
  static const uint8_t SIGNATURE[64] = {0x5A};
  if (w->element_silent) {
    return;
  }
  cart_event *event = world_push(w, CART_EV_SIGNED);
  event->ok = !w->element_fails;
  event->bytes = fw_bytes_view(SIGNATURE, sizeof SIGNATURE);
}

static void keep_secret(void *context, fw_bytes bytes) {
  world *w = context;
  (void)memcpy(w->sent_frame, bytes.data, bytes.size);
  w->sent_size = bytes.size;
}

static void carry_out(world *w, const cart_effect *effect) {
  w->effects[effect->kind]++;
  switch (effect->kind) {
    case CART_FX_SIGN:
      MUST(effect->bytes.size == 32);
      sign(w);
      break;
    case CART_FX_SEND:
      (void)memcpy(w->last_frame, effect->bytes.data, effect->bytes.size);
      w->last_frame_size = effect->bytes.size;
      world_deliver(w, effect->message, fw_bytes_view(w->last_frame, w->last_frame_size));
      break;
    case CART_FX_SEND_SECRET:
      w->sent_size = 0;
      (void)secret_frame_send(effect->frame, w->now_ms, keep_secret, w);
      world_deliver(w, effect->message, fw_bytes_view(w->sent_frame, w->sent_size));
      (void)memset(w->sent_frame, 0, sizeof w->sent_frame);
      break;
    case CART_FX_APPEND:
      append(w, effect);
      break;
    case CART_FX_READ:
      w->reading = true;
      (void)memset(&w->cursor, 0, sizeof w->cursor);
      break;
    case CART_FX_ACKNOWLEDGE:
      w->acknowledged = effect->number;
      MUST(journal_acknowledge(&w->journal, effect->number) == JOURNAL_OK);
      break;
    case CART_FX_PAY:
    case CART_FX_PAY_STATUS:
    case CART_FX_PAY_CANCEL:
      w->order = effect->order;
      (void)memcpy(w->order_handoff, effect->order.handoff, sizeof w->order_handoff);
      break;
    case CART_FX_BEACON:
      MUST(memcmp(effect->bytes.data, world_read_statements()->nonce, 16) == 0);
      break;
    case CART_FX_LINK_CLOSE:
      w->has_held = false;
      break;
    case CART_FX_DISPLAY:
    case CART_FX_READER:
    case CART_FX_ASK_SIGNAL:
    case CART_FX_UPDATE:
    case CART_FX_CONFIRM:
    case CART_FX_WIPE:
    case CART_FX_RESET:
      break;
  }
}

static void step(world *w, cart_event *event) {
  cart_effect effects[CART_EFFECTS_MAX];
  bool was_unlocked = cart_state_is_unlocked(w->cart.state);
  event->now_ms = w->now_ms;
  size_t count = cart_step(&w->cart, event, effects, CART_EFFECTS_MAX);
  w->most_effects = count > w->most_effects ? count : w->most_effects;
  bool is_unlocked = cart_state_is_unlocked(w->cart.state);
  w->illegal = w->illegal || (is_unlocked && !was_unlocked && !cart_is_attested(&w->cart));
  for (size_t i = 0; i < count; i++) {
    carry_out(w, &effects[i]);
  }
}

static void read_one(world *w) {
  journal_record record;
  cart_event event = {0};
  if (journal_next(&w->journal, &w->cursor, &record, w->record, sizeof w->record) != JOURNAL_OK) {
    w->reading = false;
    event.kind = CART_EV_READ_END;
  } else {
    event.kind = CART_EV_RECORD;
    event.type = record.type;
    event.number = record.id;
    event.bytes = fw_bytes_view(w->record, record.size);
  }
  step(w, &event);
}

void world_feed(world *w, cart_event *event) {
  step(w, event);
  while (w->reading || w->pending_count != 0u) {
    if (w->reading) {
      read_one(w);
      continue;
    }
    cart_event next = w->pending[w->pending_at % 64u];
    w->pending_at++;
    w->pending_count--;
    step(w, &next);
  }
}

void world_answer(world *w) {
  if (w->has_held) {
    cart_event event = w->held;
    w->has_held = false;
    world_feed(w, &event);
  }
}
