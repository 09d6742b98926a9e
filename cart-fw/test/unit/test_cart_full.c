/* A journal that is full to the last byte that it gives: emptied when the link is back, with nothing lost. */
#include "_world.h"
#include "check.h"

static world w;

/* A trip without a link, in a journal of so many sectors of 1 KiB. */
static void begin(uint32_t sectors) {
  world_init_flash(&w, 1024, sectors);
  world_start(&w);
  world_shop(&w);
  world_link(&w, false);
}

/* Scans until nothing more is taken. How many were. */
static unsigned fill(void) {
  unsigned count = 0;
  do {
    world_scan_many(&w, count, count + 1u);
    count++;
  } while (w.cart.display.notice == NOTICE_ADDED);
  CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
  return count - 1u;
}

/* What is kept back for faults is used up as well. */
static void fill_with_faults(void) {
  uint32_t newest = 0;
  while (w.cart.trip.newest_id != newest) {
    newest = w.cart.trip.newest_id;
    world_key(&w, DISPLAY_KEY_HELP, "");
  }
}

static void all_taken_once(unsigned count) {
  CHECK(world_has_all(&w, 0, count));
  CHECK_EQ(w.platform.renumbered, 0);
  CHECK_EQ(w.flash.violations, 0);
  CHECK_EQ(w.cart.trip.pending, 0);
}

/* Room again for a whole trip, and nothing that a power loss would bring back. */
static void is_empty(void) {
  world_scan(&w, "one more");
  CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
  CHECK_EQ(world_taken(&w, "one more"), 1);
  world_reboot(&w);
  CHECK(w.cart.trip.open);
  CHECK(w.cart.trip.pending <= CART_BATCH_MAX);
}

static void of_a_trip(void) {
  IT("is emptied when the link is back: every scan once, and never out of order") {
    static const uint32_t SECTORS[] = {8u, 64u};
    for (unsigned i = 0; i < 2u; i++) {
      begin(SECTORS[i]);
      unsigned count = fill();
      CHECK(count > 12u * SECTORS[i]);
      world_link(&w, true);
      CHECK_EQ(w.cart.state, CART_SHOPPING);
      all_taken_once(count);
      is_empty();
    }
  }
  IT("is emptied as well where faults have used up what was kept back for them") {
    begin(64);
    unsigned count = fill();
    fill_with_faults();
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    all_taken_once(count);
    is_empty();
  }
  IT("goes on being emptied after a power loss, with what is left") {
    begin(64);
    unsigned count = fill();
    w.wire = WIRE_HOLDS;
    world_link(&w, true);
    for (unsigned batch = 0; batch < 20u; batch++) {
      world_answer(&w);
    }
    uint32_t pending = w.cart.trip.pending;
    CHECK(pending > 0u);
    world_reboot(&w);
    CHECK(w.cart.trip.open);
    CHECK(w.cart.trip.pending <= pending + 5u * CART_BATCH_MAX);
    w.wire = WIRE_GOOD;
    world_unlock(&w);
    world_wait(&w, 1000);
    all_taken_once(count);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
  }
  IT("is paid for only once all of it is told, whatever is summed up meanwhile") {
    begin(64);
    unsigned count = fill();
    world_see(&w, CART_TERMINAL, "TERM-1");
    w.wire = WIRE_HOLDS;
    world_link(&w, true);
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    world_key(&w, DISPLAY_KEY_PAY, "");
    CHECK_EQ(w.cart.state, CART_HANDOFF);
    while (w.platform.requests[MSG_CHECKOUT] == 0u) {
      CHECK_EQ(w.cart.state, CART_HANDOFF);
      CHECK_EQ(w.effects[CART_FX_PAY], 0);
      world_answer(&w);
    }
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_AWAIT_TERMINAL);
    CHECK_EQ(w.effects[CART_FX_PAY], 1);
    all_taken_once(count);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    CHECK_EQ(w.cart.state, CART_READY);
  }
}

static void outside(void) {
  IT("is emptied of what happened outside trips, and is not filled by what was told") {
    world_init_flash(&w, 1024, 8);
    world_start(&w);
    uint32_t newest = 0;
    do {
      newest = w.cart.telemetry.newest_id;
      world_tell(&w, CART_EV_TAMPER, false, 0);
    } while (w.cart.telemetry.newest_id != newest);
    uint32_t count = w.cart.telemetry.pending;
    CHECK(count > 90u);
    CHECK_EQ(w.cart.display.notice, NOTICE_MEMORY_FULL);
    world_link(&w, true);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.platform.outside_count, count);
    for (unsigned i = 0; i < 400u; i++) {
      world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    }
    CHECK_EQ(w.platform.outside_count, count + 400u);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.platform.renumbered, 0);
    CHECK_EQ(w.flash.violations, 0);
  }
  IT("keeps what is to be told of a trip while something outside it is told") {
    world_init(&w);
    world_start(&w);
    world_unlock(&w);
    world_refuse(&w, MSG_TELEMETRY, "unavailable", 503, 0);
    w.platform.refuses_all = true;
    world_tell(&w, CART_EV_TAMPER, false, 0);
    world_wait(&w, 30000);
    w.platform.refuses = false;
    world_shop(&w);
    world_link(&w, false);
    world_scan(&w, "item-00");
    world_reboot(&w);
    world_link(&w, true);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.acknowledged, w.cart.trip.record_id - 1u);
    world_reboot(&w);
    CHECK(w.cart.trip.open);
    world_unlock(&w);
    world_wait(&w, 1000);
    CHECK_EQ(world_taken(&w, "item-00"), 1);
    CHECK_EQ(w.platform.outside_count, 1);
  }
}

int main(void) {
  of_a_trip();
  outside();
  return check_report("test_cart_full");
}
