/* What each refusal of the platform means, and each answer that can't be used as it is. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void refusals(void) {
  IT("waits as long as a busy server asks") {
    begin();
    w.platform.retry_after_s = 20;
    world_refuse(&w, MSG_EVENTS, "unavailable", 503, 0);
    world_scan_many(&w, 0, 1);
    w.platform.retry_after_s = 0;
    world_wait(&w, 19000);
    CHECK_EQ(world_taken(&w, "item-00"), 0);
    world_wait(&w, 2000);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("waits where it has asked too much, and where somebody between answers for the platform") {
    begin();
    world_refuse(&w, MSG_EVENTS, "too_many", 429, 0);
    world_scan_many(&w, 0, 1);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 1));
    world_refuse(&w, MSG_EVENTS, "", 0, 0);
    world_scan_many(&w, 1, 2);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 2));
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    world_scan_many(&w, 2, 3);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 3));
    world_refuse(&w, MSG_EVENTS, "no such code", 400, 0);
    world_scan_many(&w, 3, 4);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 4));
  }
  IT("signs anew what was refused for its signature, and waits longer each time that it is") {
    begin();
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    unsigned before = w.effects[CART_FX_SIGN];
    world_scan_many(&w, 0, 1);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 1));
    CHECK_EQ(w.effects[CART_FX_SIGN] - before, 2);
    w.platform.refuses_all = true;
    world_refuse(&w, MSG_EVENTS, "signature", 401, 0);
    size_t asked = w.platform.requests[MSG_EVENTS];
    world_scan_many(&w, 1, 2);
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
    CHECK(world_has_all(&w, 0, 2));
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
    world_scan_many(&w, 0, 2);
    CHECK(world_has_all(&w, 0, 2));
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
    world_scan_many(&w, 0, 1);
    size_t asked = w.platform.requests[MSG_EVENTS];
    CHECK(asked < 8);
    world_wait(&w, 2000);
    CHECK_EQ(w.platform.requests[MSG_EVENTS], asked);
    world_refuse(&w, MSG_EVENTS, "seq", 409, 0);
    world_wait(&w, 9000);
    w.platform.refuses = false;
    w.platform.refuses_all = false;
    world_wait(&w, 9000);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("finds the one item that the platform will not take, and tells the rest of the batch") {
    begin();
    w.platform.poison = "item-13";
    world_link(&w, false);
    world_scan_many(&w, 0, 30);
    world_link(&w, true);
    world_wait(&w, 2000);
    CHECK_EQ(world_taken(&w, "item-13"), 0);
    CHECK(world_has_all(&w, 0, 13));
    CHECK(world_has_all(&w, 14, 30));
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_NOT_TAKEN);
  }
  IT("goes on with the trip where only its attestation is refused") {
    begin();
    world_refuse(&w, MSG_EVENTS, "attestation", 403, 0);
    world_scan_many(&w, 0, 1);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 61000);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("is out of service when two of its frames contradict each other, and goes on when staff release it") {
    begin();
    world_refuse(&w, MSG_EVENTS, "equivocation", 409, 0);
    world_scan_many(&w, 0, 1);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_QUARANTINED);
    world_wait(&w, 61000);
    world_unlock(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK(world_has_all(&w, 0, 1));
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
    world_scan_many(&w, 0, 1);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("has no trip where the platform knows of none") {
    begin();
    world_refuse(&w, MSG_EVENTS, "no_session", 404, 0);
    world_scan_many(&w, 0, 1);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!w.cart.trip.open);
  }
}

static void answers(void) {
  IT("asks again where an answer that it needs whole does not fit") {
    world_init(&w);
    world_start(&w);
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
    begin();
    CHECK(w.cart.display.total_known);
    w.wire = WIRE_HOLDS;
    world_scan_many(&w, 0, 1);
    w.held.reply.is_cut = true;
    world_answer(&w);
    CHECK(!w.cart.display.total_known);
    w.wire = WIRE_GOOD;
    world_scan_many(&w, 1, 2);
    CHECK(w.cart.display.total_known);
    CHECK(world_has_all(&w, 0, 2));
  }
}

static void the_element(void) {
  IT("signs again when the element did not, and is out of order when it never does") {
    begin();
    w.element_fails = true;
    world_scan_many(&w, 0, 1);
    w.element_fails = false;
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 1));
    w.element_fails = true;
    world_scan_many(&w, 1, 2);
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_BROKEN);
  }
}

int main(void) {
  refusals();
  answers();
  the_element();
  return check_report("test_cart_refusals");
}
