/*
 * What comes at the same time: a record that is still being written, a summary of a trip whose events still wait, an
 * answer that does not fit.
 */
#include <stdio.h>

#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

static void shop(void) {
  begin();
  world_shop(&w);
}

static void feed(cart_event_kind kind, bool ok, uint32_t number) {
  cart_event event = {.kind = kind, .ok = ok, .number = number};
  world_feed(&w, &event);
}

static void scan_many(unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%02u", i);
    world_scan(&w, code);
  }
}

static void all_taken_once(unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%02u", i);
    CHECK_EQ(world_taken(&w, code), 1);
  }
  CHECK_EQ(w.platform.equivocations, 0);
}

/* Turns a bit of these bytes, wherever they are in the flash; once more, and they are as they were. */
static void flip(const void *bytes, size_t size) {
  uint8_t *at = memmem(w.memory, sizeof w.memory, bytes, size);
  CHECK(at != NULL);
  while (at != NULL) {
    at[size - 1u] ^= 0x20u;
    at = memmem(at + size, sizeof w.memory - (size_t)(at + size - w.memory), bytes, size);
  }
}

static void outside_event(void) { feed(CART_EV_SCALE_TROUBLE, false, 0); }

static size_t faults_taken(uint32_t code) {
  size_t count = 0;
  for (size_t i = 0; i < w.platform.event_count; i++) {
    bool is_it = w.platform.events[i].kind == MSG_EVENT_FAULT && w.platform.events[i].number == code;
    count += is_it ? 1u : 0u;
  }
  return count;
}

static void answers(void) {
  IT("asks again where an answer that it needs whole does not fit") {
    begin();
    w.wire = WIRE_HOLDS;
    world_unlock(&w);
    CHECK(w.has_held);
    w.held.reply.is_cut = true;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
    CHECK(!w.cart.evidence.has_store);
    w.wire = WIRE_GOOD;
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.requests[MSG_HELLO], 2);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("knows from an answer that does not fit that its events were taken, but not the total") {
    shop();
    CHECK(w.cart.display.total_known);
    w.wire = WIRE_HOLDS;
    scan_many(0, 1);
    w.held.reply.is_cut = true;
    world_answer(&w);
    CHECK(!w.cart.display.total_known);
    w.wire = WIRE_GOOD;
    scan_many(1, 2);
    CHECK(w.cart.display.total_known);
    all_taken_once(0, 2);
  }
}

