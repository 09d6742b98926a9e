/* Answers, each to its message. One that is not of the protocol counts as none: the same bytes are sent again. */
#include "cart_internal.h"

#include <string.h>

#define STATUS_OK 200u
#define STATUS_CREATED 201u
#define STATUS_NO_CONTENT 204u

static bool hello_answer(cart_t *cart, fw_bytes body) {
  /* A hello's nonce is good for 60 s; some of them go on the way. */
  enum { NONCE_MS = 50000 };
  msg_hello_answer answer;
  if (msg_decode_hello(body, &answer) != FW_OK) {
    return false;
  }
  cart_carry(cart, answer.nonce);
  cart->evidence.nonce_until_ms = cart->now_ms + NONCE_MS;
  cart->evidence.has_store = answer.store.size != 0u;
  clock_set(&cart->clock, answer.time_ms, cart->now_ms);
  cart_flight_end(cart);
  if (!cart->evidence.has_store) {
    cart_notice(cart, NOTICE_NO_STORE);
    cart_store_failed(cart, true);
  }
  return true;
}

static bool events_answer(cart_t *cart, fw_bytes body) { return cart_basket_answer(cart, body); }

static bool telemetry_answer(cart_t *cart, fw_bytes body) {
  uint32_t seq;
  if (msg_decode_telemetry(body, &seq) != FW_OK) {
    return false;
  }
  if (cart->flight.boot == cart->boot) {
    cart->telemetry.next_seq = seq + 1u;
  }
  cart_batch_done(cart);
  return true;
}

typedef bool (*taker)(cart_t *cart, fw_bytes body);

/* A manifest is taken before these: 204 is a good answer about it too. */
static const taker TAKERS[MSG_COUNT] = {
    [MSG_HELLO] = hello_answer,
    [MSG_ATTESTATION] = cart_attested,
    [MSG_OPEN] = cart_opened,
    [MSG_EVENTS] = events_answer,
    [MSG_IDENTITY] = cart_person_answer,
    [MSG_CHECKOUT] = cart_checkout_answer,
    [MSG_PAYMENT] = cart_payment_answer,
    [MSG_CLOSE] = cart_closed,
    [MSG_TELEMETRY] = telemetry_answer,
};

static bool is_success(uint16_t status) { return status == STATUS_OK || status == STATUS_CREATED; }

/* The events were taken, that much is sure; what became of the basket the next answer tells. */
static bool cut_answer(cart_t *cart) {
  if (cart->flight.message != MSG_EVENTS) {
    return false;
  }
  cart->display.total_known = false;
  cart->trip.next_seq = cart->flight.seq + 1u;
  cart_batch_done(cart);
  return true;
}

static bool take(cart_t *cart, const cart_reply *reply) {
  if (cart->flight.message == MSG_FIRMWARE && reply->status <= STATUS_NO_CONTENT) {
    return cart_manifest_answer(cart, reply);
  }
  if (is_success(reply->status)) {
    cart->flight.renumbered = 0;
    if (reply->is_cut) {
      return cut_answer(cart);
    }
    return TAKERS[cart->flight.message](cart, reply->body);
  }
  msg_error_answer error;
  if (msg_decode_error(reply->body, &error) != FW_OK) {
    return false;
  }
  cart_refused(cart, &error);
  return true;
}

void cart_reply_came(cart_t *cart, const cart_reply *reply) {
  if (cart->flight.phase != FLIGHT_SENT) {
    return;
  }
  if (link_is_passing(reply->status)) {
    cart_no_reply(cart, reply->retry_after_s);
  } else if (!take(cart, reply)) {
    cart_no_reply(cart, 0);
  }
}
