/*
 * Whatever happens in whatever order, with requests and answers lost and the power failing: no scan that was counted is
 * lost or told twice, no number is used for two contents, and no trip begins without a store.
 */
#include <stdio.h>
#include <stdlib.h>

#include "_world.h"
#include "check.h"

#define RUNS 60u
#define STEPS 220u
#define SCANS 1000u

static world w;
static uint32_t chance_state;
static bool counted[SCANS]; /* in the trip that is open */
static unsigned scans;
static unsigned first_of_trip;
static unsigned trips;
static unsigned paid;
static unsigned renumbered;

static uint32_t chance(uint32_t most) {
  chance_state ^= chance_state << 13;
  chance_state ^= chance_state >> 17;
  chance_state ^= chance_state << 5;
  return chance_state % most;
}

static void code_of(unsigned number, char code[16]) { (void)snprintf(code, 16, "s%05u", number); }

/* What was acknowledged to the shopper: the journal has it. */
static void scan(void) {
  char code[16];
  if (scans >= SCANS) {
    return;
  }
  code_of(scans, code);
  uint32_t newest = w.cart.trip.newest_id;
  bool was_ready = w.cart.state == CART_READY;
  world_scan(&w, code);
  counted[scans] = !was_ready && w.cart.trip.open && w.cart.trip.newest_id > newest;
  scans++;
}

static void check_trip(bool complete) {
  for (unsigned i = first_of_trip; i < scans; i++) {
    char code[16];
    code_of(i, code);
    size_t taken = world_taken(&w, code);
    CHECK(taken <= 1u);
    if (complete && counted[i]) {
      CHECK_EQ(taken, 1);
    }
  }
}

static void forget_trip(void) { first_of_trip = scans; }

static void disturb(void) {
  static const world_wire WIRES[] = {WIRE_GOOD, WIRE_LOSES_REQUEST, WIRE_LOSES_ANSWER, WIRE_BROKEN_ANSWER};
  w.wire = WIRES[chance(4)];
  w.wire_for = 1u + chance(4);
}

static void one_thing(void) {
  switch (chance(24)) {
    case 0: case 1: case 2: case 3: case 4: case 5:
      scan();
      break;
    case 6:
      disturb();
      break;
    case 7:
      world_link(&w, chance(2) == 0u);
      break;
    case 8:
      world_reboot(&w);
      world_link(&w, true);
      world_see(&w, CART_BEACON, "us-demo");
      break;
    case 9: case 10: case 11:
      world_unlock(&w);
      break;
    case 12:
      world_secret(&w, SECRET_LOYALTY, "LOYAL-1");
      break;
    case 13:
      world_key(&w, DISPLAY_KEY_UNLINK, "");
      break;
    case 14:
      world_weigh(&w, (int32_t)chance(4000));
      break;
    case 15:
      world_hand_over(&w);
      break;
    case 16:
      world_pay(&w, (cart_terminal_outcome)chance(4), "R");
      break;
    case 17:
      world_key(&w, DISPLAY_KEY_REMOVE, "1");
      break;
    case 18:
      w.platform.outcome = (msg_outcome)chance(4);
      w.platform.identity = (msg_identity_status)chance(3);
      break;
    case 19:
      world_key(&w, DISPLAY_KEY_CANCEL, "");
      break;
    case 20:
      world_secret(&w, SECRET_PAIRING, "PAIRING-1");
      break;
    case 21:
      /* While the person is still to confirm. */
      w.platform.identity = MSG_TO_BE_CONFIRMED;
      world_secret(&w, SECRET_PAIRING, "PAIRING-2");
      world_key(&w, DISPLAY_KEY_UNLINK, "");
      w.platform.identity = MSG_NOT_LINKED;
      break;
    default:
      world_wait(&w, 250u + chance(20000));
      break;
  }
}

/* With a good link and time, everything that was counted arrives. */
static void settle(void) {
  w.wire = WIRE_GOOD;
  w.platform.identity = MSG_NOT_LINKED;
  for (unsigned round = 0; round < 8u; round++) {
    world_unlock(&w);
    world_wait(&w, 15000);
  }
}

static void run(uint32_t seed) {
  chance_state = seed * 2654435761u + 1u;
  world_init(&w);
  world_start(&w);
  (void)memset(counted, 0, sizeof counted);
  scans = 0;
  forget_trip();
  for (unsigned i = 0; i < STEPS; i++) {
    bool was_open = w.cart.trip.open;
    size_t opened = w.platform.requests[MSG_OPEN];
    one_thing();
    check_trip(false);
    if (w.platform.requests[MSG_OPEN] != opened || (was_open && !w.cart.trip.open)) {
      /* Another trip: the platform's list began anew. */
      trips++;
      paid += w.cart.display.receipt_size != 0u ? 1u : 0u;
      forget_trip();
    }
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK_EQ(w.platform.reused, 0);
    CHECK(!w.illegal);
  }
  if (w.cart.trip.open) {
    settle();
    if (w.cart.trip.open) {
      check_trip(true);
      CHECK_EQ(w.cart.trip.pending, 0);
    }
  }
  CHECK_EQ(w.platform.equivocations, 0);
  CHECK_EQ(w.platform.reused, 0);
  renumbered += w.platform.renumbered;
  CHECK_EQ(w.flash.violations, 0);
  CHECK(w.most_effects < CART_EFFECTS_MAX);
}

int main(int count, char **arguments) {
  uint32_t first = count > 1 ? (uint32_t)atoi(arguments[1]) : 1u;
  uint32_t runs = count > 2 ? (uint32_t)atoi(arguments[2]) : RUNS;
  for (uint32_t seed = first; seed < first + runs; seed++) {
    IT("loses no scan that was counted, tells none twice, and uses no number twice, whatever happens") {
      unsigned before = check_failures;
      run(seed);
      if (check_failures != before) {
        (void)fprintf(stderr, "seed %u\n", (unsigned)seed);
        return check_report("test_cart_random");
      }
    }
  }
  CHECK(trips > 0u);
  CHECK(paid > 0u);
  CHECK(renumbered > 0u);
  (void)printf("%u trips, %u paid, %u frames renumbered\n", trips, paid, renumbered);
  return check_report("test_cart_random");
}
