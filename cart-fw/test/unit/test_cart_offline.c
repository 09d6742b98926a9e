/* No link: what is scanned is kept, and sent once when it is back. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
  world_shop(&w);
}

static void offline(void) {
  IT("keeps scans without a link, shows them as pending, and sends them in batches when it is back") {
    begin();
    world_link(&w, false);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    world_scan_many(&w, 0, 100);
    CHECK_EQ(w.cart.display.pending, 100);
    CHECK_EQ(w.cart.display.screen, SCREEN_OFFLINE);
    size_t before = w.platform.requests[MSG_EVENTS];
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.pending, 0);
    CHECK(world_has_all(&w, 0, 100));
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
    world_scan_many(&w, 0, 1);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_wait(&w, 1500);
    CHECK_EQ(w.cart.state, CART_OFFLINE_HOLD);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINK);
    world_scan_many(&w, 1, 5);
    w.wire = WIRE_GOOD;
    world_wait(&w, 9000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK(world_has_all(&w, 0, 5));
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
    world_scan_many(&w, 0, 1);
    world_scan_many(&w, 1, 3);
    world_wait(&w, 3000);
    CHECK(world_has_all(&w, 0, 3));
  }
  IT("does not send while the network is gone, and goes on with the same frame") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    world_scan_many(&w, 0, 1);
    world_link(&w, false);
    w.wire = WIRE_GOOD;
    size_t before = w.platform.requests[MSG_EVENTS];
    world_wait(&w, 5000);
    CHECK_EQ(w.platform.requests[MSG_EVENTS], before);
    world_link(&w, true);
    world_wait(&w, 1000);
    CHECK(world_has_all(&w, 0, 1));
  }
  IT("drops an answer that nobody waits for any more") {
    begin();
    world_tell(&w, CART_EV_NO_REPLY, false, 0);
    cart_event late = {.kind = CART_EV_REPLY};
    late.reply.status = 200;
    world_feed(&w, &late);
    world_tell(&w, CART_EV_SIGNED, true, 0);
    world_tell(&w, CART_EV_READ_END, true, 0);
    world_tell(&w, CART_EV_APPENDED, true, 0);
    cart_event record = {.kind = CART_EV_RECORD, .type = RECORD_EVENT, .number = 1};
    world_feed(&w, &record);
    world_tell(&w, CART_EV_UPDATED, true, 0);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("takes a request for lost that the runtime never spoke of again") {
    begin();
    w.wire = WIRE_HOLDS;
    world_scan_many(&w, 0, 1);
    world_wait(&w, 30500);
    w.wire = WIRE_GOOD;
    world_wait(&w, 3000);
    CHECK(world_has_all(&w, 0, 1));
  }
}

int main(void) {
  offline();
  return check_report("test_cart_offline");
}
