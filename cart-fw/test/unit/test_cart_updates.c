/* A newer firmware: asked for on the dock, installed, started. */
#include "_world.h"
#include "check.h"

static world w;

static void begin(void) {
  world_init(&w);
  world_start(&w);
}

static void updates(void) {
  IT("asks for a newer firmware on the dock, when nothing is left to be told") {
    begin();
    world_unlock(&w);
    world_power(&w, false);
    world_tick(&w, 250);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
    world_power(&w, true);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    CHECK_EQ(w.cart.state, CART_READY);
    world_power(&w, true);
    world_wait(&w, 1000);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    w.now_ms += 21600000;
    w.cart.evidence.attested_until_ms = w.now_ms + 1000000;
    w.cart.evidence.renew_at_ms = w.now_ms + 1000000;
    world_tick(&w, 0);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 2);
  }
  IT("does not ask for it while a fault waits to be told") {
    begin();
    world_unlock(&w);
    w.wire = WIRE_LOSES_REQUEST;
    world_tell(&w, CART_EV_TAMPER, true, 0);
    world_wait(&w, 20000);
    w.wire = WIRE_GOOD;
    world_power(&w, true);
    world_wait(&w, 10000);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.outside_count, 0);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
    world_wait(&w, 60000);
    CHECK_EQ(w.platform.outside_count, 1);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
  }
  IT("does not ask for it with a trip that was kept over a power loss") {
    begin();
    world_unlock(&w);
    world_key(&w, DISPLAY_KEY_OK, "");
    world_reboot(&w);
    world_power(&w, true);
    world_refuse(&w, MSG_ATTESTATION, "attestation", 403, 0);
    world_unlock(&w);
    world_wait(&w, 5000);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK_EQ(w.cart.failures, 1);
    CHECK(w.cart.trip.open);
    CHECK(cart_is_drained(&w.cart));
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 0);
  }
  IT("installs it, shows how far it is, and starts it") {
    begin();
    world_unlock(&w);
    w.platform.has_manifest = true;
    world_power(&w, true);
    CHECK_EQ(w.cart.state, CART_UPDATING);
    CHECK_EQ(w.effects[CART_FX_UPDATE], 1);
    world_tell(&w, CART_EV_UPDATE_PROGRESS, false, 40);
    CHECK_EQ(w.cart.display.percent, 40);
    world_scan(&w, "1");
    CHECK_EQ(w.cart.state, CART_UPDATING);
    world_tell(&w, CART_EV_UPDATED, true, 0);
    CHECK_EQ(w.effects[CART_FX_RESET], 1);
  }
  IT("goes on as it was when an update was not installed, and says which it was") {
    begin();
    world_unlock(&w);
    w.platform.has_manifest = true;
    world_power(&w, true);
    w.platform.has_manifest = false;
    world_tell(&w, CART_EV_UPDATED, false, 3);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.platform.outside[0].number, CART_FAULT_UPDATE);
  }
  IT("lets an image that the cell no longer trusts ask for its successor") {
    begin();
    world_power(&w, true);
    w.platform.has_manifest = true;
    world_refuse(&w, MSG_ATTESTATION, "attestation", 403, 0);
    world_unlock(&w);
    CHECK_EQ(w.cart.state, CART_UPDATING);
    world_tell(&w, CART_EV_UPDATED, false, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
    CHECK(!w.illegal);
  }
  IT("does not install what it was offered once it is off the dock") {
    begin();
    world_unlock(&w);
    w.platform.has_manifest = true;
    w.wire = WIRE_HOLDS;
    world_power(&w, true);
    world_power(&w, false);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK_EQ(w.effects[CART_FX_UPDATE], 0);
  }
  IT("asks later when it is refused or nobody answers") {
    begin();
    world_unlock(&w);
    world_refuse(&w, MSG_FIRMWARE, "malformed", 400, 0);
    world_power(&w, true);
    CHECK_EQ(w.platform.requests[MSG_FIRMWARE], 1);
    w.wire = WIRE_LOSES_REQUEST;
    world_wait(&w, 60000);
    w.wire = WIRE_GOOD;
    world_wait(&w, 30000);
    CHECK(!w.cart.ask_firmware);
    CHECK_EQ(w.cart.state, CART_READY);
  }
}

int main(void) {
  updates();
  return check_report("test_cart_updates");
}
