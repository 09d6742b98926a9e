/** What the runtime's files share. */
#ifndef CARTWRIGHT_RUNTIME_INTERNAL_H
#define CARTWRIGHT_RUNTIME_INTERNAL_H

#include "runtime.h"

uint64_t runtime_now(const runtime *rt);
cart_event runtime_event(const runtime *rt, cart_event_kind kind);
/** Steps the cart, carries out its effects, and answers those that are answered at once. */
void runtime_feed(runtime *rt, const cart_event *event);

/* runtime_effects.c */
void runtime_carry_out(runtime *rt, const cart_effect *effect);
/** Gives an outbox's bytes to its channel. @return whether any left. */
bool runtime_flush(runtime *rt, hal_channel channel, runtime_outbox *out);

/* runtime_http.c */
void runtime_send(runtime *rt, const cart_effect *effect);
void runtime_ask_range(runtime *rt, const ota_wish *wish);
void runtime_drop_exchange(runtime *rt);
bool runtime_modem(runtime *rt);

/* runtime_lines.c */
bool runtime_lines(runtime *rt);

/* runtime_element.c */
void runtime_test_element(runtime *rt);
bool runtime_element(runtime *rt);

/* runtime_update.c */
void runtime_update_begin(runtime *rt, fw_bytes frame);
bool runtime_update(runtime *rt);
void runtime_range_head(runtime *rt);
void runtime_range_body(runtime *rt, fw_bytes part);
/** @param answer the head of a whole answer; null: it broke off, or none came. */
void runtime_range_over(runtime *rt, const http1_answer *answer);
/** Confirms the running image by `confirmation`, which stays until the flash has taken it. */
void runtime_confirm(runtime *rt);

#endif
