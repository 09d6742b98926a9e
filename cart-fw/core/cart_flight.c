/* One request at a time: begun, signed, sent, and sent again as it is until an answer came. */
#include "cart_internal.h"

#include <string.h>

#define PURPOSE_MAX ((size_t)96)
/* The runtime gives up sooner; this is for a runtime that lost count. */
#define LOST_MS 30000u
/* Pauses after which an attestation or an opening is given up and begun anew. As tools/cart/retry.ts: five repeats. */
#define ATTEMPTS 6u
#define SIGN_ATTEMPTS 3u
#define OUTSIDE_PAUSE_MS 60000u

static bool is_in_session(msg_kind message) {
  static const bool IN_SESSION[MSG_COUNT] = {
      [MSG_EVENTS] = true, [MSG_IDENTITY] = true, [MSG_CHECKOUT] = true, [MSG_PAYMENT] = true, [MSG_CLOSE] = true};
  return IN_SESSION[message];
}

static const uint8_t *session_of(const cart_t *cart, msg_kind message) {
  return is_in_session(message) ? cart->trip.session : NULL;
}

static uint32_t next_seq(const cart_t *cart, msg_kind message) {
  if (message == MSG_TELEMETRY) {
    return cart->telemetry.next_seq;
  }
  return is_in_session(message) ? cart->trip.next_seq : 0u;
}

msg_envelope cart_flight_begin(cart_t *cart, msg_kind message) {
  cart_flight *flight = &cart->flight;
  flight->message = message;
  flight->secret = false;
  flight->noted = false;
  flight->doubtful = false;
  flight->was_sent = false;
  flight->is_signed = false;
  flight->unsigned_times = 0;
  flight->attempts = 0;
  flight->boot = cart->boot;
  flight->seq = next_seq(cart, message);
  flight->time_ms = clock_at(&cart->clock, cart->now_ms);
  return (msg_envelope){
      .session = session_of(cart, message), .boot = flight->boot, .seq = flight->seq, .time_ms = flight->time_ms};
}

fw_buffer cart_flight_payload(cart_t *cart) {
  return fw_buffer_over(cart->flight.bytes + COSE_SIGN1_HEAD_MAX, CART_PAYLOAD_MAX);
}

void cart_flight_ask_signature(cart_t *cart) {
  cart->flight.phase = FLIGHT_SIGNING;
  cart->flight.sent_ms = cart->now_ms;
  cart_emit(cart, CART_FX_SIGN)->bytes = fw_bytes_view(cart->flight.digest, sizeof cart->flight.digest);
}

void cart_flight_sign(cart_t *cart, const fw_buffer *payload) {
  cart_flight *flight = &cart->flight;
  uint8_t text[PURPOSE_MAX];
  fw_buffer purpose = fw_buffer_over(text, sizeof text);
  msg_put_purpose(&purpose, flight->message, session_of(cart, flight->message));
  flight->frame = fw_buffer_over(flight->bytes, sizeof flight->bytes);
  (void)cose_sign1_begin(&flight->frame, cart->factory->kid, fw_bytes_written(payload), fw_bytes_written(&purpose),
                         flight->digest);
  flight->unsigned_size = flight->frame.size;
  cart_flight_ask_signature(cart);
}

void cart_flight_sign_anew(cart_t *cart) { cart->flight.is_signed = cart->flight.secret; }

static void write_path(cart_t *cart) {
  fw_buffer path = fw_buffer_over((uint8_t *)cart->flight.path, sizeof cart->flight.path);
  msg_put_path(&path, cart->flight.message, session_of(cart, cart->flight.message));
  cart->flight.path_size = path.size;
}

void cart_flight_send(cart_t *cart) {
  cart_flight *flight = &cart->flight;
  write_path(cart);
  flight->phase = FLIGHT_SENT;
  flight->was_sent = true;
  flight->sent_ms = cart->now_ms;
  cart_effect *effect = cart_emit(cart, flight->secret ? CART_FX_SEND_SECRET : CART_FX_SEND);
  effect->message = flight->message;
  effect->path = fw_bytes_view_text(flight->path, flight->path_size);
  if (flight->secret) {
    effect->frame = &cart->identity.frame;
  } else {
    effect->bytes = fw_bytes_written(&flight->frame);
  }
}