static void batches(void) {
  IT("goes on when nothing of what waited outside a trip can be read any more") {
    begin();
    outside_event();
    journal_cursor cursor = {0};
    journal_record record;
    uint8_t bytes[JOURNAL_PAYLOAD_MAX];
    CHECK_EQ(journal_next(&w.journal, &cursor, &record, bytes, sizeof bytes), JOURNAL_OK);
    CHECK_EQ(record.type, RECORD_OUTSIDE);
    flip(bytes, record.size);
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 0);
    feed(CART_EV_TAMPER, false, 0);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.outside[0].number, CART_FAULT_TAMPER);
  }
  IT("sends nothing under a number that was bound to as many other bytes, before it is bound anew") {
    shop();
    world_link(&w, false);
    scan_many(0, 1);
    cart_bound other = {.outside = false,
                        .boot = w.cart.boot,
                        .seq = w.cart.trip.next_seq,
                        .time_ms = 1,
                        .first_id = w.cart.trip.newest_id,
                        .last_id = w.cart.trip.newest_id,
                        .count = 1,
                        .crc = 1};
    uint8_t bytes[CART_RECORD_MAX];
    size_t size = cart_record_put_bound(bytes, &other);
    CHECK_EQ(journal_append(&w.journal, JOURNAL_CONTROL, RECORD_BOUND, bytes, size, NULL), JOURNAL_OK);
    world_reboot(&w);
    CHECK(w.cart.trip.bound.has);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.frames[w.platform.frame_count - 2u].boot, 2);
    all_taken_once(0, 1);
  }
  IT("tells what is left of a rotten batch under the number that it had, where the platform still waits for that one") {
    shop();
    w.wire = WIRE_LOSES_REQUEST;
    world_link(&w, false);
    scan_many(0, 3);
    world_link(&w, true);
    uint32_t seq = w.platform.next_seq;
    flip("item-00", 7);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_refuse(&w, MSG_EVENTS, "seq", 409, seq);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "item-00"), 0);
    all_taken_once(1, 3);
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("tells what could not be read when the power came back, and can be later, and counts none of it below zero") {
    shop();
    world_link(&w, false);
    scan_many(0, 33);
    for (unsigned i = 4; i < 10u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "item-%02u", i);
      flip(code, strlen(code));
    }
    world_reboot(&w);
    CHECK_EQ(w.cart.trip.pending, 28);
    for (unsigned i = 4; i < 10u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "item-%02u", i);
      code[6] = (char)(code[6] ^ 0x20);
      flip(code, strlen(code));
    }
    w.wire = WIRE_HOLDS;
    world_unlock(&w);
    world_answer(&w);
    world_unlock(&w);
    for (unsigned round = 0; round < 8u; round++) {
      world_answer(&w);
      CHECK(w.cart.trip.pending <= 33u);
    }
    CHECK(!w.has_held);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    all_taken_once(0, 33);
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK_EQ(w.cart.display.pending, 0);
  }
}

static void the_flight(void) {
  IT("closes the connection on the way into a locked state, so that no answer is taken for the next one's") {
    begin();
    world_unlock(&w);
    w.wire = WIRE_HOLDS;
    outside_event();
    CHECK(w.has_held);
    unsigned closed = w.effects[CART_FX_LINK_CLOSE];
    w.wire = WIRE_GOOD;
    world_lose(&w, CART_BEACON, "us-demo");
    w.cart.evidence.attested_until_ms = w.now_ms;
    world_tick(&w, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.effects[CART_FX_LINK_CLOSE], closed + 1u);
    CHECK(!w.has_held);
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 2);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK(cart_is_drained(&w.cart));
  }
}

