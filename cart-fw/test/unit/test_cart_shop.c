/* A trip's beginning and end, and what a journal that takes no more means for it. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

static size_t taken_of_kind(uint8_t kind) {
  size_t count = 0;
  for (size_t i = 0; i < w.platform.event_count; i++) {
    count += w.platform.events[i].kind == kind ? 1u : 0u;
  }
  return count;
}

/* Without a link. How many the journal took. */
static unsigned scan_until_full(void) {
  unsigned kept = 0;
  world_link(&w, false);
  while (w.cart.display.notice != NOTICE_MEMORY_FULL && kept < WORLD_EVENTS) {
    kept = w.cart.display.pending;
    world_scan(&w, "goods");
  }
  return kept;
}

static void opening(void) {
  IT("begins a trip by a key, and shows no receipt of the trip before") {
    begin();
    world_unlock(&w);
    w.cart.display.receipt_size = 22;
    world_key(&w, DISPLAY_KEY_OK, "");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.receipt_size, 0);
    world_key(&w, DISPLAY_KEY_OK, "");
    CHECK_EQ(w.platform.requests[MSG_OPEN], 1);
  }
  IT("keeps the store's tolerance of weight, the most that it can where a store names more") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    CHECK_EQ(w.cart.trip.tolerance_g, 30);
    begin();
    w.platform.tolerance_g = UINT64_C(0x100000000);
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.trip.tolerance_g, UINT32_MAX);
    world_reboot(&w);
    CHECK_EQ(w.cart.trip.tolerance_g, UINT32_MAX);
  }
  IT("begins none without a link, and says so") {
    begin();
    world_unlock(&w);
    world_link(&w, false);
    world_scan(&w, "1");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINK_READY);
    world_key(&w, DISPLAY_KEY_OK, "");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINK_READY);
  }
  IT("gives up an opening that nobody answers, without a trip") {
    begin();
    world_unlock(&w);
    w.wire = WIRE_LOSES_REQUEST;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_OPENING);
    world_scan(&w, "2");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    world_wait(&w, 30000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!w.cart.trip.open);
    CHECK_EQ(w.cart.first_code_size, 0);
  }
  IT("goes back when the platform will not open: another session's payment is under way") {
    begin();
    world_unlock(&w);
    world_refuse(&w, MSG_OPEN, "state", 409, 0);
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
  }
  IT("is locked when the platform knows of no attestation") {
    begin();
    world_unlock(&w);
    world_refuse(&w, MSG_OPEN, "wrong_store", 403, 0);
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK(!cart_is_attested(&w.cart));
  }
  IT("asks again for an opening whose answer was broken, and opens once") {
    begin();
    world_unlock(&w);
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_OPENING);
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("asks for a nonce where it has none") {
    begin();
    world_unlock(&w);
    w.cart.evidence.nonce_until_ms = 0;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.platform.requests[MSG_HELLO], 2);
  }
}

static void ending(void) {
  IT("ends a trip without goods") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    world_key(&w, DISPLAY_KEY_END, "");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(w.platform.over);
    CHECK_EQ(w.effects[CART_FX_LINK_CLOSE], 1);
  }
  IT("ends none with goods in the basket, nor with scans that wait, nor outside shopping") {
    begin();
    world_key(&w, DISPLAY_KEY_END, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_WAIT);
    world_shop(&w);
    world_key(&w, DISPLAY_KEY_END, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_EMPTY);
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    w.wire = WIRE_LOSES_REQUEST;
    world_scan(&w, "2");
    world_key(&w, DISPLAY_KEY_END, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_EMPTY);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("goes on shopping when the platform knows of goods") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    world_refuse(&w, MSG_CLOSE, "state", 409, 0);
    world_key(&w, DISPLAY_KEY_END, "");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_EMPTY);
  }
  IT("asks for the end again when its answer was broken") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 1;
    world_key(&w, DISPLAY_KEY_END, "");
    world_wait(&w, 1000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.equivocations, 0);
  }
  IT("is over when the platform says so, by whomever") {
    begin();
    world_shop(&w);
    w.platform.over = true;
    world_scan(&w, "2");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.display.notice, NOTICE_OVER);
    CHECK(!w.cart.trip.open);
    CHECK(cart_is_drained(&w.cart));
  }
}

static void the_journal(void) {
  IT("says that its memory is full and takes no further item, but for a fault") {
    begin();
    world_shop(&w);
    w.journal_full = true;
    world_scan(&w, "2");
    CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
    CHECK_EQ(world_taken(&w, "2"), 0);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    w.journal_full = false;
    world_tick(&w, 250);
    world_scan(&w, "3");
    CHECK_EQ(world_taken(&w, "3"), 1);
  }
  IT("tells once that its memory is full, however often it is scanned, and once more when it was emptied and filled again") {
    world_init_flash(&w, 1024, 8);
    world_start(&w);
    world_shop(&w);
    for (unsigned round = 1; round <= 2u; round++) {
      unsigned kept = scan_until_full();
      CHECK_EQ(w.cart.display.pending, kept + 1u);
      for (unsigned i = 0; i < 30u; i++) {
        world_scan(&w, "more");
        world_weigh(&w, 100);
      }
      CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
      CHECK_EQ(w.cart.display.pending, kept + 1u);
      world_link(&w, true);
      world_wait(&w, 9000);
      CHECK_EQ(w.cart.state, CART_SHOPPING);
      CHECK_EQ(taken_of_kind(MSG_EVENT_FAULT), round);
      CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_JOURNAL_FULL);
    }
  }
  IT("is out of order when not even a number can be noted") {
    begin();
    world_shop(&w);
    w.wire = WIRE_LOSES_REQUEST;
    world_scan(&w, "2");
    w.journal_full = true;
    w.cart.flight.phase = FLIGHT_NONE;
    w.cart.trip.bound.has = false;
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_FAULT);
  }
  IT("is out of order when its flash is") {
    begin();
    world_shop(&w);
    w.journal_breaks = true;
    world_scan(&w, "2");
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_BROKEN);
    world_tell(&w, CART_EV_APPENDED, false, 0);
    world_wait(&w, 90000);
    CHECK_EQ(w.cart.state, CART_FAULT);
  }
}

int main(void) {
  opening();
  ending();
  the_journal();
  return check_report("test_cart_shop");
}
