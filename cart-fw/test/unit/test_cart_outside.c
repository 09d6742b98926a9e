/* What is told outside trips, and when nothing is left to be told. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void outside(void) {
  IT("tells battery and faults outside trips, numbered from 1 in each boot") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    world_key(&w, DISPLAY_KEY_HELP, "");
    CHECK_EQ(w.platform.outside_count, 2);
    CHECK_EQ(w.platform.outside[1].number, CART_FAULT_HELP);
    CHECK_EQ(w.cart.display.notice, NOTICE_HELP);
    world_tell(&w, CART_EV_SIGNAL_DBM, false, 71);
    world_power(&w, false);
    w.cart.health_ms = 0;
    w.now_ms += 900000;
    world_tick(&w, 0);
    CHECK_EQ(w.platform.outside_count, 3);
    CHECK_EQ(w.platform.outside[2].kind, MSG_EVENT_HEALTH);
    CHECK(w.effects[CART_FX_ASK_SIGNAL] > 0);
    world_reboot(&w);
    world_unlock(&w);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.outside_count, 4);
    CHECK_EQ(w.platform.telemetry_seq, 1);
  }
  IT("keeps them over a power loss, as the numbers that they had") {
    world_init(&w);
    world_start(&w);
    w.wire = WIRE_LOSES_ANSWER;
    world_link(&w, true);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.outside_count, 1);
    world_reboot(&w);
    w.wire = WIRE_GOOD;
    world_link(&w, true);
    CHECK_EQ(w.platform.outside_count, 1);
    world_tell(&w, CART_EV_TAMPER, false, 0);
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
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.telemetry_seq, 7);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("binds what another boot had bound anew when its number is refused") {
    world_init(&w);
    world_start(&w);
    w.wire = WIRE_LOSES_REQUEST;
    world_link(&w, true);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.cart.telemetry.answered_id, w.cart.telemetry.newest_id);
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
  }
  IT("waits a while where nobody answers, and asks for a store meanwhile") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.outside_count, 1);
  }
  IT("waits with them where the cart has no store") {
    world_init(&w);
    world_start(&w);
    world_link(&w, true);
    world_refuse(&w, MSG_TELEMETRY, "wrong_store", 403, 0);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    world_wait(&w, 30000);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_shop(&w);
    w.wire = WIRE_LOSES_ANSWER;
    world_scan_many(&w, 0, 1);
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
    CHECK(world_has_all(&w, 0, 1));
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

static void in_the_way(void) {
  IT("goes on when nothing of what waited outside a trip can be read any more") {
    world_init(&w);
    world_start(&w);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    journal_cursor cursor = {0};
    journal_record record;
    uint8_t bytes[JOURNAL_PAYLOAD_MAX];
    CHECK_EQ(journal_next(&w.journal, &cursor, &record, bytes, sizeof bytes), JOURNAL_OK);
    CHECK_EQ(record.type, RECORD_OUTSIDE);
    world_flip(&w, bytes, record.size);
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 0);
    world_tell(&w, CART_EV_TAMPER, false, 0);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.outside[0].number, CART_FAULT_TAMPER);
  }
  IT("closes the connection on the way into a locked state, so that no answer is taken for the next one's") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    w.wire = WIRE_HOLDS;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
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
  IT("stays in service when its memory has no room for a word from outside a trip, and says so") {
    world_init(&w);
    world_start(&w);
    w.journal_full = true;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
    w.journal_full = false;
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    world_link(&w, true);
    CHECK_EQ(w.platform.outside_count, 1);
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
    world_tell(&w, CART_EV_TAMPER, true, 0);
    CHECK(!cart_is_drained(&w.cart));
    world_link(&w, true);
    CHECK(cart_is_drained(&w.cart));
  }
}

int main(void) {
  outside();
  in_the_way();
  drained();
  return check_report("test_cart_outside");
}
