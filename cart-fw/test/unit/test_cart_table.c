/* The table of states: what it allows, and that it allows no trip without a store. */
#include "cart_table.h"

#include "check.h"

static bool vouched(cart_guard guard) {
  return guard == CART_ATTESTED || guard == CART_ATTESTED_TRIP || guard == CART_ATTESTED_PAYING;
}

/* What is reached from power-on by rows that need no attestation. */
static void walk_without_attestation(bool reached[CART_STATE_COUNT]) {
  size_t count;
  const cart_row *rows = cart_table(&count);
  reached[CART_BOOT] = true;
  for (size_t round = 0; round < count; round++) {
    for (size_t i = 0; i < count; i++) {
      if (reached[rows[i].from] && !vouched(rows[i].guard)) {
        reached[rows[i].to] = true;
      }
    }
  }
}

static void walk_all(bool reached[CART_STATE_COUNT]) {
  size_t count;
  const cart_row *rows = cart_table(&count);
  reached[CART_BOOT] = true;
  for (size_t round = 0; round < count; round++) {
    for (size_t i = 0; i < count; i++) {
      reached[rows[i].to] = reached[rows[i].to] || reached[rows[i].from];
    }
  }
}

int main(void) {
  size_t count;
  const cart_row *rows = cart_table(&count);
  IT("reaches nothing but LOCKED, STORE_ATTEST, UPDATING and FAULT without a store attestation") {
    bool reached[CART_STATE_COUNT] = {false};
    walk_without_attestation(reached);
    for (int state = 0; state < CART_STATE_COUNT; state++) {
      bool is_start = state == CART_BOOT || state == CART_SELFTEST;
      bool is_allowed = state == CART_LOCKED || state == CART_STORE_ATTEST || state == CART_UPDATING || state == CART_FAULT;
      CHECK_EQ(reached[state], is_start || is_allowed);
      CHECK_EQ(cart_state_is_unlocked((cart_state)state), !(is_start || is_allowed));
    }
  }
  IT("has no row from a locked state into an unlocked one that needs no attestation") {
    for (size_t i = 0; i < count; i++) {
      bool unlocks = !cart_state_is_unlocked(rows[i].from) && cart_state_is_unlocked(rows[i].to);
      CHECK(!unlocks || vouched(rows[i].guard));
    }
  }
  IT("begins a trip in READY alone, and only with an attestation that is valid then") {
    for (size_t i = 0; i < count; i++) {
      if (rows[i].to == CART_OPENING) {
        CHECK_EQ(rows[i].from, CART_READY);
        CHECK_EQ(rows[i].guard, CART_ATTESTED);
      }
    }
  }
  IT("does not let the end of an attestation end a trip") {
    for (size_t i = 0; i < count; i++) {
      bool is_trip = rows[i].from >= CART_SHOPPING && rows[i].from <= CART_CLOSING;
      CHECK(!is_trip || rows[i].signal != CART_SIG_EXPIRED);
    }
  }
  IT("updates from READY and LOCKED alone, never in a trip") {
    for (size_t i = 0; i < count; i++) {
      CHECK(rows[i].to != CART_UPDATING || rows[i].from == CART_READY || rows[i].from == CART_LOCKED);
    }
  }
  IT("leaves a payment only when it is known what became of it") {
    for (size_t i = 0; i < count; i++) {
      if (rows[i].from == CART_AWAIT_TERMINAL) {
        CHECK(rows[i].signal == CART_SIG_PAID || rows[i].signal == CART_SIG_NOT_PAID || rows[i].signal == CART_SIG_OVER ||
              rows[i].signal == CART_SIG_BARRED || rows[i].signal == CART_SIG_BROKEN);
      }
    }
  }
  IT("has a way into every state, and a way out of every state") {
    bool reached[CART_STATE_COUNT] = {false};
    bool left[CART_STATE_COUNT] = {false};
    walk_all(reached);
    for (size_t i = 0; i < count; i++) {
      left[rows[i].from] = true;
    }
    for (int state = 0; state < CART_STATE_COUNT; state++) {
      CHECK(reached[state]);
      CHECK(left[state]);
    }
  }
  IT("has the stricter row before the laxer one, or the laxer would hide it") {
    for (size_t i = 0; i < count; i++) {
      for (size_t later = i + 1u; later < count; later++) {
        bool is_same = rows[i].from == rows[later].from && rows[i].signal == rows[later].signal;
        CHECK(!is_same || rows[i].guard > rows[later].guard);
      }
    }
  }
  IT("names every state, signal and guard once") {
    for (int a = 0; a < CART_STATE_COUNT; a++) {
      for (int b = 0; b < a; b++) {
        CHECK(strcmp(cart_state_name((cart_state)a), cart_state_name((cart_state)b)) != 0);
      }
    }
    for (int a = 0; a < CART_SIGNAL_COUNT; a++) {
      CHECK(cart_signal_name((cart_signal)a)[0] != '\0');
    }
    CHECK(strcmp(cart_guard_name(CART_ATTESTED), "attested") == 0);
  }
  return check_report("test_cart_table");
}
