#include "_world.h"

#include <string.h>

#include "_vectors.h"
#include "check.h"
#include "crc32c.h"

#define SECTOR 1024u
#define SECTORS 32u

static uint8_t vector_bytes[3][VECTOR_BYTES_MAX];
static fw_bytes beacon_frame;
static fw_bytes attestation_frame;
static fw_bytes cell_key_frame;
static uint8_t vector_nonce[16];
static uint8_t root_point[65];
/* The attestation of the vectors is good from here on, for twelve hours. */
#define VECTOR_BEGINS 1795262400000u

static void read_vectors(void) {
  static vectors v;
  if (beacon_frame.size != 0u) {
    return;
  }
  vectors_open(&v, "statements.json");
  while (vectors_next(&v) != 0) {
    char name[VECTOR_TEXT_MAX];
    (void)vectors_text(&v, "name", name);
    if (strcmp(name, "beacon statement") == 0) {
      beacon_frame = vectors_bytes(&v, "frame", vector_bytes[0]);
    } else if (strcmp(name, "store attestation") == 0) {
      attestation_frame = vectors_bytes(&v, "frame", vector_bytes[1]);
    } else if (strcmp(name, "cell key") == 0) {
      cell_key_frame = vectors_bytes(&v, "frame", vector_bytes[2]);
    }
  }
  vectors_point("root", root_point);
  for (unsigned i = 0; i < 16u; i++) {
    vector_nonce[i] = (uint8_t)(0x10u + i);
  }
}

/* --- the platform ---------------------------------------------------------------------------------------------------- */

static fw_buffer answer_of(world *w) { return fw_buffer_over(w->reply, sizeof w->reply); }

static void reply(world *w, uint16_t status, const fw_buffer *body) {
  cart_event *event = &w->pending[(w->pending_at + w->pending_count) % 64u];
  (void)memset(event, 0, sizeof *event);
  event->kind = CART_EV_REPLY;
  event->reply.status = status;
  event->reply.retry_after_s = w->platform.retry_after_s;
  event->reply.body = fw_bytes_view(body->data, body->size);
  w->pending_count++;
}

static void refuse(world *w, const char *code, uint16_t status, uint32_t expected) {
  fw_buffer out = answer_of(w);
  cbor_put_map(&out, expected == 0u ? 1u : 2u);
  cbor_put_uint(&out, 1);
  cbor_put_text(&out, fw_bytes_of_text(code));
  if (expected != 0u) {
    cbor_put_uint(&out, 2);
    cbor_put_uint(&out, expected);
  }
  reply(w, status, &out);
}

static void renumber(world *w, uint32_t expected) {
  w->platform.renumbered++;
  refuse(w, "seq", 409, expected);
}

static void put_nonce(fw_buffer *out) { cbor_put_bytes(out, fw_bytes_view(vector_nonce, sizeof vector_nonce)); }

static void put_key(fw_buffer *out, unsigned key) { cbor_put_uint(out, key); }

static void say_hello(world *w) {
  fw_buffer out = answer_of(w);
  cbor_put_map(&out, 3);
  put_key(&out, 1);
  put_nonce(&out);
  put_key(&out, 2);
  cbor_put_uint(&out, w->cell_ms + w->now_ms);
  put_key(&out, 3);
  if (w->platform.has_store) {
    cbor_put_text(&out, fw_bytes_of_text("us-demo"));
  } else {
    cbor_put_null(&out);
  }
  reply(w, 200, &out);
}

static void attest(world *w) {
  fw_buffer out = answer_of(w);
  cbor_put_map(&out, 3);
  put_key(&out, 1);
  cbor_put_bytes(&out, w->platform.bad_statement ? beacon_frame : attestation_frame);
  put_key(&out, 2);
  cbor_put_bytes(&out, cell_key_frame);
  put_key(&out, 3);
  put_nonce(&out);
  reply(w, 200, &out);
}

