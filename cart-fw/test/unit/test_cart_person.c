/* Who the shopper is: told once, held for 60 s at most, nowhere afterwards. */
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

static size_t identities(void) { return w.platform.requests[MSG_IDENTITY]; }

static void three_ways(void) {
  IT("links by a loyalty number that is scanned after its key, or typed") {
    begin();
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_LOYALTY);
    world_scan(&w, LOYALTY);
    CHECK_EQ(identities(), 1);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK_EQ(w.cart.display.notice, NOTICE_LINKED);
    CHECK_EQ(world_taken(&w, LOYALTY), 0);
    CHECK(!world_holds(&w, LOYALTY));
    begin();
    world_key(&w, DISPLAY_KEY_LOYALTY, LOYALTY);
    CHECK_EQ(identities(), 1);
    CHECK(!world_holds(&w, LOYALTY));
  }
  IT("links by a card's token, with the reader armed by the key and disarmed by the card") {
    begin();
    world_key(&w, DISPLAY_KEY_CARD, "");
    CHECK_EQ(w.effects[CART_FX_READER], 1);
    world_secret(&w, SECRET_CARD, TOKEN);
    CHECK_EQ(w.effects[CART_FX_READER], 2);
    CHECK_EQ(identities(), 1);
    CHECK(!world_holds(&w, TOKEN));
    CHECK(!world_holds(&w, "TokenOf24"));
  }
  IT("links by a phone's code: shows two digits, and asks again until the person has confirmed") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_key(&w, DISPLAY_KEY_PAIR, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_PHONE);
    world_secret(&w, SECRET_PAIRING, PAIRING);
    CHECK_EQ(w.cart.display.digits[0], '4');
    CHECK_EQ(w.cart.display.digits[1], '2');
    CHECK_EQ(w.cart.display.notice, NOTICE_CONFIRM);
    world_wait(&w, 3250);
    CHECK_EQ(identities(), 2);
    CHECK_EQ(w.cart.display.digits[0], '4');
    world_scan(&w, "between");
    CHECK_EQ(world_taken(&w, "between"), 1);
    w.platform.identity = MSG_LINKED;
    world_wait(&w, 3250);
    CHECK_EQ(w.cart.display.digits[0], 0);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK(!world_holds(&w, PAIRING));
    CHECK_EQ(w.platform.equivocations, 0);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    world_wait(&w, 10000);
    CHECK_EQ(identities(), 3);
  }
  IT("asks no longer than 60 s after the code was read") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    world_wait(&w, 61000);
    size_t asked = identities();
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    CHECK_EQ(w.cart.display.digits[0], 0);
    CHECK(!world_holds(&w, PAIRING));
    world_wait(&w, 20000);
    CHECK_EQ(identities(), asked);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("is a guest when the platform does not know who it is") {
    begin();
    w.platform.identity = MSG_NOT_LINKED;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_LINKED);
    CHECK_EQ(w.cart.display.nickname.size, 0);
  }
  IT("is nobody again after unlinking") {
    begin();
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    w.platform.identity = MSG_NOT_LINKED;
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK_EQ(identities(), 2);
    CHECK_EQ(w.cart.display.nickname.size, 0);
    CHECK(!world_holds(&w, "Ada"));
  }
  IT("shows a nickname of twelve characters, without marks that steer the panel") {
    begin();
    w.platform.nickname = "A\xe2\x80\xae" "delheid";
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.nickname.size, 8);
    begin();
    w.platform.nickname = NULL;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.nickname.size, 0);
    CHECK_EQ(w.cart.display.notice, NOTICE_LINKED);
  }
  IT("begins the trip that somebody is to be known on") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_secret(&w, SECRET_CARD, TOKEN);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(identities(), 1);
  }
}

