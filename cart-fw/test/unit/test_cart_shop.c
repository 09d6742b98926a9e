/* Goods: scanned, taken out, weighed, held, kept while there is no link; leaving with them. */
#include <stdio.h>

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

static void scanning(void) {
  IT("sends each scan once, in order") {
    begin();
    world_shop(&w);
    for (unsigned i = 0; i < 40u; i++) {
      char code[16];
      (void)snprintf(code, sizeof code, "code-%u", i);
      world_scan(&w, code);
      CHECK_EQ(world_taken(&w, code), 1);
    }
    CHECK_EQ(w.platform.equivocations, 0);
    CHECK(w.acknowledged > 0);
  }
  IT("takes no code that is empty or longer than the protocol's") {
    begin();
    world_shop(&w);
    char code[130];
    (void)memset(code, '7', sizeof code);
    code[101] = '\0';
    world_scan(&w, code);
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    world_scan(&w, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    code[100] = '\0';
    world_scan(&w, code);
    CHECK_EQ(world_taken(&w, code), 1);
  }
  IT("says that a code which is no text can't be added") {
    begin();
    world_shop(&w);
    world_scan(&w, "\xff\xfe");
    CHECK_EQ(w.cart.display.notice, NOTICE_NOT_TAKEN);
    CHECK_EQ(w.cart.trip.pending, 0);
  }
  IT("says that an item is to be scanned again while the one before is being written") {
    begin();
    world_shop(&w);
    unheard(CART_EV_SCAN, "2");
    CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
    world_scan(&w, "3");
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    full();
    CHECK_EQ(world_taken(&w, "3"), 0);
    world_scan(&w, "3");
    CHECK_EQ(world_taken(&w, "3"), 1);
  }
  IT("asks for an item once more that is scanned while the one before is still being written") {
    begin();
    world_shop(&w);
    cart_effect effects[CART_EFFECTS_MAX];
    uint8_t code[] = "item-00";
    cart_event scan = {.kind = CART_EV_SCAN, .now_ms = w.now_ms, .text = code, .size = 7};
    CHECK(cart_step(&w.cart, &scan, effects, CART_EFFECTS_MAX) >= 1u);
    CHECK_EQ(effects[0].kind, CART_FX_APPEND);
    uint32_t id = 0;
    const cart_effect *record = &effects[0];
    CHECK_EQ(journal_append(&w.journal, JOURNAL_ORDINARY, record->type, record->bytes.data, record->bytes.size, &id),
             JOURNAL_OK);
    world_scan_many(&w, 1, 2);
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    world_tell(&w, CART_EV_APPENDED, true, id);
    CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
    CHECK_EQ(world_taken(&w, "item-01"), 0);
    world_scan_many(&w, 1, 2);
    CHECK(world_has_all(&w, 0, 2));
  }
  IT("says when the scanner could not read") {
    begin();
    world_shop(&w);
    world_tell(&w, CART_EV_UNREADABLE, false, 0);
    CHECK_EQ(w.cart.display.notice, NOTICE_SCAN_AGAIN);
    world_wait(&w, 8500);
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
  }
  IT("scans nothing while it is locked or out of order") {
    begin();
    world_scan(&w, "1");
    CHECK_EQ(w.cart.first_code_size, 0);
    CHECK_EQ(w.cart.state, CART_LOCKED);
  }
  IT("shows what staff have to look at") {
    begin();
    w.platform.held = 3;
    world_shop(&w);
    CHECK_EQ(w.cart.display.held, DISPLAY_HELD_UNKNOWN);
    CHECK_EQ(w.cart.display.held_line, 7);
    w.platform.held = 1;
    world_scan(&w, "2");
    CHECK_EQ(w.cart.display.held, DISPLAY_HELD_AGE);
    w.platform.held = 0;
    world_scan(&w, "3");
    CHECK_EQ(w.cart.display.held, 0);
  }
  IT("tells the platform of an item whose answer was too long to keep, and shows no total") {
    begin();
    world_shop(&w);
    w.wire = WIRE_HOLDS;
    world_scan(&w, "long");
    w.held.reply.is_cut = true;
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.trip.pending, 0);
    CHECK(!w.cart.display.total_known);
    world_scan(&w, "next");
    CHECK_EQ(world_taken(&w, "long"), 1);
    CHECK_EQ(world_taken(&w, "next"), 1);
    CHECK_EQ(w.platform.equivocations, 0);
  }
}