void cart_flight_end(cart_t *cart) {
  cart->flight.phase = FLIGHT_NONE;
  cart->flight.secret = false;
  cart->flight.attempts = 0;
  cart_raise(cart, CART_SIG_LINK_BACK);
}

void cart_flight_pause(cart_t *cart, uint32_t asked_s) {
  cart_flight *flight = &cart->flight;
  flight->phase = FLIGHT_PAUSED;
  flight->due_ms = cart->now_ms + link_pause_ms(flight->attempts, asked_s, link_chance(&cart->chance));
  flight->attempts++;
}

/* --- what comes back ----------------------------------------------------------------------------------------------------- */

static void signature_failed(cart_t *cart) {
  if (cart->flight.unsigned_times < SIGN_ATTEMPTS) {
    cart->flight.unsigned_times++;
    cart_flight_pause(cart, 0);
    return;
  }
  cart->flight.phase = FLIGHT_NONE;
  cart->has_element = false;
  cart_notice(cart, NOTICE_BROKEN);
  cart_raise(cart, CART_SIG_BROKEN);
}

void cart_signed(cart_t *cart, const cart_event *event) {
  cart_flight *flight = &cart->flight;
  if (flight->phase != FLIGHT_SIGNING) {
    return;
  }
  if (!event->ok) {
    signature_failed(cart);
    return;
  }
  flight->is_signed = true;
  flight->unsigned_times = 0;
  flight->attempts = flight->was_sent ? flight->attempts : 0u;
  if (flight->secret) {
    (void)secret_frame_finish(&cart->identity.frame, event->bytes.data);
  } else {
    flight->frame.size = flight->unsigned_size;
    (void)cose_sign1_finish(&flight->frame, event->bytes.data);
  }
  cart_flight_send(cart);
}

static void not_opened(cart_t *cart) {
  cart_notice(cart, NOTICE_NO_LINK_READY);
  cart_trip_forget(cart);
  cart_raise(cart, CART_SIG_NOT_OPENED);
}

/*
 * Outside trips nothing is lost by giving a request up: what it was for is begun anew, and what waits in the journal
 * goes out later as it was bound. In a trip the same bytes are sent until there is an answer.
 */
static void given_up(cart_t *cart) {
  if (cart_is_on_trip(cart)) {
    return;
  }
  cart_flight_end(cart);
  cart->telemetry.after_ms = cart->now_ms + OUTSIDE_PAUSE_MS;
  if (cart->state == CART_STORE_ATTEST) {
    cart_store_failed(cart, false);
  } else if (cart->state == CART_OPENING) {
    not_opened(cart);
  }
}

/* Said once: afterwards the screen's title says it. */
static void say_no_link(cart_t *cart) {
  if (cart->trip.open && cart->state != CART_OFFLINE_HOLD) {
    cart_notice(cart, NOTICE_NO_LINK);
  }
}

void cart_no_reply(cart_t *cart, uint32_t asked_s) {
  cart_flight *flight = &cart->flight;
  if (flight->phase != FLIGHT_SENT) {
    return;
  }
  cart_flight_pause(cart, asked_s);
  if (flight->attempts >= LINK_ATTEMPTS_BEFORE_HOLD) {
    say_no_link(cart);
    cart_raise(cart, CART_SIG_LINK_LOST);
  }
  if (flight->attempts >= ATTEMPTS) {
    given_up(cart);
  }
  if (flight->secret) {
    cart_person_unanswered(cart);
  }
}

static void again(cart_t *cart) {
  if (cart->flight.message != MSG_HELLO && !cart->flight.is_signed) {
    cart_flight_ask_signature(cart);
  } else if (cart->linked) {
    cart_flight_send(cart);
  }
}

void cart_flight_tick(cart_t *cart) {
  cart_flight *flight = &cart->flight;
  if (flight->phase == FLIGHT_PAUSED && cart->now_ms >= flight->due_ms) {
    again(cart);
  } else if (flight->phase == FLIGHT_SENT && cart->now_ms - flight->sent_ms >= LOST_MS) {
    (void)cart_emit(cart, CART_FX_LINK_CLOSE);
    cart_no_reply(cart, 0);
  }
}

void cart_flight_drop(cart_t *cart) {
  if (cart->flight.phase == FLIGHT_SENT) {
    /* Its answer must not be taken for the next one's. */
    (void)cart_emit(cart, CART_FX_LINK_CLOSE);
  }
  cart->flight.phase = FLIGHT_NONE;
  cart->flight.secret = false;
}
