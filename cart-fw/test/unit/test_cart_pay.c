/* Payment is the terminal's; the cart carries an amount there and a reference back, and never says "pay again" too soon. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void at_terminal(void) {
  begin();
  world_hand_over(&w);
  CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
}

static void handing_over(void) {
  IT("needs a terminal in reach, a link, and a trip") {
    begin();
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
    world_see(&w, CART_TERMINAL, "TERM-1");
    world_lose(&w, CART_TERMINAL, "TERM-1");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
    world_see(&w, CART_TERMINAL, "a terminal with a name that is far too long");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
    world_see(&w, CART_TERMINAL, "TERM-1");
    world_link(&w, false);
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINK);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    world_init(&w);
    world_start(&w);
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
  }
  IT("tells the platform everything that waits before the basket is frozen") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    w.wire_for = 1;
    world_scan(&w, "late");
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_HANDOFF);
    CHECK_EQ(w.platform.requests[MSG_CHECKOUT], 0);
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "late"), 1);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.effects[CART_FX_PAY], 1);
    CHECK_EQ(w.order.exponent, 2);
    CHECK_EQ(w.order.terminal.size, 6);
  }
  IT("gives the terminal nothing before the journal knows of it") {
    begin();
    w.journal_full = true;
    world_hand_over(&w);
    CHECK_EQ(w.effects[CART_FX_PAY], 0);
  }
  IT("says why the platform would not freeze the basket") {
    begin();
    world_refuse(&w, MSG_CHECKOUT, "state", 409, 0);
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_NOTHING_TO_PAY);
    w.platform.held = 2;
    world_scan(&w, "2");
    world_refuse(&w, MSG_CHECKOUT, "state", 409, 0);
    world_hand_over(&w);
    CHECK_EQ(w.cart.display.notice, NOTICE_HOLDS);
    world_refuse(&w, MSG_CHECKOUT, "invalid_field", 422, 0);
    world_hand_over(&w);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
    CHECK_EQ(w.effects[CART_FX_PAY], 0);
  }
  IT("goes back from adding up, whatever the platform answers then") {
    begin();
    w.wire = WIRE_HOLDS;
    world_hand_over(&w);
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.effects[CART_FX_PAY], 0);
    world_scan(&w, "2");
    CHECK_EQ(world_taken(&w, "2"), 1);
  }
  IT("goes back from adding up when the platform refuses then") {
    begin();
    w.wire = WIRE_HOLDS;
    world_refuse(&w, MSG_CHECKOUT, "state", 409, 0);
    world_hand_over(&w);
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("goes back when the terminal went out of reach while what waits was sent") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    w.wire_for = 1;
    world_scan(&w, "late");
    world_hand_over(&w);
    world_lose(&w, CART_TERMINAL, "TERM-1");
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
  }
  IT("asks for the basket again, as it was, when the answer was broken") {
    begin();
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    world_hand_over(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

static void the_terminal(void) {
  IT("pays, and shows the receipt's reference until the next trip") {
    at_terminal();
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.notice, NOTICE_PAID);
    CHECK_EQ(w.cart.display.receipt_size, 22);
    world_scan(&w, "next");
    CHECK_EQ(w.cart.display.receipt_size, 0);
  }
  IT("goes on shopping when it was cancelled there, and can pay later") {
    at_terminal();
    world_pay(&w, CART_TERMINAL_CANCELLED, "");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_CANCELLED);
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 0);
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("asks it to cancel by the back key, and waits for what it says") {
    at_terminal();
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    CHECK_EQ(w.effects[CART_FX_PAY_CANCEL], 1);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    world_pay(&w, CART_TERMINAL_APPROVED, "TOO-LATE");
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("asks the platform whatever the terminal says of a payment, and believes the platform") {
    at_terminal();
    w.platform.outcome = MSG_DECLINED;
    world_pay(&w, CART_TERMINAL_DECLINED, "");
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 1);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_DECLINED);
    at_terminal();
    w.platform.outcome = MSG_DECLINED;
    world_pay(&w, CART_TERMINAL_APPROVED, "FORGED");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("hears no terminal that speaks of another hand-off, or too long, or out of turn") {
    at_terminal();
    cart_event event = {.kind = CART_EV_PAYMENT};
    uint8_t other[16] = {1};
    event.payment.handoff = other;
    world_feed(&w, &event);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    world_pay(&w, CART_TERMINAL_APPROVED, "0123456789012345678901234567890123456789012345678901234567890123456789");
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 0);
    begin();
    event.payment.handoff = w.order_handoff;
    world_feed(&w, &event);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("asks a silent terminal how it stands, and leaves one that waits for a card alone") {
    at_terminal();
    world_wait(&w, 20500);
    CHECK_EQ(w.effects[CART_FX_PAY_STATUS], 1);
    world_pay(&w, CART_TERMINAL_UNKNOWN, "");
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 0);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    world_pay(&w, CART_TERMINAL_UNKNOWN, "UNDER-WAY");
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 1);
  }
}

static void unknown(void) {
  IT("never says to pay again while nobody knows: it shows that it is checking, and asks more and more slowly") {
    at_terminal();
    w.platform.outcome = MSG_PAYMENT_UNKNOWN;
    world_pay(&w, CART_TERMINAL_UNKNOWN, "");
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.cart.display.notice, NOTICE_DO_NOT_PAY);
    CHECK_EQ(w.cart.display.screen, SCREEN_CHECKING_PAYMENT);
    world_wait(&w, 60000);
    size_t asked = w.platform.requests[MSG_PAYMENT];
    CHECK(asked > 6);
    CHECK(asked < 16);
    w.platform.outcome = MSG_PAYMENT_PENDING;
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    world_key(&w, DISPLAY_KEY_CANCEL, "");
    CHECK_EQ(w.effects[CART_FX_PAY_CANCEL], 0);
    w.platform.outcome = MSG_APPROVED;
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.effects[CART_FX_PAY], 1);
  }
  IT("asks the platform when the hand-off's time is over and the terminal has said nothing") {
    begin();
    w.platform.handoff_life_ms = 5000;
    world_hand_over(&w);
    w.platform.outcome = MSG_APPROVED;
    world_wait(&w, 6000);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("does not end a hand-off by a clock that it does not have") {
    begin();
    w.platform.handoff_life_ms = 5000;
    world_hand_over(&w);
    w.cart.clock.known = false;
    world_wait(&w, 6000);
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 0);
  }
  IT("says thank you once the money is taken, and asks on for a receipt that the store still writes") {
    at_terminal();
    w.platform.has_receipt = false;
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.cart.display.screen, SCREEN_PAID);
    w.platform.has_receipt = true;
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.receipt_size, 22);
  }
  IT("goes on shopping when the platform has dropped the hand-off") {
    at_terminal();
    world_refuse(&w, MSG_PAYMENT, "state", 409, 0);
    world_pay(&w, CART_TERMINAL_APPROVED, "LATE");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_CANCELLED);
  }
  IT("asks about the hand-off before, when the platform will not freeze the basket: it may be paid") {
    at_terminal();
    world_pay(&w, CART_TERMINAL_CANCELLED, "");
    world_refuse(&w, MSG_CHECKOUT, "state", 409, 0);
    world_hand_over(&w);
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 1);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.notice, NOTICE_PAID);
    at_terminal();
    world_pay(&w, CART_TERMINAL_CANCELLED, "");
    world_refuse(&w, MSG_CHECKOUT, "state", 409, 0);
    w.platform.refuses_all = true;
    w.platform.refused_message = MSG_COUNT;
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK(!w.cart.trip.payment.has_order);
  }
  IT("asks again for an answer about money that was broken") {
    at_terminal();
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

static void power_loss(void) {
  IT("knows after a power loss that the terminal has the amount, and asks it how it stands") {
    at_terminal();
    world_reboot(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.cart.display.notice, NOTICE_DO_NOT_PAY);
    world_tick(&w, 250);
    CHECK_EQ(w.effects[CART_FX_PAY], 1);
    CHECK_EQ(w.effects[CART_FX_PAY_STATUS], 1);
    CHECK_EQ(w.order.amount_minor, 108);
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("takes what the terminal then does not know to the platform") {
    at_terminal();
    world_reboot(&w);
    world_unlock(&w);
    world_tick(&w, 250);
    world_pay(&w, CART_TERMINAL_UNKNOWN, "");
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("goes on asking the platform where it had asked before the power loss") {
    at_terminal();
    w.platform.outcome = MSG_PAYMENT_UNKNOWN;
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    world_reboot(&w);
    w.platform.outcome = MSG_APPROVED;
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.effects[CART_FX_PAY], 1);
    CHECK_EQ(w.effects[CART_FX_PAY_STATUS], 0);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

int main(void) {
  handing_over();
  the_terminal();
  unknown();
  power_loss();
  return check_report("test_cart_pay");
}
