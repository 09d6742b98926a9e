/* Where the cart is: leaving the store with goods, and the terminal that it stands at. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

/* An event whose effects are not carried out yet: the driver is at work. */
static void unheard(cart_event_kind kind, const char *text) {
  static uint8_t code[8];
  cart_effect effects[CART_EFFECTS_MAX];
  size_t size = strlen(text);
  (void)memcpy(code, text, size);
  cart_event event = {.kind = kind, .now_ms = w.now_ms, .text = code, .size = size};
  (void)cart_step(&w.cart, &event, effects, CART_EFFECTS_MAX);
}

static void full(void) {
  cart_event event = {.kind = CART_EV_APPENDED, .status = CART_JOURNAL_FULL};
  world_feed(&w, &event);
}

static size_t taken_of_kind(uint8_t kind) {
  size_t count = 0;
  for (size_t i = 0; i < w.platform.event_count; i++) {
    count += w.platform.events[i].kind == kind ? 1u : 0u;
  }
  return count;
}

/* A terminal, as loud as this. */
static void hear(const char *id, int dbm) {
  cart_event event = {
      .kind = CART_EV_SEEN, .device = CART_TERMINAL, .bytes = fw_bytes_of_text(id), .number = (uint32_t)(0 - dbm)};
  world_feed(&w, &event);
}

static bool stands_at(const char *id) {
  return fw_bytes_equal(fw_bytes_view(w.cart.terminal, w.cart.terminal_size), fw_bytes_of_text(id));
}

static void leaving(void) {
  IT("tells of goods that leave the store unpaid, with their weight, once") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    size_t before = w.platform.event_count;
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 19000);
    CHECK_EQ(w.platform.event_count, before);
    world_wait(&w, 2000);
    CHECK_EQ(w.platform.event_count, before + 2u);
    CHECK_EQ(w.platform.events[before].number, 900);
    CHECK_EQ(w.platform.events[before + 1u].number, CART_FAULT_EXIT_UNPAID);
    CHECK_EQ(w.cart.display.notice, NOTICE_EXIT_UNPAID);
    world_wait(&w, 60000);
    CHECK_EQ(w.platform.event_count, before + 2u);
  }
  IT("tells of it where a terminal is passed on the way out") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    world_see(&w, CART_TERMINAL, "TERM-9");
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 3000);
    world_see(&w, CART_TERMINAL, "TERM-9");
    CHECK(w.cart.in_store);
    world_wait(&w, 1000);
    world_lose(&w, CART_TERMINAL, "TERM-9");
    world_wait(&w, 19000);
    CHECK(!w.cart.trip.exit_told);
    world_wait(&w, 2000);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 1);
    CHECK_EQ(w.cart.display.notice, NOTICE_EXIT_UNPAID);
  }
  IT("is in the store while a beacon is heard, whatever terminals go") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    for (unsigned round = 0; round < 30u; round++) {
      world_see(&w, CART_TERMINAL, "TERM-9");
      world_lose(&w, CART_TERMINAL, "TERM-9");
      world_see(&w, CART_BEACON, "us-demo");
      world_wait(&w, 1000);
    }
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 0);
  }
  IT("keeps the terminal that it stands at when others go out of reach") {
    begin();
    world_shop(&w);
    world_see(&w, CART_TERMINAL, "TERM-1");
    world_lose(&w, CART_TERMINAL, "TERM-2");
    world_lose(&w, CART_TERMINAL, "TERM-10");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    begin();
    world_shop(&w);
    world_see(&w, CART_TERMINAL, "TERM-1");
    world_lose(&w, CART_BEACON, "TERM-1");
    CHECK_EQ(w.cart.terminal_size, 6);
    world_lose(&w, CART_TERMINAL, "TERM-1");
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_TERMINAL);
  }
  IT("tells of it again when the cart came back and left a second time") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    CHECK(!w.cart.trip.exit_told);
    size_t before = w.platform.event_count;
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(w.platform.event_count, before + 2u);
  }
  IT("tells of it once however often goods are taken out and put back outside") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 1);
    world_weigh(&w, 10);
    world_wait(&w, 1000);
    CHECK(w.cart.trip.exit_told);
    world_weigh(&w, 900);
    world_wait(&w, 1000);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 1);
  }
  IT("tells of it as soon as the journal is free to take the weight") {
    begin();
    world_shop(&w);
    world_weigh(&w, 900);
    world_lose(&w, CART_BEACON, "us-demo");
    unheard(CART_EV_SCAN, "2");
    w.now_ms += 21000u;
    unheard(CART_EV_TICK, "");
    CHECK(!w.cart.trip.exit_told);
    CHECK(w.cart.display.notice != NOTICE_EXIT_UNPAID);
    full();
    world_tick(&w, 250);
    CHECK(w.cart.trip.exit_told);
    CHECK_EQ(w.cart.display.notice, NOTICE_EXIT_UNPAID);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_EXIT_UNPAID);
  }
  IT("tells nothing of an empty basket, nor of one that is paid") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(w.platform.event_count, 0);
    world_see(&w, CART_BEACON, "us-demo");
    world_weigh(&w, 40);
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(w.platform.event_count, 1);
    begin();
    world_shop(&w);
    w.platform.has_receipt = false;
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    world_lose(&w, CART_BEACON, "us-demo");
    world_lose(&w, CART_STAFF, "badge");
    world_wait(&w, 21000);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 0);
  }
  IT("goes by what was scanned where no scale speaks") {
    begin();
    world_shop(&w);
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 1);
  }
  IT("keeps the evidence when there is no link, and room for it when there is none for goods") {
    begin();
    world_shop(&w);
    world_link(&w, false);
    world_lose(&w, CART_BEACON, "us-demo");
    world_wait(&w, 21000);
    CHECK_EQ(w.cart.trip.pending, 2);
    world_link(&w, true);
    CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), 1);
  }
}