static void open_session(world *w) {
  fw_buffer out = answer_of(w);
  uint8_t session[16];
  (void)memset(session, 0xA5, sizeof session);
  cbor_put_map(&out, 5);
  put_key(&out, 1);
  cbor_put_bytes(&out, fw_bytes_view(session, sizeof session));
  put_key(&out, 2);
  cbor_put_uint(&out, 900);
  put_key(&out, 3);
  cbor_put_map(&out, 6);
  put_key(&out, 1);
  cbor_put_text(&out, fw_bytes_of_text("USD"));
  put_key(&out, 2);
  cbor_put_uint(&out, 2);
  put_key(&out, 3);
  cbor_put_text(&out, fw_bytes_of_text("Demo store"));
  put_key(&out, 4);
  cbor_put_uint(&out, 900);
  put_key(&out, 5);
  cbor_put_uint(&out, w->platform.tolerance_g);
  put_key(&out, 6);
  cbor_put_head(&out, CBOR_SIMPLE, 20);
  put_key(&out, 4);
  put_nonce(&out);
  put_key(&out, 5);
  cbor_put_uint(&out, w->cell_ms + w->now_ms);
  w->platform.open = true;
  w->platform.over = false;
  w->platform.next_seq = 1;
  w->platform.frame_count = 0;
  w->platform.event_count = 0;
  w->platform.next_line = 1;
  reply(w, 201, &out);
}

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

static size_t take_events(cbor_reader *reader, world_event *to, size_t room) {
  cbor_get_map(reader);
  cbor_get_key(reader, 1);
  size_t count = cbor_get_array(reader);
  for (size_t i = 0; i < count; i++) {
    world_event event = read_event(reader);
    if (i < room) {
      to[i] = event;
    }
  }
  CHECK_EQ(cbor_end(reader), FW_OK);
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
  put_key(out, 1);
  cbor_put_uint(out, is_scan ? w->platform.next_line : event->number);
  put_key(out, 2);
  cbor_put_text(out, fw_bytes_of_text("A thing"));
  put_key(out, 3);
  cbor_put_uint(out, 100);
  put_key(out, 4);
  cbor_put_uint(out, is_scan ? 1u : 0u);
  put_key(out, 5);
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
  put_key(out, 1);
  cbor_put_uint(out, 1);
  put_key(out, 2);
  cbor_put_text(out, fw_bytes_of_text(KINDS[w->platform.held - 1u]));
  if (w->platform.held == 3u) {
    put_key(out, 3);
    cbor_put_uint(out, 7);
  }
}

static bool changes_basket(const world_event *event) {
  return event->kind == MSG_EVENT_SCAN || event->kind == MSG_EVENT_REMOVE;
}

static bool put_events_answer(world *w, cbor_reader *reader, fw_buffer *out, uint32_t seq) {
  world_event *events = &w->platform.events[w->platform.event_count];
  size_t count = take_events(reader, events, WORLD_EVENTS - w->platform.event_count);
  if (is_poisoned(w, events, count)) {
    return false;
  }
  w->platform.event_count += count;
  size_t lines = 0;
  for (size_t i = 0; i < count; i++) {
    lines += changes_basket(&events[i]) ? 1u : 0u;
  }
  cbor_put_map(out, 4);
  put_key(out, 1);
  cbor_put_uint(out, seq);
  put_key(out, 2);
  cbor_put_array(out, lines);
  for (size_t i = 0; i < count; i++) {
    if (changes_basket(&events[i])) {
      put_basket_line(w, out, &events[i]);
    }
  }
  put_key(out, 3);
  cbor_put_int(out, 100);
  put_key(out, 4);
  put_holds(w, out);
  return true;
}

