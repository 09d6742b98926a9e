/* An update: core/ota.h wishes, this has the modem and the element. */
#include "runtime_internal.h"

#include "link.h"

#define FAILURES_MOST 10u
#define PAUSE_MS 2000u

static void finish(runtime *rt, bool installed) {
  rt->updating = false;
  fw_status why = ota_status(&rt->update);
  cart_event event = runtime_event(rt, CART_EV_UPDATED);
  event.ok = installed;
  /* A download that is given up is no failure of its own: it may go on another time. */
  event.number = (uint32_t)(why == FW_PENDING ? FW_ERR_RANGE : why);
  runtime_feed(rt, &event);
}

/* Refused or not, the verdict is told on the next pass: the cart's step is not yet at its end. */
void runtime_update_begin(runtime *rt, fw_bytes frame) {
  (void)ota_begin(&rt->update, frame);
  rt->updating = true;
  rt->update_failures = 0;
  rt->update_due_ms = 0;
  rt->update_percent = 0;
}

void runtime_range_head(runtime *rt) { (void)ota_head(&rt->update, &rt->exchange.parser.answer); }

void runtime_range_body(runtime *rt, fw_bytes part) {
  rt->update_moved = ota_body(&rt->update, part) == FW_OK || rt->update_moved;
}

/* What the answer asks for, within what a cart honours. */
static uint64_t pause_ms(const http1_answer *answer) {
  bool is_asked = answer != NULL && answer->has_retry_after;
  uint64_t asked = is_asked ? (uint64_t)answer->retry_after_s * 1000u : 0u;
  uint64_t honoured = asked < LINK_LONGEST_ASKED_MS ? asked : LINK_LONGEST_ASKED_MS;
  return honoured > PAUSE_MS ? honoured : PAUSE_MS;
}

void runtime_range_over(runtime *rt, const http1_answer *answer) {
  (void)ota_range_end(&rt->update);
  if (answer != NULL && rt->update_moved) {
    rt->update_failures = 0;
    rt->update_due_ms = 0;
  } else {
    rt->update_failures++;
    rt->update_due_ms = runtime_now(rt) + pause_ms(answer);
  }
}

void runtime_confirm(runtime *rt) {
  uint32_t counter = 0;
  if (ota_confirm(rt->port, rt->confirmation, &counter) == FW_OK) {
    rt->confirmation = 0;
    rt->security_counter = counter;
  }
}

static void tell_progress(runtime *rt) {
  uint32_t percent = ota_percent(&rt->update);
  if (percent == rt->update_percent) {
    return;
  }
  rt->update_percent = percent;
  cart_event event = runtime_event(rt, CART_EV_UPDATE_PROGRESS);
  event.number = percent;
  runtime_feed(rt, &event);
}

static bool ask(runtime *rt, const ota_wish *wish) {
  bool is_free = rt->exchange.phase == EXCHANGE_NONE && runtime_now(rt) >= rt->update_due_ms;
  if (!is_free) {
    return false;
  }
  if (rt->update_failures >= FAILURES_MOST) {
    finish(rt, false);
  } else {
    rt->update_moved = false;
    runtime_ask_range(rt, wish);
  }
  return true;
}

bool runtime_update(runtime *rt) {
  if (!rt->updating) {
    return false;
  }
  tell_progress(rt);
  ota_wish wish = ota_next(&rt->update);
  if (wish.kind == OTA_WISH_RANGE) {
    return ask(rt, &wish);
  }
  if (wish.kind == OTA_WISH_VERIFY) {
    /* runtime_element does. */
    return false;
  }
  finish(rt, wish.kind == OTA_WISH_RESET);
  return true;
}
