/* One request at a time on the connection that the modem keeps. */
#include "runtime_internal.h"

#include <string.h>

#define ANSWER_MS 10000u
#define OPEN_MS 20000u
/* Bytes of the modem's line a pass: the other lines must not starve. */
#define CHUNK 64u

static fw_bytes host_of(const runtime *rt) { return fw_bytes_of_text(rt->factory.host); }

static void over(runtime *rt) {
  rt->exchange.phase = EXCHANGE_NONE;
  fw_wipe(rt->exchange.request, rt->exchange.request_size);
  rt->exchange.request_size = 0;
}

static void no_answer(runtime *rt) {
  bool is_range = rt->exchange.is_range;
  over(rt);
  if (is_range) {
    runtime_range_over(rt, NULL);
    return;
  }
  cart_event event = runtime_event(rt, CART_EV_NO_REPLY);
  runtime_feed(rt, &event);
}

static void transmit(runtime *rt) {
  runtime_exchange *x = &rt->exchange;
  http1_begin(&x->parser);
  x->answer_size = 0;
  x->is_cut = false;
  x->deadline_ms = runtime_now(rt) + ANSWER_MS;
  x->phase = EXCHANGE_SENDING;
  if (!modem_send(&rt->modem, x->request, x->request_size, runtime_now(rt))) {
    /* Told on the next pass: the step whose effect this is has not ended, and none begins within another. */
    x->deadline_ms = 0;
  }
}

static void open_connection(runtime *rt) {
  rt->exchange.phase = EXCHANGE_OPENING;
  rt->exchange.is_fresh = true;
  rt->exchange.deadline_ms = runtime_now(rt) + OPEN_MS;
  (void)modem_connect(&rt->modem, runtime_now(rt));
}

static void begin(runtime *rt) {
  if (rt->modem.state == MODEM_CONNECTED && !rt->modem.want_close) {
    rt->exchange.is_fresh = false;
    transmit(rt);
  } else {
    open_connection(rt);
  }
}

static void put_body(void *context, fw_bytes bytes) { fw_buffer_put(context, bytes); }

void runtime_send(runtime *rt, const cart_effect *effect) {
  runtime_exchange *x = &rt->exchange;
  bool is_secret = effect->kind == CART_FX_SEND_SECRET;
  fw_buffer out = fw_buffer_over(x->request, sizeof x->request);
  size_t size = is_secret ? secret_frame_size(effect->frame) : effect->bytes.size;
  const char *type = effect->message == MSG_HELLO ? HTTP1_TYPE_CBOR : HTTP1_TYPE_COSE;
  x->is_range = false;
  x->is_secret = is_secret;
  http1_put_post(&out, host_of(rt), effect->path, type, size);
  if (is_secret) {
    (void)secret_frame_send(effect->frame, runtime_now(rt), put_body, &out);
  } else {
    fw_buffer_put(&out, effect->bytes);
  }
  x->request_size = out.size;
  begin(rt);
}

void runtime_ask_range(runtime *rt, const ota_wish *wish) {
  runtime_exchange *x = &rt->exchange;
  fw_buffer out = fw_buffer_over(x->request, sizeof x->request);
  x->is_range = true;
  x->is_secret = false;
  http1_put_get_range(&out, host_of(rt), wish->path, wish->first, wish->last);
  x->request_size = out.size;
  begin(rt);
}

void runtime_drop_exchange(runtime *rt) { over(rt); }

/* --- what comes back -------------------------------------------------------------------------------------------------------- */

static void answered(runtime *rt) {
  runtime_exchange *x = &rt->exchange;
  bool closes = x->parser.answer.closes;
  over(rt);
  if (closes) {
    modem_close(&rt->modem, runtime_now(rt));
  }
  if (x->is_range) {
    runtime_range_over(rt, &x->parser.answer);
    return;
  }
  cart_event event = runtime_event(rt, CART_EV_REPLY);
  event.reply.status = x->parser.answer.status;
  event.reply.retry_after_s = x->parser.answer.has_retry_after ? x->parser.answer.retry_after_s : 0u;
  event.reply.body = fw_bytes_view(x->answer, x->answer_size);
  event.reply.is_cut = x->is_cut;
  runtime_feed(rt, &event);
  /* A nickname may be in it. */
  if (x->phase == EXCHANGE_NONE) {
    fw_wipe(x->answer, x->answer_size);
  }
}

static void take_body(runtime *rt, fw_bytes part) {
  runtime_exchange *x = &rt->exchange;
  if (x->is_range) {
    runtime_range_body(rt, part);
    return;
  }
  size_t room = sizeof x->answer - x->answer_size;
  size_t size = part.size < room ? part.size : room;
  x->is_cut = x->is_cut || size < part.size;
  if (size != 0u) {
    (void)memcpy(x->answer + x->answer_size, part.data, size);
    x->answer_size += size;
  }
}

