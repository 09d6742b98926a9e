/* The store attestation: hello, the beacon's statement, the cell's answer, and how long it lasts. */
#include "cart_internal.h"

#include <string.h>

#define BEACON_MS 10000u
#define CARRIED_NONCE_MS 43200000u
/* The cart's clock comes from the hello's answer, so it is late by the way back. */
#define CLOCK_SKEW_MS 30000u
#define RENEW_AGAIN_MS 60000u
#define REFUSED_PAUSE_MS 30000u

void cart_carry(cart_t *cart, const uint8_t nonce[16]) {
  cart_evidence *evidence = &cart->evidence;
  (void)memcpy(evidence->nonce, nonce, sizeof evidence->nonce);
  evidence->has_nonce = true;
  evidence->nonce_until_ms = cart->now_ms + CARRIED_NONCE_MS;
}

static bool has_nonce(const cart_t *cart) {
  return cart->evidence.has_nonce && cart->now_ms < cart->evidence.nonce_until_ms;
}

static void hello(cart_t *cart) {
  (void)cart_flight_begin(cart, MSG_HELLO);
  cart->flight.frame = fw_buffer_over(cart->flight.bytes, sizeof cart->flight.bytes);
  msg_put_hello(&cart->flight.frame, cart->factory->kid);
  cart_flight_send(cart);
}

/* Without a serial from the reader: it is absent or silent, and the platform decides what it thinks of that. */
static fw_bytes reader_of(const cart_t *cart) {
  return cart->reader_size == 0u ? fw_bytes_of_text("none") : fw_bytes_view(cart->reader, cart->reader_size);
}

bool cart_claims(cart_t *cart, eat_claims *claims) {
  if (!has_nonce(cart)) {
    hello(cart);
    return false;
  }
  cart_evidence *evidence = &cart->evidence;
  evidence->has_nonce = false;
  (void)memcpy(evidence->spent, evidence->nonce, sizeof evidence->spent);
  (void)memset(claims, 0, sizeof *claims);
  (void)memcpy(claims->nonce, evidence->nonce, sizeof claims->nonce);
  (void)memcpy(claims->serial, cart->factory->serial, sizeof claims->serial);
  (void)memcpy(claims->digest, cart->image.digest, sizeof claims->digest);
  claims->debug = cart->image.debug;
  claims->boot = cart->boot;
  claims->version = cart->image.version;
  claims->security_counter = cart->image.security_counter;
  claims->reader = reader_of(cart);
  return true;
}

bool cart_store_next(cart_t *cart) {
  if (!has_nonce(cart)) {
    hello(cart);
    return true;
  }
  if (!cart->evidence.awaiting_beacon) {
    cart->evidence.awaiting_beacon = true;
    cart->due_ms = cart->now_ms + BEACON_MS;
    cart_emit(cart, CART_FX_BEACON)->bytes = fw_bytes_view(cart->evidence.nonce, sizeof cart->evidence.nonce);
  }
  return true;
}

void cart_statement(cart_t *cart, fw_bytes statement) {
  statement_beacon beacon;
  bool is_due = cart->state == CART_STORE_ATTEST && cart->evidence.awaiting_beacon;
  if (!is_due || !has_nonce(cart)) {
    return;
  }
  if (statement_read_beacon(statement, cart->evidence.nonce, &beacon) != FW_OK) {
    return;
  }
  cart->evidence.awaiting_beacon = false;
  cart->due_ms = 0;
  eat_claims claims;
  (void)cart_claims(cart, &claims);
  msg_envelope envelope = cart_flight_begin(cart, MSG_ATTESTATION);
  fw_buffer payload = cart_flight_payload(cart);
  msg_put_attestation(&payload, &envelope, &claims, statement);
  cart_flight_sign(cart, &payload);
}

static fw_status verify_at(const cart_t *cart, const msg_attestation_answer *answer, uint64_t now_ms,
                           statement_store_attestation *attestation) {
  statement_cell_key key;
  statement_expectation expected = {
      .serial = cart->factory->serial, .nonce = cart->evidence.spent, .store = {NULL, 0}, .now_ms = now_ms};
  fw_status status =
      statement_verify_cell_key(answer->cell_key, cart->factory->root, cart->factory->cell, now_ms, &key);
  if (status != FW_OK) {
    return status;
  }
  return statement_verify_store_attestation(answer->statement, &key, &expected, attestation);
}

