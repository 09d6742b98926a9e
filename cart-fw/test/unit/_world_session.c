/* A session of the platform: it numbers, repeats and refuses as the real one does. */
#include <string.h>

#include "_world_internal.h"
#include "crc32c.h"

static void skip(cbor_reader *reader) {
  if (cbor_next_is(reader, CBOR_BYTES)) {
    (void)cbor_get_bytes(reader, 0, CBOR_MAX_SIZE);
  } else if (cbor_next_is(reader, CBOR_TEXT)) {
    (void)cbor_get_text(reader, 0, CBOR_MAX_SIZE);
  } else {
    (void)cbor_get_uint(reader, 0, CBOR_MAX_INTEGER);
  }
}

static world_event read_event(cbor_reader *reader) {
  world_event event = {0};
  size_t pairs = cbor_get_map(reader);
  for (size_t i = 0; i < pairs; i++) {
    uint64_t key = cbor_get_uint(reader, 0, 9);
    if (key == 0u) {
      event.kind = (uint8_t)cbor_get_uint(reader, 1, 5);
    } else if (key == 1u && event.kind == MSG_EVENT_SCAN) {
      fw_bytes code = cbor_get_text(reader, 1, 100);
      (void)memcpy(event.code, code.data, code.size);
    } else if (key == 1u) {
      event.number = (uint32_t)cbor_get_uint(reader, 0, UINT32_MAX);
    } else if (cbor_next_is(reader, CBOR_NEGATIVE)) {
      (void)cbor_get_int(reader);
    } else {
      skip(reader);
    }
  }
  return event;
}

size_t world_take_events(cbor_reader *reader, world_event *to, size_t room) {
  cbor_get_map(reader);
  cbor_get_key(reader, 1);
  size_t count = cbor_get_array(reader);
  for (size_t i = 0; i < count; i++) {
    world_event event = read_event(reader);
    if (i < room) {
      to[i] = event;
    }
  }
  MUST(cbor_end(reader) == FW_OK);
  return count;
}

static bool is_poisoned(const world *w, const world_event *events, size_t count) {
  for (size_t i = 0; i < count && w->platform.poison != NULL; i++) {
    if (strcmp((const char *)events[i].code, w->platform.poison) == 0) {
      return true;
    }
  }
  return false;
}

static void put_basket_line(world *w, fw_buffer *out, const world_event *event) {
  bool is_scan = event->kind == MSG_EVENT_SCAN;
  cbor_put_map(out, 5);
  world_put_key(out, 1);
  cbor_put_uint(out, is_scan ? w->platform.next_line : event->number);
  world_put_key(out, 2);
  cbor_put_text(out, fw_bytes_of_text("A thing"));
  world_put_key(out, 3);
  cbor_put_uint(out, 100);
  world_put_key(out, 4);
  cbor_put_uint(out, is_scan ? 1u : 0u);
  world_put_key(out, 5);
  cbor_put_int(out, is_scan ? 100 : 0);
  w->platform.next_line += is_scan ? 1u : 0u;
}

static void put_holds(const world *w, fw_buffer *out) {
  static const char *const KINDS[] = {"age check", "weight", "unknown item"};
  if (w->platform.held == 0u) {
    cbor_put_array(out, 0);
    return;
  }
  cbor_put_array(out, 1);
  cbor_put_map(out, w->platform.held == 3u ? 3u : 2u);
  world_put_key(out, 1);
  cbor_put_uint(out, 1);
  world_put_key(out, 2);
  cbor_put_text(out, fw_bytes_of_text(KINDS[w->platform.held - 1u]));
  if (w->platform.held == 3u) {
    world_put_key(out, 3);
    cbor_put_uint(out, 7);
  }
}

static bool changes_basket(const world *w, const world_event *event) {
  return event->kind == MSG_EVENT_SCAN || (event->kind == MSG_EVENT_REMOVE && !w->platform.has_no_line);
}

static bool put_events_answer(world *w, cbor_reader *reader, fw_buffer *out, uint32_t seq) {
  world_event *events = &w->platform.events[w->platform.event_count];
  size_t count = world_take_events(reader, events, WORLD_EVENTS - w->platform.event_count);
  if (is_poisoned(w, events, count)) {
    return false;
  }
  w->platform.event_count += count;
  size_t lines = 0;
  for (size_t i = 0; i < count; i++) {
    lines += changes_basket(w, &events[i]) ? 1u : 0u;
  }
  cbor_put_map(out, 4);
  world_put_key(out, 1);
  cbor_put_uint(out, seq);
  world_put_key(out, 2);
  cbor_put_array(out, lines);
  for (size_t i = 0; i < count; i++) {
    if (changes_basket(w, &events[i])) {
      put_basket_line(w, out, &events[i]);
    }
  }
  world_put_key(out, 3);
  cbor_put_int(out, 100);
  world_put_key(out, 4);
  put_holds(w, out);
  return true;
}

static void put_identity_answer(const world *w, fw_buffer *out) {
  uint8_t customer[16] = {1};
  switch (w->platform.identity) {
    case MSG_NOT_LINKED:
      cbor_put_map(out, 1);
      world_put_key(out, 1);
      cbor_put_uint(out, 0);
      break;
    case MSG_LINKED:
      cbor_put_map(out, w->platform.nickname == NULL ? 2u : 3u);
      world_put_key(out, 1);
      cbor_put_uint(out, 1);
      world_put_key(out, 2);
      cbor_put_bytes(out, fw_bytes_view(customer, sizeof customer));
      if (w->platform.nickname != NULL) {
        world_put_key(out, 3);
        cbor_put_text(out, fw_bytes_of_text(w->platform.nickname));
      }
      break;
    case MSG_TO_BE_CONFIRMED:
      cbor_put_map(out, 2);
      world_put_key(out, 1);
      cbor_put_uint(out, 2);
      world_put_key(out, 3);
      cbor_put_text(out, fw_bytes_of_text("42"));
      break;
  }
}

