/* The platform outside sessions, and what the wire makes of requests and answers. */
#include <string.h>

#include "_world_internal.h"

fw_buffer world_answer_buffer(world *w) { return fw_buffer_over(w->reply, sizeof w->reply); }

void world_reply(world *w, uint16_t status, const fw_buffer *body) {
  cart_event *event = world_push(w, CART_EV_REPLY);
  event->reply.status = status;
  event->reply.retry_after_s = w->platform.retry_after_s;
  event->reply.body = fw_bytes_view(body->data, body->size);
}

void world_reply_refusal(world *w, const char *code, uint16_t status, uint32_t expected) {
  fw_buffer out = world_answer_buffer(w);
  cbor_put_map(&out, expected == 0u ? 1u : 2u);
  cbor_put_uint(&out, 1);
  cbor_put_text(&out, fw_bytes_of_text(code));
  if (expected != 0u) {
    cbor_put_uint(&out, 2);
    cbor_put_uint(&out, expected);
  }
  world_reply(w, status, &out);
}

void world_reply_renumber(world *w, uint32_t expected) {
  w->platform.renumbered++;
  world_reply_refusal(w, "seq", 409, expected);
}

void world_put_nonce(fw_buffer *out) { cbor_put_bytes(out, fw_bytes_view(world_read_statements()->nonce, 16)); }

void world_put_key(fw_buffer *out, unsigned key) { cbor_put_uint(out, key); }

static void say_hello(world *w) {
  fw_buffer out = world_answer_buffer(w);
  cbor_put_map(&out, 3);
  world_put_key(&out, 1);
  world_put_nonce(&out);
  world_put_key(&out, 2);
  cbor_put_uint(&out, w->cell_ms + w->now_ms);
  world_put_key(&out, 3);
  if (w->platform.has_store) {
    cbor_put_text(&out, fw_bytes_of_text("us-demo"));
  } else {
    cbor_put_null(&out);
  }
  world_reply(w, 200, &out);
}

static void attest(world *w) {
  fw_buffer out = world_answer_buffer(w);
  cbor_put_map(&out, 3);
  world_put_key(&out, 1);
  cbor_put_bytes(&out, w->platform.bad_statement ? world_read_statements()->beacon : world_read_statements()->attestation);
  world_put_key(&out, 2);
  cbor_put_bytes(&out, world_read_statements()->cell_key);
  world_put_key(&out, 3);
  world_put_nonce(&out);
  world_reply(w, 200, &out);
}

static void open_session(world *w) {
  fw_buffer out = world_answer_buffer(w);
  uint8_t session[16];
  (void)memset(session, 0xA5, sizeof session);
  cbor_put_map(&out, 5);
  world_put_key(&out, 1);
  cbor_put_bytes(&out, fw_bytes_view(session, sizeof session));
  world_put_key(&out, 2);
  cbor_put_uint(&out, 900);
  world_put_key(&out, 3);
  cbor_put_map(&out, 6);
  world_put_key(&out, 1);
  cbor_put_text(&out, fw_bytes_of_text("USD"));
  world_put_key(&out, 2);
  cbor_put_uint(&out, 2);
  world_put_key(&out, 3);
  cbor_put_text(&out, fw_bytes_of_text("Demo store"));
  world_put_key(&out, 4);
  cbor_put_uint(&out, 900);
  world_put_key(&out, 5);
  cbor_put_uint(&out, w->platform.tolerance_g);
  world_put_key(&out, 6);
  cbor_put_head(&out, CBOR_SIMPLE, 20);
  world_put_key(&out, 4);
  world_put_nonce(&out);
  world_put_key(&out, 5);
  cbor_put_uint(&out, w->cell_ms + w->now_ms);
  w->platform.open = true;
  w->platform.over = false;
  w->platform.next_seq = 1;
  w->platform.frame_count = 0;
  w->platform.event_count = 0;
  w->platform.next_line = 1;
  world_reply(w, 201, &out);
}

static void telemetry(world *w, cbor_reader *reader, uint32_t boot, uint32_t seq) {
  world_platform *p = &w->platform;
  bool is_new_boot = boot > p->telemetry_boot;
  uint32_t due = is_new_boot ? 1u : p->telemetry_seq + 1u;
  bool is_repeat = boot < p->telemetry_boot || (boot == p->telemetry_boot && seq < due);
  if (!is_repeat && seq != due) {
    world_reply_renumber(w, due);
    return;
  }
  if (!is_repeat) {
    p->outside_count += world_take_events(reader, &p->outside[p->outside_count], WORLD_EVENTS - p->outside_count);
    p->telemetry_boot = boot;
    p->telemetry_seq = seq;
  }
  fw_buffer out = world_answer_buffer(w);
  cbor_put_map(&out, 1);
  world_put_key(&out, 1);
  cbor_put_uint(&out, seq);
  world_reply(w, 200, &out);
}

static void firmware(world *w) {
  fw_buffer out = world_answer_buffer(w);
  if (w->platform.has_manifest) {
    fw_buffer_put_text(&out, "a manifest");
  }
  world_reply(w, w->platform.has_manifest ? 200 : 204, &out);
}

static void judge(world *w, msg_kind message, fw_bytes body) {
  cose_sign1 parts;
  if (message == MSG_HELLO) {
    say_hello(w);
    return;
  }
  MUST(cose_sign1_decode(body, &parts) == FW_OK);
  MUST(cbor_check(parts.payload, CBOR_NO_TAG, CBOR_MAX_SIZE) == FW_OK);
  cbor_reader reader = cbor_reader_over(parts.payload);
  MUST(cbor_get_map(&reader) == 5);
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
      world_in_session(w, message, parts.payload, &reader, boot, seq);
      break;
    case MSG_HELLO:
    case MSG_COUNT:
      break;
  }
}

static bool is_refused(world *w, msg_kind message) {
  world_platform *p = &w->platform;
  if (!p->refuses || (message != p->refused_message && p->refused_message != MSG_COUNT)) {
    return false;
  }
  p->refuses = p->refuses_all;
  if (p->status >= 500u || p->status == 429u || p->status == 0u) {
    fw_buffer out = world_answer_buffer(w);
    fw_buffer_put_text(&out, "<html>");
    world_reply(w, p->status == 0u ? 502u : p->status, &out);
  } else {
    world_reply_refusal(w, p->refusal, p->status, p->expected);
  }
  return true;
}

void world_deliver(world *w, msg_kind message, fw_bytes body) {
  world_wire wire = w->wire;
  w->platform.requests[message]++;
  if (wire != WIRE_GOOD && w->wire_for != 0u && --w->wire_for == 0u) {
    w->wire = WIRE_GOOD;
  }
  if (wire == WIRE_LOSES_REQUEST) {
    (void)world_push(w, CART_EV_NO_REPLY);
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
