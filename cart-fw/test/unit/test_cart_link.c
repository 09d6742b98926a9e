/* No link, lost answers, refusals, power losses: nothing that was counted is lost, nothing is told twice. */
#include <stdio.h>

#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void feed(cart_event_kind kind, bool ok, uint32_t number) {
  cart_event event = {.kind = kind, .ok = ok, .number = number};
  world_feed(&w, &event);
}

static void scan_many(unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%u", i);
    world_scan(&w, code);
  }
}

static void all_taken_once(unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%u", i);
    CHECK_EQ(world_taken(&w, code), 1);
  }
  CHECK_EQ(w.platform.equivocations, 0);
}

static void offline(void) {
  IT("keeps scans without a link, shows them as pending, and sends them in batches when it is back") {
    begin();
    world_link(&w, false);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    scan_many(0, 100);
    CHECK_EQ(w.cart.display.pending, 100);
    CHECK_EQ(w.cart.display.screen, SCREEN_OFFLINE);
    size_t before = w.platform.requests[MSG_EVENTS];
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.pending, 0);
    all_taken_once(0, 100);
    CHECK_EQ(w.platform.requests[MSG_EVENTS] - before, 4);
  }
  IT("cuts a batch where its frame is full") {
    begin();
    world_link(&w, false);
    char code[101];
    (void)memset(code, '8', 100);
    code[100] = '\0';
    for (unsigned i = 0; i < 40u; i++) {
      code[98] = (char)('0' + i / 10u);
      code[99] = (char)('0' + i % 10u);
      world_scan(&w, code);
    }
    world_link(&w, true);
    for (unsigned i = 0; i < 40u; i++) {
      code[98] = (char)('0' + i / 10u);
      code[99] = (char)('0' + i % 10u);
      CHECK_EQ(world_taken(&w, code), 1);
    }
  }
  IT("is offline after three attempts that nobody answered, and back with the first answer") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    scan_many(0, 1);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 1500);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINK);
    scan_many(1, 5);
    w.wire = WIRE_GOOD;
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    all_taken_once(0, 5);
  }
  IT("is back at once where nothing waits") {
    begin();
    world_link(&w, false);
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("sends an unanswered frame again as it was, and the platform takes it once") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    w.wire_for = 2;
    scan_many(0, 1);
    scan_many(1, 3);
    world_wait(&w, 3000);
    all_taken_once(0, 3);
  }
  IT("does not send while the network is gone, and goes on with the same frame") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    scan_many(0, 1);
    world_link(&w, false);
    w.wire = WIRE_GOOD;
    size_t before = w.platform.requests[MSG_EVENTS];
    world_wait(&w, 5000);
    CHECK_EQ(w.platform.requests[MSG_EVENTS], before);
    world_link(&w, true);
    world_wait(&w, 1000);
    all_taken_once(0, 1);
  }
  IT("drops an answer that nobody waits for any more") {
    begin();
    feed(CART_EV_NO_REPLY, false, 0);
    cart_event late = {.kind = CART_EV_REPLY};
    late.reply.status = 200;
    world_feed(&w, &late);
    feed(CART_EV_SIGNED, true, 0);
    feed(CART_EV_READ_END, true, 0);
    feed(CART_EV_APPENDED, true, 0);
    cart_event record = {.kind = CART_EV_RECORD, .type = RECORD_EVENT, .number = 1};
    world_feed(&w, &record);
    feed(CART_EV_UPDATED, true, 0);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("takes a request for lost that the runtime never spoke of again") {
    begin();
    w.wire = WIRE_HOLDS;
    scan_many(0, 1);
    world_wait(&w, 30500);
    w.wire = WIRE_GOOD;
    world_wait(&w, 3000);
    all_taken_once(0, 1);
  }
}