static void put_identity_answer(const world *w, fw_buffer *out) {
  uint8_t customer[16] = {1};
  switch (w->platform.identity) {
    case MSG_NOT_LINKED:
      cbor_put_map(out, 1);
      put_key(out, 1);
      cbor_put_uint(out, 0);
      break;
    case MSG_LINKED:
      cbor_put_map(out, w->platform.nickname == NULL ? 2u : 3u);
      put_key(out, 1);
      cbor_put_uint(out, 1);
      put_key(out, 2);
      cbor_put_bytes(out, fw_bytes_view(customer, sizeof customer));
      if (w->platform.nickname != NULL) {
        put_key(out, 3);
        cbor_put_text(out, fw_bytes_of_text(w->platform.nickname));
      }
      break;
    case MSG_TO_BE_CONFIRMED:
      cbor_put_map(out, 2);
      put_key(out, 1);
      cbor_put_uint(out, 2);
      put_key(out, 3);
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
  put_key(out, 1);
  cbor_put_bytes(out, fw_bytes_view(handoff, sizeof handoff));
  put_key(out, 2);
  cbor_put_uint(out, 108);
  put_key(out, 3);
  cbor_put_text(out, fw_bytes_of_text("USD"));
  put_key(out, 4);
  cbor_put_uint(out, w->cell_ms + w->now_ms + w->platform.handoff_life_ms);
  put_key(out, 5);
  cbor_put_bytes(out, fw_bytes_view(digest, sizeof digest));
}

static void put_payment_answer(const world *w, fw_buffer *out) {
  static const char *const OUTCOMES[] = {"approved", "declined", "pending", "unknown"};
  bool has_receipt = w->platform.outcome == MSG_APPROVED && w->platform.has_receipt;
  cbor_put_map(out, has_receipt ? 2u : 1u);
  put_key(out, 1);
  cbor_put_text(out, fw_bytes_of_text(OUTCOMES[w->platform.outcome]));
  if (has_receipt) {
    put_key(out, 2);
    cbor_put_text(out, fw_bytes_of_text("0123456789abcdefghijAB"));
  }
}

static void put_close_answer(fw_buffer *out) {
  cbor_put_map(out, 1);
  put_key(out, 1);
  put_nonce(out);
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
  fw_buffer out = answer_of(w);
  if (is_same && message == MSG_IDENTITY) {
    put_identity_answer(w, &out);
    reply(w, 200, &out);
  } else if (is_same) {
    fw_buffer_put(&out, fw_bytes_view(first->answer, first->answer_size));
    reply(w, 200, &out);
  } else if (first->message == MSG_IDENTITY || first->boot != boot) {
    /* An unlink may: it settles the number of a person who was never answered. */
    w->platform.reused += first->boot == boot && message != MSG_IDENTITY ? 1u : 0u;
    renumber(w, w->platform.next_seq);
  } else {
    w->platform.equivocations++;
    refuse(w, "equivocation", 409, 0);
  }
}

static void in_session(world *w, msg_kind message, fw_bytes payload, cbor_reader *reader, uint32_t boot, uint32_t seq) {
  world_platform *p = &w->platform;
  uint32_t crc = crc32c(0, payload.data, payload.size);
  world_frame *first = frame_of(w, seq);
  if (first != NULL) {
    repeated(w, message, boot, crc, first);
    return;
  }
  if (p->over) {
    refuse(w, "session_over", 410, 0);
    return;
  }
  if (seq != p->next_seq) {
    renumber(w, p->next_seq);
    return;
  }
  fw_buffer out = answer_of(w);
  if (!put_answer(w, message, reader, &out, seq)) {
    refuse(w, "pan_detected", 422, 0);
    return;
  }
  CHECK_EQ(out.status, FW_OK);
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
  reply(w, 200, &out);
}

static void telemetry(world *w, cbor_reader *reader, uint32_t boot, uint32_t seq) {
  world_platform *p = &w->platform;
  bool is_new_boot = boot > p->telemetry_boot;
  uint32_t due = is_new_boot ? 1u : p->telemetry_seq + 1u;
  bool is_repeat = boot < p->telemetry_boot || (boot == p->telemetry_boot && seq < due);
  if (!is_repeat && seq != due) {
    renumber(w, due);
    return;
  }
  if (!is_repeat) {
    p->outside_count += take_events(reader, &p->outside[p->outside_count], WORLD_EVENTS - p->outside_count);
    p->telemetry_boot = boot;
    p->telemetry_seq = seq;
  }
  fw_buffer out = answer_of(w);
  cbor_put_map(&out, 1);
  put_key(&out, 1);
  cbor_put_uint(&out, seq);
  reply(w, 200, &out);
}

static void firmware(world *w) {
  fw_buffer out = answer_of(w);
  if (w->platform.has_manifest) {
    fw_buffer_put_text(&out, "a manifest");
  }
  reply(w, w->platform.has_manifest ? 200 : 204, &out);
}

static void judge(world *w, msg_kind message, fw_bytes body) {
  cose_sign1 parts;
  if (message == MSG_HELLO) {
    say_hello(w);
    return;
  }
  CHECK_EQ(cose_sign1_decode(body, &parts), FW_OK);
  CHECK_EQ(cbor_check(parts.payload, CBOR_NO_TAG, CBOR_MAX_SIZE), FW_OK);
  cbor_reader reader = cbor_reader_over(parts.payload);
  CHECK_EQ(cbor_get_map(&reader), 5);
  cbor_get_key(&reader, 1);
  (void)cbor_get_bytes(&reader, 16, 16);
  cbor_get_key(&reader, 2);
  uint32_t boot = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  cbor_get_key(&reader, 3);
  uint32_t seq = (uint32_t)cbor_get_uint(&reader, 0, UINT32_MAX);
  cbor_get_key(&reader, 4);
  (void)cbor_get_uint(&reader, 0, CBOR_MAX_INTEGER);
  cbor_get_key(&reader, 5);
  switch (message) {
    case MSG_ATTESTATION:
      attest(w);
      break;
    case MSG_OPEN:
      open_session(w);
      break;
    case MSG_TELEMETRY:
      telemetry(w, &reader, boot, seq);
      break;
    case MSG_FIRMWARE:
      firmware(w);
      break;
    case MSG_EVENTS:
    case MSG_IDENTITY:
    case MSG_CHECKOUT:
    case MSG_PAYMENT:
    case MSG_CLOSE:
      in_session(w, message, parts.payload, &reader, boot, seq);
      break;
    case MSG_HELLO:
    case MSG_COUNT:
      break;
  }
}

static void push(world *w, cart_event_kind kind) {
  cart_event *event = &w->pending[(w->pending_at + w->pending_count) % 64u];
  (void)memset(event, 0, sizeof *event);
  event->kind = kind;
  w->pending_count++;
}

static bool is_refused(world *w, msg_kind message) {
  world_platform *p = &w->platform;
  if (!p->refuses || (message != p->refused_message && p->refused_message != MSG_COUNT)) {
    return false;
  }
  p->refuses = p->refuses_all;
  if (p->status >= 500u || p->status == 429u || p->status == 0u) {
    fw_buffer out = answer_of(w);
    fw_buffer_put_text(&out, "<html>");
    reply(w, p->status == 0u ? 502u : p->status, &out);
  } else {
    refuse(w, p->refusal, p->status, p->expected);
  }
  return true;
}

static void deliver(world *w, msg_kind message, fw_bytes body) {
  world_wire wire = w->wire;
  w->platform.requests[message]++;
  if (wire != WIRE_GOOD && w->wire_for != 0u && --w->wire_for == 0u) {
    w->wire = WIRE_GOOD;
  }
  if (wire == WIRE_LOSES_REQUEST) {
    push(w, CART_EV_NO_REPLY);
    return;
  }
  if (!is_refused(w, message)) {
    judge(w, message, body);
  }
  cart_event *answer = &w->pending[(w->pending_at + w->pending_count - 1u) % 64u];
  if (wire == WIRE_LOSES_ANSWER) {
    (void)memset(answer, 0, sizeof *answer);
    answer->kind = CART_EV_NO_REPLY;
  } else if (wire == WIRE_BROKEN_ANSWER) {
    answer->reply.body = fw_bytes_of_text("\x01");
  } else if (wire == WIRE_HOLDS) {
    w->held = *answer;
    w->has_held = true;
    w->pending_count--;
  }
}

/* --- effects ----------------------------------------------------------------------------------------------------------- */

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
  push(w, CART_EV_APPENDED);
  cart_event *event = &w->pending[(w->pending_at + w->pending_count - 1u) % 64u];
  event->number = id;
  event->status = status == JOURNAL_OK ? CART_APPENDED : status == JOURNAL_FULL ? CART_JOURNAL_FULL : CART_JOURNAL_BROKEN;
}

