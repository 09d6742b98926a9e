/* Power losses: nothing that was counted is lost, nothing is told twice, whatever of the flash can still be read. */
#include <stdio.h>

#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static size_t faults_taken(uint32_t code) {
  size_t count = 0;
  for (size_t i = 0; i < w.platform.event_count; i++) {
    bool is_it = w.platform.events[i].kind == MSG_EVENT_FAULT && w.platform.events[i].number == code;
    count += is_it ? 1u : 0u;
  }
  return count;
}

static void power(void) {
  IT("goes on with the trip after a power loss, and loses nothing that was pending") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 50);
    world_reboot(&w);
    /* One more: whether the platform has it is known when it says so again. */
    CHECK_EQ(w.cart.display.pending, 51);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 50));
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("sends after a power loss what was on its way as the bytes that it had") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    world_scan_many(&w, 0, 3);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 3));
  }
  IT("asks for its number after a power loss where an unnoted frame had taken it") {
    begin();
    world_secret(&w, SECRET_LOYALTY, "LOYAL-1");
    world_reboot(&w);
    world_unlock(&w);
    world_wait(&w, 1000);
    world_scan_many(&w, 0, 1);
    CHECK(world_has_all(&w, 0, 1));
    CHECK_EQ(w.cart.display.nickname.size, 0);
  }
  IT("does not mistake a batch in which something rotted for the one that was sent") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    world_scan_many(&w, 0, 3);
    world_flip(&w, "item-00", 7);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK(world_has_all(&w, 1, 3));
  }
  IT("does not tell the rest of a batch twice when one of it rotted after it was taken") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 3);
    w.wire = WIRE_LOSES_ANSWER;
    world_link(&w, true);
    CHECK(world_has_all(&w, 0, 3));
    world_flip(&w, "item-01", 7);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 3));
    world_scan_many(&w, 3, 4);
    CHECK(world_has_all(&w, 0, 4));
  }
  IT("goes on when nothing of what waited can be read any more") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 1);
    world_flip(&w, "item-00", 7);
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
    world_scan_many(&w, 1, 2);
    CHECK(world_has_all(&w, 1, 2));
  }
  IT("goes on after a power loss when nothing of what was on its way can be read any more") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    world_scan_many(&w, 0, 1);
    world_flip(&w, "item-00", 7);
    world_reboot(&w);
    CHECK(w.cart.trip.bound.has);
    w.wire = WIRE_GOOD;
    w.cart.sync = false;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_tick(&w, 250);
    world_scan_many(&w, 1, 2);
    CHECK_EQ(world_taken(&w, "item-01"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("has no trip after a power loss where the trip was over") {
    begin();
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    world_reboot(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.requests[MSG_OPEN], 1);
  }
  IT("opens another trip where the power failed before the first one was noted") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.wire = WIRE_LOSES_ANSWER;
    world_scan(&w, "1");
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    world_scan(&w, "2");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(world_taken(&w, "2"), 1);
  }
  IT("reads past records that it does not know and those that are none of its own") {
    begin();
    uint8_t odd[4] = {0x80, 1, 2, 3};
    CHECK_EQ(journal_append(&w.journal, JOURNAL_CONTROL, RECORD_TRIP, odd, sizeof odd, NULL), JOURNAL_OK);
    CHECK_EQ(journal_append(&w.journal, JOURNAL_CONTROL, RECORD_BOUND, odd, sizeof odd, NULL), JOURNAL_OK);
    CHECK_EQ(journal_append(&w.journal, JOURNAL_CONTROL, 99, odd, sizeof odd, NULL), JOURNAL_OK);
    world_reboot(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_scan_many(&w, 0, 1);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("knows of no trip from events whose beginning rotted away") {
    world_init(&w);
    world_start(&w);
    uint8_t scan[4] = {0xA1, 0, 4, 0};
    CHECK_EQ(journal_append(&w.journal, JOURNAL_CONTROL, RECORD_EVENT, scan, sizeof scan, NULL), JOURNAL_OK);
    world_reboot(&w);
    CHECK_EQ(w.cart.trip.newest_id, 0);
    CHECK(!w.cart.trip.open);
  }
}

static void rotten(void) {
  IT("goes on when all that waited has rotted, and counts none of it any more") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 40);
    for (unsigned i = 0; i < 40u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "item-%02u", i);
      world_flip(&w, code, strlen(code));
    }
    world_link(&w, true);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.trip.pending, 0);
    /* A summary of the trip says how much it keeps back: nothing. */
    world_secret(&w, SECRET_LOYALTY, "LOYAL-1");
    world_scan_many(&w, 40, 41);
    CHECK(world_has_all(&w, 40, 41));
  }
  IT("sends nothing under a number that was bound to as many other bytes, before it is bound anew") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 1);
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
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("tells what is left of a rotten batch under the number that it had, where the platform still waits for that one") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    world_link(&w, false);
    world_scan_many(&w, 0, 3);
    world_link(&w, true);
    uint32_t seq = w.platform.next_seq;
    world_flip(&w, "item-00", 7);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_refuse(&w, MSG_EVENTS, "seq", 409, seq);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "item-00"), 0);
    CHECK(world_has_all(&w, 1, 3));
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("tells what could not be read when the power came back, and can be later, and counts none of it below zero") {
    begin();
    world_link(&w, false);
    world_scan_many(&w, 0, 33);
    for (unsigned i = 4; i < 10u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "item-%02u", i);
      world_flip(&w, code, strlen(code));
    }
    world_reboot(&w);
    CHECK_EQ(w.cart.trip.pending, 28);
    for (unsigned i = 4; i < 10u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "item-%02u", i);
      code[6] = (char)(code[6] ^ 0x20);
      world_flip(&w, code, strlen(code));
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
    CHECK(world_has_all(&w, 0, 33));
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK_EQ(w.cart.display.pending, 0);
  }
}

static void summaries(void) {
  IT("keeps what waits when the trip is summed up before it was told, over a power loss") {
    begin();
    world_hand_over(&w);
    world_link(&w, false);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    begin();
    world_hand_over(&w);
    w.wire = WIRE_LOSES_ANSWER;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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

int main(void) {
  power();
  rotten();
  summaries();
  return check_report("test_cart_power");
}