static void which_terminal(void) {
  IT("stands at the terminal that it hears best, not at the last one that it heard") {
    begin();
    world_shop(&w);
    hear("TERM-1", -50);
    hear("TERM-2", -45);
    CHECK(stands_at("TERM-1"));
    hear("TERM-2", -44);
    CHECK(stands_at("TERM-2"));
    hear("TERM-1", 3);
    CHECK(stands_at("TERM-1"));
  }
  IT("goes by how loud that one was when it was last heard") {
    begin();
    world_shop(&w);
    hear("TERM-1", -50);
    hear("TERM-1", -80);
    hear("TERM-2", -74);
    CHECK(stands_at("TERM-2"));
    hear("TERM-2", -40);
    world_wait(&w, 2000);
    hear("TERM-2", -40);
    world_wait(&w, 2000);
    hear("TERM-1", -50);
    CHECK(stands_at("TERM-2"));
  }
  IT("goes over to a fainter one once the other is silent for three seconds, or gone") {
    begin();
    world_shop(&w);
    hear("TERM-1", -50);
    world_wait(&w, 2750);
    hear("TERM-2", -80);
    CHECK(stands_at("TERM-1"));
    world_wait(&w, 250);
    hear("TERM-2", -80);
    CHECK(stands_at("TERM-2"));
    world_lose(&w, CART_TERMINAL, "TERM-2");
    hear("TERM-3", -90);
    CHECK(stands_at("TERM-3"));
  }
  IT("gives the amount to the terminal that the platform was told of, whichever is nearer by then") {
    begin();
    world_shop(&w);
    hear("TERM-1", -50);
    w.wire = WIRE_HOLDS;
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK(w.has_held);
    world_lose(&w, CART_TERMINAL, "TERM-1");
    hear("TERM-2", -50);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK(fw_bytes_equal(w.order.terminal, fw_bytes_of_text("TERM-1")));
  }
}

int main(void) {
  leaving();
  which_terminal();
  return check_report("test_cart_exit");
}
