/* What comes over the air or a line and goes on in a message is text, or it is nothing: bytes that are none lock nobody up. */
#include "_world.h"
#include "check.h"

static world w;

static void shopping(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void terminals(void) {
  IT("a terminal whose name is no text is not there") {
    shopping();
    world_see(&w, CART_TERMINAL, "T\xff");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
    CHECK_EQ(w.platform.requests[MSG_CHECKOUT], 0);
  }
  IT("and does not take the place of one that is") {
    world_see(&w, CART_TERMINAL, "TERM-1");
    world_see(&w, CART_TERMINAL, "\xc3");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.platform.requests[MSG_CHECKOUT], 1);
    CHECK_EQ(w.order.terminal.size, 6);
  }
}

static void references(void) {
  IT("a reference that is no text counts as none: the platform is asked all the same") {
    shopping();
    world_hand_over(&w);
    w.platform.outcome = MSG_APPROVED;
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH-\xff\xfe");
    world_wait(&w, 2000);
    CHECK_EQ(w.platform.requests[MSG_PAYMENT], 1);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("and so it is after a power loss") {
    shopping();
    world_hand_over(&w);
    w.platform.outcome = MSG_APPROVED;
    w.wire = WIRE_LOSES_REQUEST;
    w.wire_for = 1;
    world_pay(&w, CART_TERMINAL_APPROVED, "\x80");
    world_reboot(&w);
    world_see(&w, CART_BEACON, "BEACON-1");
    world_link(&w, true);
    world_wait(&w, 60000);
    CHECK(w.platform.requests[MSG_PAYMENT] >= 1u);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

static void readers(void) {
  IT("a reader's serial that is no text is none, and the cart still proves where it is") {
    cart_event event = {.kind = CART_EV_READER_SERIAL, .bytes = fw_bytes_view((const uint8_t *)"\xff\xff", 2)};
    world_init(&w);
    world_start(&w);
    world_feed(&w, &event);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(w.platform.requests[MSG_ATTESTATION] >= 1u);
  }
}

static void codes(void) {
  IT("a code that is no text is not taken, and the next one is") {
    shopping();
    world_scan(&w, "\xff\xfe");
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "\xff\xfe"), 0);
    world_scan(&w, "4006381333931");
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "4006381333931"), 1);
  }
}

int main(void) {
  terminals();
  references();
  readers();
  codes();
  return check_report("cart_text");
}
