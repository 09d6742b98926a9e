/* The store attestation: how it is had, what is not one, how long it lasts, what is not done without it. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

static void statement(fw_bytes bytes) {
  cart_event event = {.kind = CART_EV_STATEMENT, .bytes = bytes};
  world_feed(&w, &event);
}

static void feed(cart_event_kind kind, bool ok, uint32_t number) {
  cart_event event = {.kind = kind, .ok = ok, .number = number};
  world_feed(&w, &event);
}

static void the_self_test(void) {
  IT("is out of order without a journal") {
    world_init(&w);
    cart_init(&w.cart, &w.factory, 0);
    feed(CART_EV_START, true, 0);
    CHECK_EQ(w.cart.state, CART_SELFTEST);
    feed(CART_EV_JOURNAL, false, 0);
    CHECK_EQ(w.cart.state, CART_FAULT);
    world_wait(&w, 120000);
    CHECK_EQ(w.cart.state, CART_FAULT);
  }
  IT("is out of order when the secure element does not answer") {
    world_init(&w);
    cart_init(&w.cart, &w.factory, 0);
    feed(CART_EV_START, true, 0);
    feed(CART_EV_ELEMENT, false, 0);
    CHECK_EQ(w.cart.state, CART_FAULT);
  }
  IT("waits for all three: journal, element, image, in any order") {
    world_init(&w);
    cart_init(&w.cart, &w.factory, 0);
    feed(CART_EV_START, true, 0);
    feed(CART_EV_ELEMENT, true, 0);
    cart_event image = {.kind = CART_EV_IMAGE};
    world_feed(&w, &image);
    CHECK_EQ(w.cart.state, CART_SELFTEST);
    CHECK_EQ(journal_mount(&w.journal, &w.port), JOURNAL_OK);
    feed(CART_EV_JOURNAL, true, 1);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    cart_init(&w.cart, &w.factory, 0);
    feed(CART_EV_START, true, 0);
    feed(CART_EV_JOURNAL, true, 1);
    feed(CART_EV_ELEMENT, true, 0);
    CHECK_EQ(w.cart.state, CART_SELFTEST);
    world_feed(&w, &image);
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
}

static void no_attestation(void) {
  IT("does not ask without a link, nor without a beacon in reach") {
    begin();
    world_wait(&w, 20000);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_link(&w, true);
    world_wait(&w, 20000);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.platform.requests[MSG_HELLO], 0);
    world_see(&w, CART_STAFF, "badge");
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
    CHECK_EQ(w.effects[CART_FX_BEACON], 1);
  }
  IT("does not ask before what is under way was answered") {
    begin();
    world_link(&w, true);
    w.wire = WIRE_HOLDS;
    feed(CART_EV_TAMPER, true, 0);
    CHECK_EQ(w.platform.requests[MSG_TELEMETRY], 1);
    w.wire = WIRE_GOOD;
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_answer(&w);
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
  }
  IT("gives up a beacon that says nothing, and comes back to it") {
    begin();
    world_link(&w, true);
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    world_wait(&w, 10500);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_STORE);
    CHECK_EQ(w.cart.failures, 1);
    world_wait(&w, 5000);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
    CHECK_EQ(w.effects[CART_FX_BEACON], 2);
  }
  IT("takes no statement that answers another question, or that nobody asked for") {
    begin();
    statement(fw_bytes_of_text("noise"));
    world_link(&w, true);
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    statement(fw_bytes_of_text("noise"));
    CHECK_EQ(w.platform.requests[MSG_ATTESTATION], 0);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
  }
  IT("takes no statement for a nonce that is too old by then") {
    begin();
    world_link(&w, true);
    world_see(&w, CART_BEACON, "us-demo");
    world_tick(&w, 250);
    w.cart.evidence.nonce_until_ms = w.now_ms;
    cart_event event = {.kind = CART_EV_STATEMENT, .bytes = fw_bytes_of_text("x")};
    world_feed(&w, &event);
    CHECK_EQ(w.platform.requests[MSG_ATTESTATION], 0);
  }
  IT("stays locked when what the cell signed does not verify") {
    begin();
    w.platform.bad_statement = true;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.display.notice, NOTICE_REFUSED);
    CHECK(!w.illegal);
  }
  IT("stays locked when the root is another one") {
    begin();
    w.factory.root[5] ^= 1u;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
  IT("stays locked when it belongs to no store") {
    begin();
    w.platform.has_store = false;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.platform.requests[MSG_ATTESTATION], 0);
  }
  IT("stays locked when the cell refuses its claims, and does not ask again at once") {
    begin();
    world_refuse(&w, MSG_ATTESTATION, "attestation", 403, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_wait(&w, 20000);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_wait(&w, 15000);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
  }
  IT("takes a form that the cell does not like for a refusal as well") {
    begin();
    world_refuse(&w, MSG_ATTESTATION, "malformed", 400, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
  IT("allows the cell's clock to be ahead by the way back of a hello") {
    begin();
    w.cell_ms = 1795262400000u - 20000u;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("takes no attestation that begins later than that, nor one that is over") {
    begin();
    w.cell_ms = 1795262400000u - 60000u;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    begin();
    w.cell_ms = 1795305600000u;
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
  IT("begins anew with a hello when an attestation is never answered") {
    begin();
    w.wire = WIRE_LOSES_REQUEST;
    world_unlock(&w);
    world_wait(&w, 60000);
    CHECK(w.platform.requests[MSG_HELLO] > 5);
    CHECK(w.cart.failures > 0);
    CHECK(!cart_state_is_unlocked(w.cart.state));
    w.wire = WIRE_GOOD;
    world_wait(&w, 20000);
    world_unlock(&w);
    world_wait(&w, 20000);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("asks again for an answer that is none of the protocol's") {
    begin();
    w.wire = WIRE_BROKEN_ANSWER;
    w.wire_for = 2;
    world_unlock(&w);
    world_wait(&w, 2000);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
}

static void how_long(void) {
  IT("renews an attestation before it ends, and keeps the old one when that fails") {
    begin();
    world_unlock(&w);
    w.platform.bad_statement = false;
    uint64_t until = w.cart.evidence.attested_until_ms;
    w.now_ms = w.cart.evidence.renew_at_ms;
    world_tick(&w, 250);
    CHECK_EQ(w.cart.state, CART_STORE_ATTEST);
    world_wait(&w, 11000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.cart.evidence.attested_until_ms, until);
    CHECK(w.cart.evidence.renew_at_ms > w.now_ms);
    CHECK(!w.illegal);
  }
  IT("is locked when it has ended") {
    begin();
    world_unlock(&w);
    world_lose(&w, CART_BEACON, "us-demo");
    w.now_ms = w.cart.evidence.attested_until_ms;
    world_tick(&w, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    world_scan(&w, "123");
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
  IT("lets a trip finish when it ends in the trip, and begins no new one") {
    begin();
    world_shop(&w);
    w.now_ms = w.cart.evidence.attested_until_ms + 1000u;
    world_scan(&w, "456");
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(world_taken(&w, "456"), 1);
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "A");
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK(w.platform.over);
    CHECK(!w.illegal);
  }
  IT("opens no trip when it ends between the wish and the opening") {
    begin();
    world_unlock(&w);
    w.cart.evidence.nonce_until_ms = 0;
    w.wire = WIRE_LOSES_REQUEST;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_OPENING);
    w.now_ms = w.cart.evidence.attested_until_ms;
    w.wire = WIRE_GOOD;
    world_wait(&w, 2000);
    CHECK(!cart_state_is_unlocked(w.cart.state));
    CHECK_EQ(w.platform.requests[MSG_OPEN], 0);
  }
  IT("does not begin a trip with an attestation that has just ended") {
    begin();
    world_unlock(&w);
    w.now_ms = w.cart.evidence.attested_until_ms;
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.requests[MSG_OPEN], 0);
  }
  IT("knows no time after a power loss before the cell has said it") {
    begin();
    CHECK_EQ(cart_time(&w.cart, w.now_ms), 0);
    world_unlock(&w);
    CHECK_EQ(cart_time(&w.cart, w.now_ms), w.cell_ms + w.now_ms);
    world_reboot(&w);
    CHECK_EQ(cart_time(&w.cart, w.now_ms), 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.boot, 2);
  }
  IT("confirms an image that is being tried by its first accepted round trip, once") {
    begin();
    w.cart.image.trial = true;
    world_unlock(&w);
    CHECK_EQ(w.effects[CART_FX_CONFIRM], 1);
    w.now_ms = w.cart.evidence.renew_at_ms;
    world_tick(&w, 0);
    world_unlock(&w);
    CHECK_EQ(w.effects[CART_FX_CONFIRM], 1);
  }
  IT("confirms nothing when nothing is being tried") {
    begin();
    world_unlock(&w);
    CHECK_EQ(w.effects[CART_FX_CONFIRM], 0);
  }
}

static void barred(void) {
  IT("is out of service while the platform has it in quarantine, and asks again each minute") {
    begin();
    world_refuse(&w, MSG_ATTESTATION, "cart_quarantined", 403, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_QUARANTINED);
    world_wait(&w, 61000);
    world_unlock(&w);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
  IT("is out of service when it is revoked") {
    begin();
    world_refuse(&w, MSG_ATTESTATION, "cart_revoked", 403, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_FAULT);
    CHECK_EQ(w.cart.display.notice, NOTICE_REVOKED);
  }
  IT("tells the store's card reader by its serial, and a reader without one as none") {
    begin();
    cart_event serial = {.kind = CART_EV_READER_SERIAL, .bytes = fw_bytes_of_text("READER-1")};
    world_feed(&w, &serial);
    CHECK_EQ(w.cart.reader_size, 8);
    cart_event endless = {.kind = CART_EV_READER_SERIAL, .bytes = fw_bytes_of_text("0123456789012345678901234567890123456789")};
    world_feed(&w, &endless);
    CHECK_EQ(w.cart.reader_size, 8);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_READY);
  }
}

int main(void) {
  the_self_test();
  no_attestation();
  how_long();
  barred();
  return check_report("test_cart_store");
}