static void not_now(void) {
  IT("takes nobody in while it is locked, and keeps nothing of who tried") {
    world_init(&w);
    world_start(&w);
    world_secret(&w, SECRET_CARD, TOKEN);
    CHECK(!world_holds(&w, TOKEN));
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    world_key(&w, DISPLAY_KEY_CARD, "");
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    world_key(&w, DISPLAY_KEY_NONE, "");
    CHECK_EQ(identities(), 0);
  }
  IT("unlinks nobody once the basket is being paid for, and the payment goes its way") {
    begin();
    world_hand_over(&w);
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    CHECK_EQ(identities(), 0);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(identities(), 0);
  }
  IT("takes who somebody is before a trip and without a connection, and not while it is locked") {
    world_init(&w);
    world_start(&w);
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    CHECK_EQ(w.cart.identity.expected, SECRET_NONE);
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_LOYALTY);
    CHECK_EQ(w.cart.identity.expected, SECRET_LOYALTY);
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    CHECK_EQ(w.cart.identity.expected, SECRET_NONE);
    begin();
    world_link(&w, false);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    world_key(&w, DISPLAY_KEY_PAIR, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_PHONE);
    CHECK_EQ(w.cart.identity.expected, SECRET_PAIRING);
  }
  IT("takes what has not the form of its kind for unreadable") {
    begin();
    world_secret(&w, SECRET_CARD, "too short");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    CHECK_EQ(identities(), 0);
    CHECK(!world_holds(&w, "too short"));
  }
  IT("takes nobody else in while one is on the way") {
    begin();
    w.wire = WIRE_HOLDS;
    world_secret(&w, SECRET_CARD, TOKEN);
    w.wire = WIRE_GOOD;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    CHECK(!world_holds(&w, LOYALTY));
    world_answer(&w);
    CHECK_EQ(w.cart.display.nickname.size, 3);
  }
  IT("takes the next one in place of one that is still to be confirmed") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    w.platform.identity = MSG_LINKED;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.digits[0], 0);
    CHECK_EQ(w.cart.display.nickname.size, 3);
    CHECK(!world_holds(&w, PAIRING));
  }
  IT("forgets by the back key that a person's code was to come") {
    begin();
    world_key(&w, DISPLAY_KEY_LOYALTY, "");
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    world_scan(&w, "goods");
    CHECK_EQ(world_taken(&w, "goods"), 1);
  }
}

static void refused(void) {
  IT("forgets who was refused, and says so") {
    begin();
    world_refuse(&w, MSG_IDENTITY, "pan_detected", 422, 0);
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    CHECK(!world_holds(&w, LOYALTY));
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
  }
  IT("asks for another tap when its number was another's") {
    begin();
    w.platform.next_seq = 9;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.notice, NOTICE_TAP_AGAIN);
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    CHECK_EQ(w.cart.display.nickname.size, 3);
  }
  IT("unlinks with the next number where its own was another's") {
    begin();
    w.platform.next_seq = 9;
    w.platform.identity = MSG_NOT_LINKED;
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK(!w.cart.identity.unlink);
    CHECK_EQ(w.cart.trip.next_seq, 10);
  }
  IT("unlinks under a number of its own while a phone's code waits to be confirmed") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    w.platform.identity = MSG_NOT_LINKED;
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK_EQ(identities(), 2);
    CHECK_EQ(w.cart.trip.next_seq, w.platform.next_seq);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.renumbered, 0);
  }
  IT("gives up an unlink that is refused, so that it stands in nobody's way") {
    begin();
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    world_refuse(&w, MSG_IDENTITY, "state", 409, 0);
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK_EQ(identities(), 2);
    CHECK(!w.cart.identity.unlink);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(identities(), 2);
  }
  IT("still unlinks when the person who was on the way is refused") {
    begin();
    w.wire = WIRE_HOLDS;
    world_refuse(&w, MSG_IDENTITY, "pan_detected", 422, 0);
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    w.wire = WIRE_GOOD;
    w.platform.identity = MSG_NOT_LINKED;
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    world_answer(&w);
    CHECK_EQ(identities(), 2);
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_LINKED);
  }
  IT("asks again for an answer that was broken") {
    begin();
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    world_secret(&w, SECRET_LOYALTY, LOYALTY);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.display.nickname.size, 3);
  }
  IT("forgets everybody on the way into a fault") {
    begin();
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, PAIRING);
    w.journal_breaks = true;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!world_holds(&w, PAIRING));
    CHECK_EQ(w.cart.display.digits[0], 0);
  }
  IT("settles on its return the number of one that a fault cut off") {
    begin();
    w.wire = WIRE_HOLDS;
    world_secret(&w, SECRET_CARD, TOKEN);
    w.wire = WIRE_GOOD;
    w.has_held = false;
    world_refuse(&w, MSG_IDENTITY, "cart_quarantined", 403, 0);
    cart_event lost = {.kind = CART_EV_NO_REPLY};
    world_feed(&w, &lost);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK(!world_holds(&w, TOKEN));
    world_wait(&w, 61000);
    world_unlock(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_scan(&w, "after");
    CHECK_EQ(world_taken(&w, "after"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

static void another_trip(void) {
  IT("begins the next trip without the unlink that the last one had no time for") {
    begin();
    w.wire = WIRE_HOLDS;
    world_scan(&w, "2");
    world_key(&w, DISPLAY_KEY_UNLINK, "");
    CHECK(w.cart.identity.unlink);
    w.held.reply.status = 410;
    uint8_t over[] = "\xA1\x01\x6Csession_over";
    w.held.reply.body = fw_bytes_view(over, sizeof over - 1u);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!w.cart.identity.unlink);
    world_scan(&w, "3");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(identities(), 0);
  }
}

int main(void) {
  three_ways();
  not_now();
  refused();
  another_trip();
  return check_report("test_cart_person");
}