static void summaries(void) {
  IT("keeps what waits when the trip is summed up before it was told, over a power loss") {
    shop();
    world_hand_over(&w);
    world_link(&w, false);
    outside_event();
    CHECK_EQ(w.cart.trip.pending, 1);
    world_pay(&w, CART_TERMINAL_CANCELLED, "");
    CHECK_EQ(w.cart.trip.kept, 1);
    CHECK_EQ(w.acknowledged, w.cart.trip.answered_id);
    world_reboot(&w);
    CHECK(w.cart.trip.open);
    CHECK(w.cart.trip.newest_id > w.cart.trip.answered_id);
    CHECK(w.cart.trip.pending >= 1u);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(faults_taken(CART_FAULT_SCALE), 1);
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("keeps the number of what was on its way when the trip was summed up, over a power loss") {
    shop();
    world_hand_over(&w);
    w.wire = WIRE_LOSES_ANSWER;
    outside_event();
    CHECK_EQ(faults_taken(CART_FAULT_SCALE), 1);
    world_pay(&w, CART_TERMINAL_CANCELLED, "");
    CHECK_EQ(w.cart.trip.kept, 1);
    uint32_t seq = w.cart.trip.bound.seq;
    world_reboot(&w);
    CHECK(w.cart.trip.bound.has);
    CHECK_EQ(w.cart.trip.bound.seq, seq);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(faults_taken(CART_FAULT_SCALE), 1);
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("has no trip after a power loss where its end is kept because a word from outside it still waits") {
    begin();
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    outside_event();
    world_wait(&w, 30000);
    world_shop(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    uint32_t acknowledged = w.acknowledged;
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    CHECK(!w.cart.trip.open);
    CHECK_EQ(w.acknowledged, acknowledged);
    world_reboot(&w);
    CHECK(!w.cart.trip.open);
    CHECK_EQ(w.cart.trip.newest_id, 0);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.requests[MSG_OPEN], 1);
  }
}

static void notes(void) {
  IT("asks for an item once more that is scanned while the one before is still being written") {
    shop();
    cart_effect effects[CART_EFFECTS_MAX];
    uint8_t code[] = "item-00";
    cart_event scan = {.kind = CART_EV_SCAN, .now_ms = w.now_ms, .text = code, .size = 7};
    CHECK(cart_step(&w.cart, &scan, effects, CART_EFFECTS_MAX) >= 1u);
    CHECK_EQ(effects[0].kind, CART_FX_APPEND);
    uint32_t id = 0;
    const cart_effect *record = &effects[0];
    CHECK_EQ(journal_append(&w.journal, JOURNAL_ORDINARY, record->type, record->bytes.data, record->bytes.size, &id),
             JOURNAL_OK);
    scan_many(1, 2);
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    feed(CART_EV_APPENDED, true, id);
    CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
    CHECK_EQ(world_taken(&w, "item-01"), 0);
    scan_many(1, 2);
    all_taken_once(0, 2);
  }
  IT("stays in service when its memory has no room for a word from outside a trip, and says so") {
    begin();
    w.journal_full = true;
    outside_event();
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
    w.journal_full = false;
    outside_event();
    world_link(&w, true);
    CHECK_EQ(w.platform.outside_count, 1);
  }
}

static void the_keys(void) {
  IT("takes who somebody is before a trip and without a connection, and not while it is locked") {
    begin();
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    CHECK_EQ(w.cart.identity.expected, SECRET_NONE);
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_LOYALTY);
    CHECK_EQ(w.cart.identity.expected, SECRET_LOYALTY);
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    CHECK_EQ(w.cart.identity.expected, SECRET_NONE);
    shop();
    world_link(&w, false);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    world_key(&w, DISPLAY_KEY_PAIR, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_PHONE);
    CHECK_EQ(w.cart.identity.expected, SECRET_PAIRING);
  }
  IT("does nothing for a key that the panel has not, and wipes what was typed with it") {
    shop();
    uint8_t typed[] = "LOYAL-1";
    cart_event press = {.kind = CART_EV_KEY, .key = (display_key)99, .text = typed, .size = sizeof typed};
    world_feed(&w, &press);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(typed[0], 0);
    CHECK_EQ(typed[6], 0);
  }
  IT("does nothing for no key") {
    shop();
    cart_state before = w.cart.state;
    world_key(&w, DISPLAY_KEY_NONE, "");
    CHECK_EQ(w.cart.state, before);
    CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
  }
}

static bool shows(const display_model *model, const char *text) {
  static uint8_t picture[DISPLAY_WIRE_PICTURE_MAX];
  size_t size = display_render(model, picture, sizeof picture);
  return memmem(picture, size, text, strlen(text)) != NULL;
}

static void the_picture(void) {
  IT("names each thing that staff have to look at, and no other") {
    static const uint8_t BITS[] = {DISPLAY_HELD_AGE, DISPLAY_HELD_WEIGHT, DISPLAY_HELD_UNKNOWN};
    static const char *const TEXTS[] = {" age check", " weight", " unknown item 4"};
    static display_model model;
    display_init(&model);
    model.screen = SCREEN_SHOPPING;
    model.held_line = 4;
    for (unsigned held = 0; held < 3u; held++) {
      model.held = BITS[held];
      for (unsigned text = 0; text < 3u; text++) {
        CHECK_EQ(shows(&model, TEXTS[text]), text == held);
      }
    }
  }
}

int main(void) {
  answers();
  batches();
  the_flight();
  summaries();
  notes();
  the_keys();
  the_picture();
  return check_report("test_cart_corners");
}
