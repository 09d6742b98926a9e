/** What the cart's files share with each other and nobody else. */
#ifndef CARTWRIGHT_CART_INTERNAL_H
#define CARTWRIGHT_CART_INTERNAL_H

#include "cart_record.h"
#include "link.h"

/** The firmware's fault codes. 1 is known to the platform (durable-objects/session/limits.ts). */
typedef enum {
  CART_FAULT_EXIT_UNPAID = 1,  /* detail: grams in the basket */
  CART_FAULT_NOT_TAKEN = 2,    /* an event that the platform refused for good; detail: msg_refusal */
  CART_FAULT_SCALE = 3,
  CART_FAULT_TAMPER = 4,
  CART_FAULT_JOURNAL_FULL = 5,
  CART_FAULT_UPDATE = 6,       /* an update that was not installed */
  CART_FAULT_HELP = 7          /* the shopper asks for staff */
} cart_fault_code;

/** Out of service for so long before it is tried anew. */
#define CART_BARRED_MS 60000u

/* cart_step.c */
cart_effect *cart_emit(cart_t *cart, cart_effect_kind kind);
/** The only way to another state. */
void cart_raise(cart_t *cart, cart_signal signal);
void cart_notice(cart_t *cart, display_notice notice);
bool cart_is_attested(const cart_t *cart);
bool cart_is_on_trip(const cart_t *cart);

/* cart_events.c */
/** What an event changes at once; small ones here, the others by the file of their subject. */
void cart_handle(cart_t *cart, const cart_event *event);

/* cart_note.c: into the journal */
/** Writes an event, of the trip that is open or of none. False: another record is on its way. */
bool cart_note_event(cart_t *cart, const msg_event *event, cart_journal_class class);
void cart_note_bound(cart_t *cart, const cart_bound *bound);
/** What need no longer be kept, up to this record at most. */
void cart_acknowledge(cart_t *cart, uint32_t most);
/** Writes the next record that is due; false when none is. */
bool cart_note_due(cart_t *cart);
void cart_appended(cart_t *cart, const cart_event *event);
void cart_fault(cart_t *cart, cart_fault_code code, uint32_t detail);

/* cart_fold.c: out of the journal */
void cart_fold(cart_t *cart, const cart_event *event);
void cart_folded(cart_t *cart);

/* cart_flight.c: the request under way */
/** Begins a message: its path, its envelope. */
msg_envelope cart_flight_begin(cart_t *cart, msg_kind message);
/** Where the payload is written. */
fw_buffer cart_flight_payload(cart_t *cart);
/** Signs the payload and sends it. */
void cart_flight_sign(cart_t *cart, const fw_buffer *payload);
/** Before the next attempt; but a person's frame is sent as it is, since the platform knows it by all its bytes. */
void cart_flight_sign_anew(cart_t *cart);
void cart_flight_send(cart_t *cart);
void cart_flight_ask_signature(cart_t *cart);
void cart_flight_end(cart_t *cart);
void cart_flight_pause(cart_t *cart, uint32_t asked_s);
void cart_flight_tick(cart_t *cart);
/** Drops the request under way, answered or not. */
void cart_flight_drop(cart_t *cart);
void cart_signed(cart_t *cart, const cart_event *event);
/** @param asked_s how long the server asks to wait, 0: not at all. */
void cart_no_reply(cart_t *cart, uint32_t asked_s);

/* cart_batch.c: events from the journal into frames */
/** Begins the next batch; false when nothing waits. */
bool cart_batch_next(cart_t *cart, bool outside);
void cart_batch_record(cart_t *cart, const cart_event *event);
void cart_batch_read(cart_t *cart);
void cart_batch_bound(cart_t *cart);
void cart_batch_renumber(cart_t *cart, uint32_t expected);
/** The platform has taken it. */
void cart_batch_done(cart_t *cart);
/** The platform will not take it: half of it, or never. */
void cart_batch_refused(cart_t *cart, msg_refusal code);

/* cart_answer.c, cart_refusal.c */
void cart_reply_came(cart_t *cart, const cart_reply *reply);
void cart_refused(cart_t *cart, const msg_error_answer *error);

/* cart_store.c: the store attestation */
bool cart_store_next(cart_t *cart);
/** A nonce for claims; false when a hello was begun instead. */
bool cart_claims(cart_t *cart, eat_claims *claims);
void cart_carry(cart_t *cart, const uint8_t nonce[16]);
void cart_statement(cart_t *cart, fw_bytes statement);
bool cart_attested(cart_t *cart, fw_bytes body);
void cart_store_failed(cart_t *cart, bool was_refused);
void cart_store_tick(cart_t *cart);

/* cart_trip.c: from its opening to its end */
bool cart_trip_next(cart_t *cart);
bool cart_open_next(cart_t *cart);
bool cart_opened(cart_t *cart, fw_bytes body);
bool cart_closed(cart_t *cart, fw_bytes body);
void cart_trip_over(cart_t *cart, display_notice notice);
void cart_trip_ended(cart_t *cart);
void cart_trip_forget(cart_t *cart);

/* cart_shop.c: goods */
void cart_scan(cart_t *cart, const cart_event *event);
void cart_remove(cart_t *cart, const cart_event *event);
void cart_weight(cart_t *cart, const cart_event *event);
bool cart_basket_answer(cart_t *cart, fw_bytes body);
void cart_surroundings(cart_t *cart, const cart_event *event);
void cart_shop_tick(cart_t *cart);

/* cart_person.c: who the shopper is */
void cart_secret(cart_t *cart, secret_kind kind, uint8_t *text, size_t size);
void cart_unlink(cart_t *cart);
bool cart_person_next(cart_t *cart);
bool cart_person_answer(cart_t *cart, fw_bytes body);
void cart_person_refused(cart_t *cart);
void cart_person_renumbered(cart_t *cart);
void cart_person_unanswered(cart_t *cart);
void cart_person_tick(cart_t *cart);
void cart_person_forget(cart_t *cart);

/* cart_pay.c */
void cart_pay_begin(cart_t *cart);
bool cart_pay_next(cart_t *cart);
bool cart_checkout_answer(cart_t *cart, fw_bytes body);
void cart_checkout_refused(cart_t *cart, msg_refusal code);
void cart_pay_ordered(cart_t *cart);
void cart_terminal_says(cart_t *cart, const cart_event *event);
bool cart_payment_answer(cart_t *cart, fw_bytes body);
void cart_payment_refused(cart_t *cart);
void cart_pay_cancel(cart_t *cart);
void cart_pay_tick(cart_t *cart);

/* cart_update.c, cart_health.c */
bool cart_update_next(cart_t *cart);
bool cart_manifest_answer(cart_t *cart, const cart_reply *reply);
void cart_updated(cart_t *cart, const cart_event *event);
void cart_health_tick(cart_t *cart);

/* cart_keys.c */
void cart_key(cart_t *cart, const cart_event *event);

#endif