static void refusals(void) {
  IT("waits as long as a busy server asks") {
    begin();
    w.platform.retry_after_s = 20;
    world_refuse(&w, MSG_EVENTS, "unavailable", 503, 0);
    scan_many(0, 1);
    w.platform.retry_after_s = 0;
    world_wait(&w, 19000);
    CHECK_EQ(world_taken(&w, "item-0"), 0);
    world_wait(&w, 2000);
    all_taken_once(0, 1);
  }
  IT("waits where it has asked too much, and where somebody between answers for the platform") {
    begin();
    world_refuse(&w, MSG_EVENTS, "too_many", 429, 0);
    scan_many(0, 1);
    world_wait(&w, 1000);
    all_taken_once(0, 1);
    world_refuse(&w, MSG_EVENTS, "", 0, 0);
    scan_many(1, 2);
    world_wait(&w, 1000);
    all_taken_once(0, 2);
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    scan_many(2, 3);
    world_wait(&w, 1000);
    all_taken_once(0, 3);
    world_refuse(&w, MSG_EVENTS, "no such code", 400, 0);
    scan_many(3, 4);
    world_wait(&w, 1000);
    all_taken_once(0, 4);
  }
  IT("signs anew what was refused for its signature, and waits longer each time that it is") {
    begin();
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    unsigned before = w.effects[CART_FX_SIGN];
    scan_many(0, 1);
    world_wait(&w, 1000);
    all_taken_once(0, 1);
    CHECK_EQ(w.effects[CART_FX_SIGN] - before, 2);
    w.platform.refuses_all = true;
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    size_t asked = w.platform.requests[MSG_EVENTS];
    scan_many(1, 2);
    world_wait(&w, 30000);
    CHECK(w.platform.requests[MSG_EVENTS] - asked < 12u);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    w.element_fails = true;
    world_wait(&w, 8000);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    w.element_fails = false;
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_wait(&w, 16000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    all_taken_once(0, 2);
  }
  IT("repeats a person's frame as it was signed: the platform knows it by all its bytes") {
    begin();
    world_refuse(&w, MSG_IDENTITY, "signature", 401, 0);
    unsigned before = w.effects[CART_FX_SIGN];
    world_secret(&w, SECRET_LOYALTY, "LOYAL-1");
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK_EQ(w.effects[CART_FX_SIGN] - before, 1);
  }
  IT("takes the number that the platform expects") {
    begin();
    w.platform.next_seq = 17;
    scan_many(0, 2);
    all_taken_once(0, 2);
    CHECK_EQ(w.cart.trip.next_seq, 19);
  }
  IT("takes that number for a frozen basket too") {
    begin();
    w.platform.next_seq = 17;
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.cart.trip.next_seq, 18);
  }
  IT("waits when it is sent from number to number, and when none is named") {
    begin();
    world_refuse(&w, MSG_EVENTS, "seq", 409, 5);
    w.platform.refuses_all = true;
    scan_many(0, 1);
    size_t asked = w.platform.requests[MSG_EVENTS];
    CHECK(asked < 8);
    world_wait(&w, 2000);
    CHECK_EQ(w.platform.requests[MSG_EVENTS], asked);
    world_refuse(&w, MSG_EVENTS, "seq", 409, 0);
    world_wait(&w, 9000);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_wait(&w, 9000);
    all_taken_once(0, 1);
  }
  IT("finds the one item that the platform will not take, and tells the rest of the batch") {
    begin();
    w.platform.poison = "item-13";
    world_link(&w, false);
    scan_many(0, 30);
    world_link(&w, true);
    world_wait(&w, 2000);
    CHECK_EQ(world_taken(&w, "item-13"), 0);
    all_taken_once(0, 13);
    all_taken_once(14, 30);
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_NOT_TAKEN);
  }
  IT("goes on with the trip where only its attestation is refused") {
    begin();
    world_refuse(&w, MSG_EVENTS, "attestation", 403, 0);
    scan_many(0, 1);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 61000);
    all_taken_once(0, 1);
  }
  IT("is out of service when two of its frames contradict each other, and goes on when staff release it") {
    begin();
    world_refuse(&w, MSG_EVENTS, "equivocation", 409, 0);
    scan_many(0, 1);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_QUARANTINED);
    world_wait(&w, 61000);
    world_unlock(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    all_taken_once(0, 1);
  }
  IT("goes on with the next number where it was no batch whose number was another frame's") {
    begin();
    world_refuse(&w, MSG_CHECKOUT, "equivocation", 409, 0);
    uint32_t seq = w.cart.trip.next_seq;
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.trip.next_seq, seq + 1u);
    CHECK(!w.cart.trip.bound.has);
    world_wait(&w, 61000);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    scan_many(0, 1);
    all_taken_once(0, 1);
  }
  IT("has no trip where the platform knows of none") {
    begin();
    world_refuse(&w, MSG_EVENTS, "no_session", 404, 0);
    scan_many(0, 1);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!w.cart.trip.open);
  }
}