static void sign(world *w) {
  static const uint8_t SIGNATURE[64] = {0x5A};
  if (w->element_silent) {
    return;
  }
  push(w, CART_EV_SIGNED);
  cart_event *event = &w->pending[(w->pending_at + w->pending_count - 1u) % 64u];
  event->ok = !w->element_fails;
  event->bytes = fw_bytes_view(SIGNATURE, sizeof SIGNATURE);
}

static void keep_secret(void *context, fw_bytes bytes) {
  world *w = context;
  (void)memcpy(w->sent_frame, bytes.data, bytes.size);
  w->sent_size = bytes.size;
}

static bool reading;
static journal_cursor cursor;

static void carry_out(world *w, const cart_effect *effect) {
  w->effects[effect->kind]++;
  switch (effect->kind) {
    case CART_FX_SIGN:
      CHECK_EQ(effect->bytes.size, 32);
      sign(w);
      break;
    case CART_FX_SEND:
      (void)memcpy(w->last_frame, effect->bytes.data, effect->bytes.size);
      w->last_frame_size = effect->bytes.size;
      deliver(w, effect->message, fw_bytes_view(w->last_frame, w->last_frame_size));
      break;
    case CART_FX_SEND_SECRET:
      w->sent_size = 0;
      (void)secret_frame_send(effect->frame, w->now_ms, keep_secret, w);
      deliver(w, effect->message, fw_bytes_view(w->sent_frame, w->sent_size));
      (void)memset(w->sent_frame, 0, sizeof w->sent_frame);
      break;
    case CART_FX_APPEND:
      append(w, effect);
      break;
    case CART_FX_READ:
      reading = true;
      (void)memset(&cursor, 0, sizeof cursor);
      break;
    case CART_FX_ACKNOWLEDGE:
      w->acknowledged = effect->number;
      CHECK_EQ(journal_acknowledge(&w->journal, effect->number), JOURNAL_OK);
      break;
    case CART_FX_PAY:
    case CART_FX_PAY_STATUS:
    case CART_FX_PAY_CANCEL:
      w->order = effect->order;
      (void)memcpy(w->order_handoff, effect->order.handoff, sizeof w->order_handoff);
      break;
    case CART_FX_BEACON:
      CHECK_BYTES(effect->bytes.data, vector_nonce, sizeof vector_nonce);
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
  if (journal_next(&w->journal, &cursor, &record, w->record, sizeof w->record) != JOURNAL_OK) {
    reading = false;
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
  while (reading || w->pending_count != 0u) {
    if (reading) {
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

/* --- what happens around the cart -------------------------------------------------------------------------------------- */

static void feed_ok(world *w, cart_event_kind kind, bool ok, uint32_t number) {
  cart_event event = {.kind = kind, .ok = ok, .number = number};
  world_feed(w, &event);
}

void world_init(world *w) { world_init_flash(w, SECTOR, SECTORS); }

void world_init_flash(world *w, uint32_t sector, uint32_t sectors) {
  read_vectors();
  (void)memset((void *)w, 0, sizeof *w);
  host_flash_init(&w->flash, w->memory, sector, sectors, JOURNAL_UNIT);
  w->port = (journal_flash){host_flash_read, host_flash_program, host_flash_erase, &w->flash, sector, sectors};
  w->now_ms = 1000;
  w->cell_ms = VECTOR_BEGINS + 60000u;
  for (unsigned i = 0; i < 16u; i++) {
    w->factory.serial[i] = (uint8_t)(0x11u * i);
  }
  (void)memcpy(w->factory.root, root_point, sizeof w->factory.root);
  w->factory.cell = STATEMENT_CELL_US;
  w->platform.has_store = true;
  w->platform.identity = MSG_LINKED;
  w->platform.nickname = "Ada";
  w->platform.outcome = MSG_APPROVED;
  w->platform.has_receipt = true;
  w->platform.handoff_life_ms = 300000;
  w->platform.tolerance_g = 30;
}

void world_start(world *w) {
  uint32_t boot = 0;
  cart_init(&w->cart, &w->factory, 99);
  w->pending_count = 0;
  reading = false;
  CHECK_EQ(journal_mount(&w->journal, &w->port), JOURNAL_OK);
  CHECK_EQ(journal_count(&w->journal, &boot), JOURNAL_OK);
  feed_ok(w, CART_EV_START, true, 0);
  feed_ok(w, CART_EV_JOURNAL, true, boot);
  cart_event image = {.kind = CART_EV_IMAGE};
  image.image.version = fw_bytes_of_text("1.0.0");
  image.image.debug = EAT_DEBUG_DISABLED_FULLY;
  world_feed(w, &image);
  feed_ok(w, CART_EV_ELEMENT, true, 0);
}

void world_reboot(world *w) {
  w->now_ms += 5000;
  w->cell_ms += w->now_ms;
  w->now_ms = 500;
  w->cell_ms -= w->now_ms;
  w->has_held = false;
  world_start(w);
}

void world_tick(world *w, uint64_t ms) {
  w->now_ms += ms;
  feed_ok(w, CART_EV_TICK, false, 0);
}

void world_wait(world *w, uint64_t ms) {
  for (uint64_t passed = 0; passed < ms; passed += 250u) {
    world_tick(w, 250);
  }
}

void world_link(world *w, bool up) { feed_ok(w, CART_EV_LINK, up, 0); }

void world_power(world *w, bool docked) { feed_ok(w, CART_EV_POWER, docked, 80); }

static void feed_text(world *w, cart_event *event, const char *text) {
  static uint8_t typed[300];
  size_t size = strlen(text);
  (void)memcpy(typed, text, size);
  event->text = typed;
  event->size = size;
  world_feed(w, event);
  (void)memset(typed, 0, sizeof typed);
}

void world_scan(world *w, const char *code) {
  cart_event event = {.kind = CART_EV_SCAN};
  feed_text(w, &event, code);
}

void world_key(world *w, display_key key, const char *typed) {
  cart_event event = {.kind = CART_EV_KEY, .key = key};
  feed_text(w, &event, typed);
}

void world_secret(world *w, secret_kind kind, const char *text) {
  cart_event event = {.kind = CART_EV_SECRET, .secret = kind};
  feed_text(w, &event, text);
}

static void feed_device(world *w, cart_event_kind kind, cart_device device, const char *id) {
  cart_event event = {.kind = kind, .device = device, .bytes = fw_bytes_of_text(id), .number = 60};
  world_feed(w, &event);
}

void world_see(world *w, cart_device device, const char *id) { feed_device(w, CART_EV_SEEN, device, id); }
void world_lose(world *w, cart_device device, const char *id) { feed_device(w, CART_EV_GONE, device, id); }

void world_weigh(world *w, int32_t grams) {
  cart_event event = {.kind = CART_EV_WEIGHT, .grams = grams};
  world_feed(w, &event);
}

void world_pay(world *w, cart_terminal_outcome outcome, const char *reference) {
  cart_event event = {.kind = CART_EV_PAYMENT};
  event.payment.handoff = w->order_handoff;
  event.payment.outcome = outcome;
  event.payment.reference = fw_bytes_of_text(reference);
  world_feed(w, &event);
}

void world_refuse(world *w, msg_kind message, const char *code, uint16_t status, uint32_t expected) {
  w->platform.refuses = true;
  w->platform.refused_message = message;
  w->platform.refusal = code;
  w->platform.status = status;
  w->platform.expected = expected;
}

static void say_statement(world *w) {
  cart_event event = {.kind = CART_EV_STATEMENT, .bytes = beacon_frame};
  world_feed(w, &event);
}

void world_unlock(world *w) {
  world_link(w, true);
  world_see(w, CART_BEACON, "us-demo");
  world_tick(w, 250);
  say_statement(w);
}

void world_shop(world *w) {
  world_unlock(w);
  world_scan(w, "9521840000018");
}

void world_hand_over(world *w) {
  world_see(w, CART_TERMINAL, "TERM-1");
  world_key(w, DISPLAY_KEY_PAY, "");
}

/* --- what is looked at ------------------------------------------------------------------------------------------------- */

size_t world_taken(const world *w, const char *code) {
  size_t count = 0;
  for (size_t i = 0; i < w->platform.event_count; i++) {
    bool is_it = w->platform.events[i].kind == MSG_EVENT_SCAN && strcmp((const char *)w->platform.events[i].code, code) == 0;
    count += is_it ? 1u : 0u;
  }
  return count;
}

static bool is_in(const void *memory, size_t size, const char *text) {
  return memmem(memory, size, text, strlen(text)) != NULL;
}

bool world_holds(const world *w, const char *text) {
  return is_in(&w->cart, sizeof w->cart, text) || is_in(w->memory, sizeof w->memory, text);
}
