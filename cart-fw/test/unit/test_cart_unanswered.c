/* Who the shopper is, where the link or a fault cuts in: the number of each frame is settled, and nothing is kept. */
#include "_world.h"
#include "check.h"

#define TOKEN "TokenOf24Characters12345"
#define LOYALTY "LOYAL-777-888"
#define PAIRING "ABCDEFGHJKMNPQRSTVWXYZ2345"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void element(bool ok) {
  cart_event event = {.kind = CART_EV_ELEMENT, .ok = ok};
  world_feed(&w, &event);
}

static size_t identities(void) { return w.platform.requests[MSG_IDENTITY]; }

static void no_link(void) {
  IT("holds a token for 60 s without a link, then forgets it: tap again") {
    begin();
    world_link(&w, false);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 59000);
    CHECK(world_holds(&w, TOKEN));
    world_wait(&w, 1500);
    CHECK(!world_holds(&w, TOKEN));
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    world_link(&w, true);
    world_wait(&w, 1000);
    CHECK_EQ(identities(), 0);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
  }
  IT("sends it when the link comes back in time") {
    begin();
    world_link(&w, false);
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 30000);
    world_link(&w, true);
    CHECK_EQ(identities(), 1);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("repeats the same bytes until an answer comes") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    w.wire_for = 2;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 3000);
    CHECK_EQ(identities(), 3);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK_EQ(w.platform.frame_count, 2);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("settles the number of one that was sent and never answered by an unlink, so that tap again is true") {
    begin();
    w.wire = WIRE_LOSES_ANSWER;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 61000);
    CHECK(!world_holds(&w, TOKEN));
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    w.wire = WIRE_GOOD;
    w.platform.identity = MSG_NOT_LINKED;
    world_wait(&w, 9000);
    CHECK(!w.cart.identity.unlink);
    world_scan(&w, "after");
    world_wait(&w, 9000);
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK_EQ(w.platform.frames[w.platform.frame_count - 2u].message, MSG_IDENTITY);
  }
  IT("settles it as well where the platform never got it") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 61000);
    w.wire = WIRE_GOOD;
    w.platform.identity = MSG_NOT_LINKED;
    world_wait(&w, 9000);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("waits for the answer of one whose time ends while it is on the way") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 51000);
    w.wire = WIRE_HOLDS;
    while (!w.has_held) {
      world_tick(&w, 100);
    }
    w.now_ms += 10000;
    world_tick(&w, 0);
    CHECK(w.cart.flight.secret);
    CHECK(!world_holds(&w, TOKEN));
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.display.nickname.size, 3);
  }
  IT("shows no digits where it can't ask any more whether they were confirmed") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    w.wire = WIRE_HOLDS;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    w.now_ms += 60000;
    w.cart.flight.sent_ms = w.now_ms;
    world_tick(&w, 0);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.display.digits[0], 0);
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    CHECK(!w.cart.identity.polls);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.renumbered, 0);
  }
  IT("and settles its number when none comes") {
    begin();
    w.wire = WIRE_HOLDS;
    world_secret(&w, SECRET_CARD, TOKEN);
    w.now_ms += 61000;
    w.cart.flight.sent_ms = w.now_ms;
    world_tick(&w, 0);
    CHECK(w.cart.flight.secret);
    w.has_held = false;
    w.wire = WIRE_GOOD;
    w.platform.identity = MSG_NOT_LINKED;
    cart_event lost = {.kind = CART_EV_NO_REPLY};
    world_feed(&w, &lost);
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_LINKED);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("does not poll for what is no longer there, and lets a poll that fails end there") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    w.wire = WIRE_LOSES_REQUEST;
    world_wait(&w, 61000);
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    CHECK(!w.cart.identity.unlink);
    w.wire = WIRE_GOOD;
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("waits for a signature no longer than the secret lives") {
    begin();
    w.element_silent = true;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 61000);
    CHECK(!world_holds(&w, TOKEN));
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    CHECK(!w.cart.identity.unlink);
    w.element_silent = false;
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
  }
}

static void cut_off(void) {
  IT("settles the number of one that a fault cut off while it was on the way") {
    begin();
    w.wire = WIRE_HOLDS;
    world_secret(&w, SECRET_CARD, TOKEN);
    w.wire = WIRE_GOOD;
    element(false);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!world_holds(&w, TOKEN));
    CHECK(w.cart.identity.unlink);
    element(true);
    w.platform.identity = MSG_NOT_LINKED;
    world_wait(&w, 61000);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK(!w.cart.identity.unlink);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("unlinks after what a fault cut off, not under its number") {
    begin();
    w.wire = WIRE_HOLDS;
    world_scan(&w, "2");
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    element(false);
    CHECK_EQ(w.cart.state, CART_FAULT);
    element(true);
    w.wire = WIRE_GOOD;
    w.platform.identity = MSG_NOT_LINKED;
    world_wait(&w, 61000);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK_EQ(world_taken(&w, "2"), 1);
    CHECK_EQ(identities(), 1);
  }
  IT("has no number to settle of one that was never sent") {
    begin();
    w.element_silent = true;
    world_secret(&w, SECRET_CARD, TOKEN);
    element(false);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!world_holds(&w, TOKEN));
    CHECK(!w.cart.identity.unlink);
  }
  IT("forgets one that the element would not sign for, with nothing to settle") {
    begin();
    w.element_fails = true;
    world_secret(&w, SECRET_CARD, TOKEN);
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!world_holds(&w, TOKEN));
    CHECK(!w.cart.identity.unlink);
    CHECK_EQ(identities(), 0);
  }
}

int main(void) {
  no_link();
  cut_off();
  return check_report("test_cart_unanswered");
}