static void the_element(void) {
  IT("signs again when the element did not, and is out of order when it never does") {
    begin();
    w.element_fails = true;
    scan_many(0, 1);
    w.element_fails = false;
    world_wait(&w, 1000);
    all_taken_once(0, 1);
    w.element_fails = true;
    scan_many(1, 2);
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_BROKEN);
  }
}

static void power(void) {
  IT("goes on with the trip after a power loss, and loses nothing that was pending") {
    begin();
    world_link(&w, false);
    scan_many(0, 50);
    world_reboot(&w);
    /* One more: whether the platform has it is known when it says so again. */
    CHECK_EQ(w.cart.display.pending, 51);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 1000);
    all_taken_once(0, 50);
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("sends after a power loss what was on its way as the bytes that it had") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    scan_many(0, 3);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    all_taken_once(0, 3);
  }
  IT("asks for its number after a power loss where an unnoted frame had taken it") {
    begin();
    world_secret(&w, SECRET_LOYALTY, "LOYAL-1");
    world_reboot(&w);
    world_unlock(&w);
    world_wait(&w, 1000);
    scan_many(0, 1);
    all_taken_once(0, 1);
    CHECK_EQ(w.cart.display.nickname.size, 0);
  }
  IT("does not mistake a batch in which something rotted for the one that was sent") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    scan_many(0, 3);
    for (size_t at = 0; at + 6u < sizeof w.memory; at++) {
      if (memcmp(&w.memory[at], "item-0", 6) == 0) {
        w.memory[at] = 'I' & 0x5Fu;
      }
    }
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.equivocations, 0);
    all_taken_once(1, 3);
  }
  IT("does not tell the rest of a batch twice when one of it rotted after it was taken") {
    begin();
    world_link(&w, false);
    scan_many(0, 3);
    w.wire = WIRE_LOSES_ANSWER;
    world_link(&w, true);
    all_taken_once(0, 3);
    for (size_t at = 0; at + 6u < sizeof w.memory; at++) {
      if (memcmp(&w.memory[at], "item-1", 6) == 0) {
        w.memory[at] = 'I' & 0x5Fu;
      }
    }
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    all_taken_once(0, 3);
    scan_many(3, 4);
    all_taken_once(0, 4);
  }
  IT("goes on when nothing of what waited can be read any more") {
    begin();
    world_link(&w, false);
    scan_many(0, 1);
    for (size_t at = 0; at + 6u < sizeof w.memory; at++) {
      if (memcmp(&w.memory[at], "item-0", 6) == 0) {
        w.memory[at] = 'I' & 0x5Fu;
      }
    }
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
    scan_many(1, 2);
    all_taken_once(1, 2);
  }
  IT("goes on after a power loss when nothing of what was on its way can be read any more") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    scan_many(0, 1);
    for (size_t at = 0; at + 6u < sizeof w.memory; at++) {
      if (memcmp(&w.memory[at], "item-0", 6) == 0) {
        w.memory[at] = 'I' & 0x5Fu;
      }
    }
    world_reboot(&w);
    CHECK(w.cart.trip.bound.has);
    w.wire = WIRE_GOOD;
    w.cart.sync = false;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_tick(&w, 250);
    scan_many(1, 2);
    CHECK_EQ(world_taken(&w, "item-1"), 1);
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
    scan_many(0, 1);
    all_taken_once(0, 1);
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

