/* The secure element, one operation at a time: the self-test, signatures, an update's verification, its counter. */
#include "runtime_internal.h"

#include <string.h>

#define CHUNK 32u
#define TESTS 10u
#define TEST_PAUSE_MS 300u

void runtime_test_element(runtime *rt) {
  rt->element_use = ELEMENT_TEST;
  rt->element_tests++;
  rt->element_due_ms = 0;
  (void)se608_start(&rt->element, SE608_PUBLIC_KEY, runtime_now(rt));
}

static bool is_right_key(const runtime *rt) {
  if (!rt->factory.has_point) {
    return true;
  }
  return memcmp(rt->element.response, rt->factory.point, sizeof rt->factory.point) == 0;
}

static void tell_test(runtime *rt, bool passed) {
  cart_event event = runtime_event(rt, CART_EV_ELEMENT);
  event.ok = passed;
  runtime_feed(rt, &event);
}

static void test_failed(runtime *rt) {
  if (rt->element_tests < TESTS) {
    /* Supplies settle at their own pace after power-on. */
    rt->element_due_ms = runtime_now(rt) + TEST_PAUSE_MS;
  } else {
    tell_test(rt, false);
  }
}

static void tested(runtime *rt, bool done) {
  if (!done) {
    test_failed(rt);
  } else if (!is_right_key(rt)) {
    tell_test(rt, false);
  } else {
    rt->element_use = ELEMENT_TEST_COUNTER;
    (void)se608_start(&rt->element, SE608_COUNTER_READ, runtime_now(rt));
  }
}

/* What was confirmed before and did not get through to the element, for want of power or of an answer. */
static void catch_up(runtime *rt, uint32_t counter) {
  ota_record record;
  ota_record_place place;
  bool is_behind = ota_record_read(rt->port, &record, &place) == FW_OK && counter < record.security_counter;
  rt->security_counter = is_behind ? record.security_counter : 0u;
}

/* Boot records can be erased by whoever has the flash on his bench; the element's counter goes up alone. */
static void counter_tested(runtime *rt, bool done) {
  if (!done) {
    test_failed(rt);
    return;
  }
  uint32_t counter = se608_counter(&rt->element);
  rt->update_config.least_counter = counter;
  catch_up(rt, counter);
  tell_test(rt, counter <= rt->port->image(rt->port->context)->security_counter);
}

static void signed_digest(runtime *rt, bool done) {
  if (rt->wants_signature) {
    /* Another frame waits for its own by now: this one was for a frame that was given up. */
    return;
  }
  uint8_t signature[SE608_SIGNATURE_SIZE];
  (void)memcpy(signature, rt->element.response, sizeof signature);
  cart_event event = runtime_event(rt, CART_EV_SIGNED);
  event.ok = done;
  event.bytes = fw_bytes_view(signature, sizeof signature);
  runtime_feed(rt, &event);
}

/* The element's own counter follows the device's, one at a time: it can only count up. */
static void counted(runtime *rt, bool done) {
  if (!done || se608_counter(&rt->element) >= rt->security_counter) {
    /* Where it does not answer now, the next power-on finds it behind. */
    rt->security_counter = 0;
    return;
  }
  rt->element_use = ELEMENT_COUNT_UP;
  (void)se608_start(&rt->element, SE608_COUNTER_INCREMENT, runtime_now(rt));
}

static void verified(runtime *rt, bool done) { (void)ota_element(&rt->update, done); }

typedef void (*element_handler)(runtime *rt, bool done);

static const element_handler HANDLERS[ELEMENT_USES] = {
    [ELEMENT_TEST] = tested,     [ELEMENT_TEST_COUNTER] = counter_tested, [ELEMENT_SIGN] = signed_digest,
    [ELEMENT_VERIFY] = verified, [ELEMENT_COUNTER] = counted,             [ELEMENT_COUNT_UP] = counted,
};

static void finished(runtime *rt, se608_state state) {
  runtime_element_use use = rt->element_use;
  rt->element_use = ELEMENT_FREE;
  HANDLERS[use](rt, state == SE608_DONE);
}

/* Only what the rest of the firmware waits for; signing first. */
static void start_next(runtime *rt) {
  uint64_t now = runtime_now(rt);
  if (rt->element_due_ms != 0u) {
    if (now >= rt->element_due_ms) {
      runtime_test_element(rt);
    }
  } else if (rt->wants_signature) {
    rt->wants_signature = false;
    rt->element_use = ELEMENT_SIGN;
    (void)se608_start_sign(&rt->element, rt->digest, now);
  } else if (rt->updating && ota_next(&rt->update).kind == OTA_WISH_VERIFY) {
    ota_verification wanted = ota_verification_of(&rt->update);
    rt->element_use = ELEMENT_VERIFY;
    (void)se608_start_verify(&rt->element, wanted.digest, wanted.signature, wanted.point, now);
  } else if (rt->security_counter != 0u) {
    rt->element_use = ELEMENT_COUNTER;
    (void)se608_start(&rt->element, SE608_COUNTER_READ, now);
  }
}

bool runtime_element(runtime *rt) {
  uint8_t bytes[CHUNK];
  uint64_t now = runtime_now(rt);
  size_t size = rt->port->read(rt->port->context, HAL_ELEMENT, bytes, sizeof bytes);
  if (size != 0u) {
    se608_feed(&rt->element, bytes, size, now);
  }
  if (rt->element_use != ELEMENT_FREE) {
    se608_state state = se608_tick(&rt->element, now);
    if (state != SE608_BUSY) {
      finished(rt, state);
    }
  }
  if (rt->element_use == ELEMENT_FREE) {
    start_next(rt);
  }
  if (rt->element_out.size == 0u) {
    rt->element_out.size = se608_take(&rt->element, rt->element_out.bytes, sizeof rt->element_out.bytes);
  }
  return runtime_flush(rt, HAL_ELEMENT, &rt->element_out) || size != 0u;
}