static void other_keys(void) {
  IT("does nothing for a key that the panel has not, and wipes what was typed with it") {
    begin();
    world_shop(&w);
    uint8_t typed[] = "LOYAL-1";
    cart_event press = {.kind = CART_EV_KEY, .key = (display_key)99, .text = typed, .size = sizeof typed};
    world_feed(&w, &press);
    CHECK_EQ(w.cart.state, CART_SHOPPING);
    CHECK_EQ(typed[0], 0);
    CHECK_EQ(typed[6], 0);
  }
  IT("does nothing for no key") {
    begin();
    world_shop(&w);
    cart_state before = w.cart.state;
    world_key(&w, DISPLAY_KEY_NONE, "");
    CHECK_EQ(w.cart.state, before);
    CHECK_EQ(w.cart.display.notice, NOTICE_ADDED);
  }
}

static void removing(void) {
  IT("takes out one of the newest line, or the whole line that was typed") {
    begin();
    world_shop(&w);
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    CHECK_EQ(w.cart.display.lines_used, 0);
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 1);
    CHECK_EQ(w.cart.display.notice, NOTICE_REMOVED);
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 1);
    world_key(&w, DISPLAY_KEY_REMOVE, "12");
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 2);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, 12);
  }
  IT("takes out nothing for what is no line's number") {
    begin();
    world_shop(&w);
    world_key(&w, DISPLAY_KEY_REMOVE, "1x");
    world_key(&w, DISPLAY_KEY_REMOVE, "99999");
    world_key(&w, DISPLAY_KEY_REMOVE, "/");
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 0);
  }
  IT("takes out nothing, and does not say that it did, while an item is being written") {
    begin();
    world_shop(&w);
    unheard(CART_EV_SCAN, "2");
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    CHECK(w.cart.display.notice != NOTICE_REMOVED);
    full();
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 0);
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    CHECK_EQ(w.cart.display.notice, NOTICE_REMOVED);
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 1);
  }
  IT("takes out nothing while the basket is being paid for") {
    begin();
    world_shop(&w);
    world_hand_over(&w);
    world_key(&w, DISPLAY_KEY_REMOVE, "1");
    world_scan(&w, "2");
    CHECK_EQ(w.cart.display.notice, NOTICE_PAY_FIRST);
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 0);
  }
}

static void weighing(void) {
  IT("tells the settled weight, and none below zero") {
    begin();
    world_weigh(&w, 10);
    world_shop(&w);
    world_weigh(&w, 412);
    CHECK_EQ(taken_of_kind(MSG_EVENT_WEIGHT), 1);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, 412);
    world_weigh(&w, -3);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, 0);
  }
  IT("tells staff of a scale that is broken and of a card reader that was opened") {
    begin();
    world_shop(&w);
    world_tell(&w, CART_EV_SCALE_TROUBLE, false, 0);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_SCALE);
    world_tell(&w, CART_EV_TAMPER, false, 0);
    CHECK_EQ(w.platform.events[w.platform.event_count - 1u].number, CART_FAULT_TAMPER);
    CHECK_EQ(w.cart.display.notice, NOTICE_TAMPER);
  }
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

/* A terminal, as loud as this. */
static void hear(const char *id, int dbm) {
  cart_event event = {
      .kind = CART_EV_SEEN, .device = CART_TERMINAL, .bytes = fw_bytes_of_text(id), .number = (uint32_t)(0 - dbm)};
  world_feed(&w, &event);
}

static bool stands_at(const char *id) {
  return fw_bytes_equal(fw_bytes_view(w.cart.terminal, w.cart.terminal_size), fw_bytes_of_text(id));
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
  scanning();
  other_keys();
  removing();
  weighing();
  leaving();
  which_terminal();
  ending();
  the_journal();
  return check_report("test_cart_shop");
}