static fw_status verify(const cart_t *cart, const msg_attestation_answer *answer,
                        statement_store_attestation *attestation) {
  uint64_t now = clock_at(&cart->clock, cart->now_ms);
  fw_status status = verify_at(cart, answer, now, attestation);
  return status == FW_ERR_NOT_YET ? verify_at(cart, answer, now + CLOCK_SKEW_MS, attestation) : status;
}

static void hold(cart_t *cart, const statement_store_attestation *attestation) {
  cart_evidence *evidence = &cart->evidence;
  uint64_t lasts = attestation->expires_ms - clock_at(&cart->clock, cart->now_ms);
  evidence->attested = true;
  evidence->attested_until_ms = cart->now_ms + lasts;
  evidence->renew_at_ms = cart->now_ms + lasts / 4u * 3u;
  (void)memcpy(evidence->store, attestation->store, attestation->store_size);
  evidence->store_size = attestation->store_size;
}

/* A signed round trip was accepted: the image that is being tried is a good one. */
static void confirm(cart_t *cart) {
  if (cart->image.trial && !cart->evidence.confirmed) {
    cart->evidence.confirmed = true;
    (void)cart_emit(cart, CART_FX_CONFIRM);
  }
}

bool cart_attested(cart_t *cart, fw_bytes body) {
  msg_attestation_answer answer;
  statement_store_attestation attestation;
  if (msg_decode_attestation(body, &answer) != FW_OK) {
    return false;
  }
  cart_flight_end(cart);
  cart_carry(cart, answer.nonce);
  cart->evidence.attested = false;
  if (verify(cart, &answer, &attestation) != FW_OK) {
    cart_notice(cart, NOTICE_REFUSED);
    cart_store_failed(cart, true);
    return true;
  }
  hold(cart, &attestation);
  confirm(cart);
  cart->failures = 0;
  cart_notice(cart, NOTICE_NONE);
  cart_raise(cart, CART_SIG_ATTESTED);
  if (cart->state == CART_AWAIT_TERMINAL) {
    cart_notice(cart, NOTICE_DO_NOT_PAY);
  }
  return true;
}

void cart_store_failed(cart_t *cart, bool was_refused) {
  cart->failures++;
  cart->evidence.awaiting_beacon = false;
  cart->evidence.renew_at_ms = cart->now_ms + RENEW_AGAIN_MS;
  cart_raise(cart, CART_SIG_NOT_ATTESTED);
  uint32_t pause = link_pause_ms(cart->failures, 0, link_chance(&cart->chance));
  cart->due_ms = cart->now_ms + (was_refused ? REFUSED_PAUSE_MS : pause);
}

/* Without a beacon in reach an attestation can't be had: asking would cost bytes for nothing. */
static void ask(cart_t *cart) {
  if (cart->linked && cart->in_store && cart->flight.phase == FLIGHT_NONE) {
    cart_raise(cart, CART_SIG_ASK);
  }
}

static void locked_tick(cart_t *cart) {
  if (cart->now_ms >= cart->due_ms) {
    ask(cart);
  }
}

static void ready_tick(cart_t *cart) {
  if (!cart_is_attested(cart)) {
    cart_raise(cart, CART_SIG_EXPIRED);
  } else if (cart->now_ms >= cart->evidence.renew_at_ms) {
    ask(cart);
  }
}

static void attest_tick(cart_t *cart) {
  if (cart->evidence.awaiting_beacon && cart->now_ms >= cart->due_ms) {
    cart_notice(cart, NOTICE_NO_STORE);
    cart_store_failed(cart, false);
  }
}

void cart_store_tick(cart_t *cart) {
  if (cart->state == CART_LOCKED) {
    locked_tick(cart);
  } else if (cart->state == CART_READY) {
    ready_tick(cart);
  } else if (cart->state == CART_STORE_ATTEST) {
    attest_tick(cart);
  }
}