static void outside(void) {
  IT("tells battery and faults outside trips, numbered from 1 in each boot") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    world_key(&w, DISPLAY_KEY_HELP, "");
    CHECK_EQ(w.platform.outside_count, 2);
    CHECK_EQ(w.platform.outside[1].number, CART_FAULT_HELP);
    CHECK_EQ(w.cart.display.notice, NOTICE_HELP);
    feed(CART_EV_SIGNAL_DBM, false, 71);
    world_power(&w, false);
    w.cart.health_ms = 0;
    w.now_ms += 900000;
    world_tick(&w, 0);
    CHECK_EQ(w.platform.outside_count, 3);
    CHECK_EQ(w.platform.outside[2].kind, MSG_EVENT_HEALTH);
    CHECK(w.effects[CART_FX_ASK_SIGNAL] > 0);
    world_reboot(&w);
    world_unlock(&w);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.outside_count, 4);
    CHECK_EQ(w.platform.telemetry_seq, 1);
  }
  IT("keeps them over a power loss, as the numbers that they had") {
    world_init(&w);
    world_start(&w);
    w.wire = WIRE_LOSES_ANSWER;
    world_link(&w, true);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.outside_count, 1);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_link(&w, true);
    CHECK_EQ(w.platform.outside_count, 1);
    feed(CART_EV_TAMPER, false, 0);
    CHECK_EQ(w.platform.outside_count, 2);
    CHECK_EQ(w.cart.telemetry.answered_id, w.cart.telemetry.newest_id);
  }
  IT("takes the number that the platform expects there too") {
    world_init(&w);
    world_start(&w);
    w.platform.telemetry_boot = 1;
    w.platform.telemetry_seq = 6;
    world_link(&w, true);
    w.cart.telemetry.next_seq = 9;
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.telemetry_seq, 7);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("binds what another boot had bound anew when its number is refused") {
    world_init(&w);
    world_start(&w);
    w.wire = WIRE_LOSES_REQUEST;
    world_link(&w, true);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_refuse(&w, MSG_TELEMETRY, "seq", 409, 4);
    world_link(&w, true);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.telemetry_boot, 2);
    CHECK_EQ(w.platform.telemetry_seq, 1);
  }
  IT("leaves out what the platform will not take, without a word to the shopper") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "malformed", 400, 0);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.cart.telemetry.answered_id, w.cart.telemetry.newest_id);
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
  }
  IT("waits a while where nobody answers, and asks for a store meanwhile") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    world_wait(&w, 30000);
    world_see(&w, CART_BEACON, "us-demo");
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_wait(&w, 61000);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("asks again for an answer about them that was broken") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("waits with them where the cart has no store") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "wrong_store", 403, 0);
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.outside_count, 0);
    world_wait(&w, 61000);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("asks once a minute whether it is still barred, however much waits to be told") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "cart_revoked", 403, 0);
    w.platform.refuses_all = true;
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_REVOKED);
    world_wait(&w, 59000);
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 1);
    w.platform.refuses = false;
    world_wait(&w, 2000);
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 2);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("binds anew what is told outside a trip where its number was another frame's, and leaves the trip's number alone") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    feed(CART_EV_SCALE_TROUBLE, false, 0);
    world_wait(&w, 30000);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_shop(&w);
    w.wire = WIRE_LOSES_ANSWER;
    scan_many(0, 1);
    world_reboot(&w);
    CHECK(w.cart.trip.bound.has);
    CHECK(w.cart.telemetry.bound.has);
    uint32_t seq = w.cart.trip.next_seq;
    w.wire = WIRE_GOOD;
    world_refuse(&w, MSG_TELEMETRY, "equivocation", 409, 0);
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!w.cart.telemetry.bound.has);
    CHECK_EQ(w.cart.telemetry.next_seq, 2);
    CHECK(w.cart.trip.bound.has);
    CHECK_EQ(w.cart.trip.next_seq, seq);
    world_wait(&w, 61000);
    CHECK_EQ(w.platform.outside_count, 1);
    world_unlock(&w);
    world_wait(&w, 1000);
    all_taken_once(0, 1);
  }
  IT("tells health in a trip only while somebody does something") {
    begin();
    w.now_ms += 300000;
    world_tick(&w, 0);
    size_t after = w.platform.event_count;
    CHECK_EQ(w.platform.events[after - 1u].kind, MSG_EVENT_HEALTH);
    w.now_ms += 300000;
    world_tick(&w, 0);
    CHECK_EQ(w.platform.event_count, after);
  }
}