static void put_checkout_answer(const world *w, fw_buffer *out) {
  uint8_t handoff[16];
  uint8_t digest[32];
  (void)memset(handoff, 0x77, sizeof handoff);
  (void)memset(digest, 0x66, sizeof digest);
  cbor_put_map(out, 5);
  world_put_key(out, 1);
  cbor_put_bytes(out, fw_bytes_view(handoff, sizeof handoff));
  world_put_key(out, 2);
  cbor_put_uint(out, 108);
  world_put_key(out, 3);
  cbor_put_text(out, fw_bytes_of_text("USD"));
  world_put_key(out, 4);
  cbor_put_uint(out, w->cell_ms + w->now_ms + w->platform.handoff_life_ms);
  world_put_key(out, 5);
  cbor_put_bytes(out, fw_bytes_view(digest, sizeof digest));
}

static void put_payment_answer(const world *w, fw_buffer *out) {
  static const char *const OUTCOMES[] = {"approved", "declined", "pending", "unknown"};
  bool has_receipt = w->platform.outcome == MSG_APPROVED && w->platform.has_receipt;
  cbor_put_map(out, has_receipt ? 2u : 1u);
  world_put_key(out, 1);
  cbor_put_text(out, fw_bytes_of_text(OUTCOMES[w->platform.outcome]));
  if (has_receipt) {
    world_put_key(out, 2);
    cbor_put_text(out, fw_bytes_of_text("0123456789abcdefghijAB"));
  }
}

static void put_close_answer(fw_buffer *out) {
  cbor_put_map(out, 1);
  world_put_key(out, 1);
  world_put_nonce(out);
}

static bool put_answer(world *w, msg_kind message, cbor_reader *reader, fw_buffer *out, uint32_t seq) {
  switch (message) {
    case MSG_EVENTS:
      return put_events_answer(w, reader, out, seq);
    case MSG_IDENTITY:
      put_identity_answer(w, out);
      return true;
    case MSG_CHECKOUT:
      put_checkout_answer(w, out);
      return true;
    case MSG_PAYMENT:
      put_payment_answer(w, out);
      return true;
    case MSG_CLOSE:
      put_close_answer(out);
      w->platform.over = true;
      return true;
    case MSG_HELLO:
    case MSG_ATTESTATION:
    case MSG_OPEN:
    case MSG_TELEMETRY:
    case MSG_FIRMWARE:
    case MSG_COUNT:
      break;
  }
  return false;
}

static world_frame *frame_of(world *w, uint32_t seq) {
  for (size_t i = 0; i < w->platform.frame_count; i++) {
    if (w->platform.frames[i].seq == seq) {
      return &w->platform.frames[i];
    }
  }
  return NULL;
}

/* durable-objects/session/desk.ts: a repeat gets the first answer, another content is a contradiction. */
static void repeated(world *w, msg_kind message, uint32_t boot, uint32_t crc, world_frame *first) {
  bool is_same = first->crc == crc && first->message == message;
  fw_buffer out = world_answer_buffer(w);
  if (is_same && message == MSG_IDENTITY) {
    put_identity_answer(w, &out);
    world_reply(w, 200, &out);
  } else if (is_same) {
    fw_buffer_put(&out, fw_bytes_view(first->answer, first->answer_size));
    world_reply(w, 200, &out);
  } else if (first->message == MSG_IDENTITY || first->boot != boot) {
    /* An unlink may: it settles the number of a person who was never answered. */
    w->platform.reused += first->boot == boot && message != MSG_IDENTITY ? 1u : 0u;
    world_reply_renumber(w, w->platform.next_seq);
  } else {
    w->platform.equivocations++;
    world_reply_refusal(w, "equivocation", 409, 0);
  }
}

void world_in_session(world *w, msg_kind message, fw_bytes payload, cbor_reader *reader, uint32_t boot, uint32_t seq) {
  world_platform *p = &w->platform;
  uint32_t crc = crc32c(0, payload.data, payload.size);
  world_frame *first = frame_of(w, seq);
  if (first != NULL) {
    repeated(w, message, boot, crc, first);
    return;
  }
  if (p->over) {
    world_reply_refusal(w, "session_over", 410, 0);
    return;
  }
  if (seq != p->next_seq) {
    world_reply_renumber(w, p->next_seq);
    return;
  }
  fw_buffer out = world_answer_buffer(w);
  if (!put_answer(w, message, reader, &out, seq)) {
    world_reply_refusal(w, "pan_detected", 422, 0);
    return;
  }
  MUST(out.status == FW_OK);
  if (p->frame_count < WORLD_FRAMES) {
    world_frame *kept = &p->frames[p->frame_count++];
    kept->boot = boot;
    kept->seq = seq;
    kept->crc = crc;
    kept->message = message;
    kept->answer_size = out.size < sizeof kept->answer ? out.size : sizeof kept->answer;
    (void)memcpy(kept->answer, out.data, kept->answer_size);
  }
  p->next_seq++;
  world_reply(w, 200, &out);
}