static void received(runtime *rt, uint8_t byte) {
  runtime_exchange *x = &rt->exchange;
  if (x->phase != EXCHANGE_RECEIVING && x->phase != EXCHANGE_SENDING) {
    /* Nobody asked: the connection is out of step. */
    modem_close(&rt->modem, runtime_now(rt));
    return;
  }
  size_t taken;
  fw_bytes body;
  bool was_head = x->parser.phase < HTTP1_BODY;
  fw_status status = http1_feed(&x->parser, fw_bytes_view(&byte, 1), &taken, &body);
  if (x->is_range && was_head && x->parser.phase >= HTTP1_BODY && x->parser.phase != HTTP1_FAILED) {
    runtime_range_head(rt);
  }
  if (body.size != 0u) {
    take_body(rt, body);
  }
  if (status == FW_OK) {
    answered(rt);
  } else if (status != FW_PENDING) {
    modem_close(&rt->modem, runtime_now(rt));
    no_answer(rt);
  } else {
    x->deadline_ms = runtime_now(rt) + ANSWER_MS;
  }
}

static void tell_link(runtime *rt, bool is_up) {
  cart_event event = runtime_event(rt, CART_EV_LINK);
  event.ok = is_up;
  runtime_feed(rt, &event);
}

static void on_nothing(runtime *rt, const modem_event *event) {
  (void)rt;
  (void)event;
}

static void on_ready(runtime *rt, const modem_event *event) {
  (void)event;
  tell_link(rt, true);
}

static void on_lost(runtime *rt, const modem_event *event) {
  (void)event;
  if (rt->exchange.phase != EXCHANGE_NONE) {
    no_answer(rt);
  }
  tell_link(rt, false);
}

static void on_open(runtime *rt, const modem_event *event) {
  (void)event;
  if (rt->exchange.phase == EXCHANGE_OPENING) {
    transmit(rt);
  }
}

/* A kept connection that the other side had closed meanwhile: the request goes out once more on a new one. */
static bool may_repeat(const runtime_exchange *x) {
  return !x->is_fresh && !x->is_secret && x->parser.head_size == 0u;
}

static void on_closed(runtime *rt, const modem_event *event) {
  runtime_exchange *x = &rt->exchange;
  (void)event;
  /* The connection before: the one that this request is for opens already. */
  bool is_next_opening = x->phase == EXCHANGE_OPENING && rt->modem.state == MODEM_CONNECTING;
  if (x->phase == EXCHANGE_NONE || is_next_opening) {
    return;
  }
  if (x->phase != EXCHANGE_OPENING && may_repeat(x)) {
    open_connection(rt);
    return;
  }
  no_answer(rt);
}

static void on_sent(runtime *rt, const modem_event *event) {
  runtime_exchange *x = &rt->exchange;
  (void)event;
  if (x->phase == EXCHANGE_SENDING) {
    x->phase = EXCHANGE_RECEIVING;
  }
  if (x->is_secret) {
    fw_wipe(x->request, x->request_size);
    modem_wipe(&rt->modem);
  }
}

static void on_byte(runtime *rt, const modem_event *event) { received(rt, event->byte); }

static void on_signal(runtime *rt, const modem_event *event) {
  cart_event signal = runtime_event(rt, CART_EV_SIGNAL_DBM);
  signal.number = (uint32_t)(0 - event->rssi_dbm);
  runtime_feed(rt, &signal);
}

typedef void (*modem_handler)(runtime *rt, const modem_event *event);

static const modem_handler HANDLERS[] = {
    [MODEM_NOTHING] = on_nothing,
    [MODEM_READY] = on_ready,
    [MODEM_LOST] = on_lost,
    [MODEM_OPEN] = on_open,
    [MODEM_CLOSED] = on_closed,
    [MODEM_SENT] = on_sent,
    [MODEM_BYTE] = on_byte,
    [MODEM_SIGNAL] = on_signal,
};

static void on_event(runtime *rt, const modem_event *event) { HANDLERS[event->kind](rt, event); }

static void deadline(runtime *rt) {
  runtime_exchange *x = &rt->exchange;
  if (x->phase != EXCHANGE_NONE && runtime_now(rt) >= x->deadline_ms) {
    modem_close(&rt->modem, runtime_now(rt));
    no_answer(rt);
  }
}

bool runtime_modem(runtime *rt) {
  uint8_t bytes[CHUNK];
  uint64_t now = runtime_now(rt);
  size_t size = rt->port->read(rt->port->context, HAL_MODEM, bytes, sizeof bytes);
  for (size_t i = 0; i < size; i++) {
    modem_event event = modem_feed(&rt->modem, bytes[i], now);
    on_event(rt, &event);
  }
  fw_wipe(bytes, sizeof bytes);
  modem_event event = modem_tick(&rt->modem, now);
  on_event(rt, &event);
  deadline(rt);
  if (rt->modem_out.size == 0u) {
    rt->modem_out.size = modem_take(&rt->modem, rt->modem_out.bytes, sizeof rt->modem_out.bytes);
  }
  return runtime_flush(rt, HAL_MODEM, &rt->modem_out) || size != 0u;
}