static void drained(void) {
  IT("has more to do while a request is under way, and while a record is being written") {
    begin();
    CHECK(cart_is_drained(&w.cart));
    w.wire = WIRE_HOLDS;
    world_scan(&w, "2");
    CHECK(!cart_is_drained(&w.cart));
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK(cart_is_drained(&w.cart));
    uint8_t code[] = {'3'};
    cart_event scan = {.kind = CART_EV_SCAN, .now_ms = w.now_ms, .text = code, .size = sizeof code};
    cart_effect effects[CART_EFFECTS_MAX];
    (void)cart_step(&w.cart, &scan, effects, CART_EFFECTS_MAX);
    CHECK(!cart_is_drained(&w.cart));
  }
  IT("has more to do while events wait for the link, of a trip and outside trips") {
    begin();
    world_link(&w, false);
    world_scan(&w, "2");
    CHECK_EQ(w.cart.trip.pending, 1);
    CHECK(!cart_is_drained(&w.cart));
    world_link(&w, true);
    world_tick(&w, 250);
    CHECK(cart_is_drained(&w.cart));
    world_init(&w);
    world_start(&w);
    feed(CART_EV_TAMPER, true, 0);
    CHECK(!cart_is_drained(&w.cart));
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
  }
}

static void updates(void) {
  IT("asks for a newer firmware on the dock, when nothing is left to be told") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_power(&w, false);
    world_tick(&w, 250);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
    world_power(&w, true);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    CHECK_EQ(w.cart.state, CART_READY);
    world_power(&w, true);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    w.now_ms += 21600000;
    w.cart.evidence.attested_until_ms = w.now_ms + 1000000;
    w.cart.evidence.renew_at_ms = w.now_ms + 1000000;
    world_tick(&w, 0);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 2);
  }
  IT("does not ask for it while a fault waits to be told") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.wire = WIRE_LOSES_REQUEST;
    feed(CART_EV_TAMPER, true, 0);
    world_wait(&w, 20000);
    w.wire = WIRE_GOOD;
    world_power(&w, true);
    world_wait(&w, 10000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.outside_count, 0);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
    world_wait(&w, 60000);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
  }
  IT("does not ask for it with a trip that was kept over a power loss") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    world_reboot(&w);
    world_power(&w, true);
    world_refuse(&w, MSG_ATTESTATION, "attestation", 403, 0);
    world_unlock(&w);
    world_wait(&w, 5000);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.failures, 1);
    CHECK(w.cart.trip.open);
    CHECK(cart_is_drained(&w.cart));
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
  }
  IT("installs it, shows how far it is, and starts it") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.platform.has_manifest = true;
    world_power(&w, true);
    CHECK_EQ(w.cart.state, CART_UPDATING);
    CHECK_EQ(w.effects[CART_FX_UPDATE], 1);
    feed(CART_EV_UPDATE_PROGRESS, false, 40);
    CHECK_EQ(w.cart.display.percent, 40);
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_UPDATING);
    feed(CART_EV_UPDATED, true, 0);
    CHECK_EQ(w.effects[CART_FX_RESET], 1);
  }
  IT("goes on as it was when an update was not installed, and says which it was") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.platform.has_manifest = true;
    world_power(&w, true);
    w.platform.has_manifest = false;
    feed(CART_EV_UPDATED, false, 3);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.outside[0].number, CART_FAULT_UPDATE);
  }
  IT("lets an image that the cell no longer trusts ask for its successor") {
    world_init(&w);
    world_start(&w);
    world_power(&w, true);
    w.platform.has_manifest = true;
    world_refuse(&w, MSG_ATTESTATION, "attestation", 403, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_UPDATING);
    feed(CART_EV_UPDATED, false, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK(!w.illegal);
  }
  IT("does not install what it was offered once it is off the dock") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.platform.has_manifest = true;
    w.wire = WIRE_HOLDS;
    world_power(&w, true);
    world_power(&w, false);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.effects[CART_FX_UPDATE], 0);
  }
  IT("asks later when it is refused or nobody answers") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_refuse(&w, MSG_FIRMWARE, "malformed", 400, 0);
    world_power(&w, true);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    w.wire = WIRE_LOSES_REQUEST;
    world_wait(&w, 60000);
    w.wire = WIRE_GOOD;
    world_wait(&w, 30000);
    CHECK(!w.cart.ask_firmware);
    CHECK_EQ(w.cart.state, CART_READY);
  }
}

int main(void) {
  offline();
  refusals();
  the_element();
  power();
  outside();
  drained();
  updates();
  return check_report("test_cart_link");
}
