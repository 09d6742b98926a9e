/* A cart's day: power on, the store, a trip with everything in it, payment, the end. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

int main(void) {
  IT("is locked until a store has vouched for it") {
    begin();
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!w.illegal);
  }
  IT("opens a trip with the first item, and tells the platform of it once") {
    begin();
    world_shop(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(world_taken(&w, "9521840000018"), 1);
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK_EQ(w.cart.display.lines_used, 1);
  }
  IT("pays at the terminal, says thank you, closes and forgets") {
    begin();
    world_shop(&w);
    world_hand_over(&w);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.order.amount_minor, 108);
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH-1");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.receipt_size, 22);
    CHECK(!w.cart.trip.open);
    CHECK(w.platform.over);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  (void)printf("most effects of a step: %zu\n", w.most_effects);
  return check_report("test_cart");
}
