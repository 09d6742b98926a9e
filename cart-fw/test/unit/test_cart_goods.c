/* Goods: scanned, taken out, weighed, held. */
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
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINE);
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

static void telling_what_was_removed(void) {
  IT("says that something was removed once the platform's answer has taken it away, and not before") {
    begin();
    world_shop(&w);
    w.wire = WIRE_HOLDS;
    world_key(&w, DISPLAY_KEY_REMOVE, "1");
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(w.cart.display.notice, NOTICE_REMOVED);
  }
  IT("says that there is no such line when the answer took none away") {
    begin();
    world_shop(&w);
    w.platform.has_no_line = true;
    world_key(&w, DISPLAY_KEY_REMOVE, "9");
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 1);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINE);
    world_weigh(&w, 412);
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINE);
  }
  IT("says it by the removal's own answer, not by one that was on its way before") {
    begin();
    world_shop(&w);
    w.wire = WIRE_HOLDS;
    world_weigh(&w, 412);
    world_key(&w, DISPLAY_KEY_REMOVE, "1");
    w.wire = WIRE_LOSES_REQUEST;
    world_answer(&w);
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
    w.wire = WIRE_GOOD;
    world_wait(&w, 7000);
    CHECK_EQ(w.cart.display.notice, NOTICE_REMOVED);
  }
  IT("says neither where an item that was scanned in the same moment may hide it") {
    begin();
    world_shop(&w);
    w.platform.has_no_line = true;
    w.wire = WIRE_HOLDS;
    world_weigh(&w, 412);
    world_scan(&w, "2");
    world_key(&w, DISPLAY_KEY_REMOVE, "");
    w.wire = WIRE_GOOD;
    world_answer(&w);
    CHECK_EQ(taken_of_kind(MSG_EVENT_REMOVE), 1);
    CHECK_EQ(w.cart.display.notice, NOTICE_NONE);
    world_key(&w, DISPLAY_KEY_REMOVE, "9");
    CHECK_EQ(w.cart.display.notice, NOTICE_NO_LINE);
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

int main(void) {
  scanning();
  other_keys();
  removing();
  telling_what_was_removed();
  weighing();
  return check_report("test_cart_goods");
}
