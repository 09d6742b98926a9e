/* Goods: scanned, taken out, weighed; and leaving with them. */
#include "cart_internal.h"
#include "utf8.h"

#include <string.h>

/* Out of reach of everything of the store for so long: the cart has left. */
#define LEFT_MS 20000u
/* What a bag weighs: less in the basket is no goods. */
#define EXIT_GRAMS 50u
/* So much louder, and no chance of the air, another terminal is nearer; one unheard for so long is none to pay at. */
#define NEARER_DB 6
#define SILENT_MS 3000u

static bool takes_goods(cart_state state) { return state == CART_SHOPPING || state == CART_OFFLINE_HOLD; }

static void keep_first(cart_t *cart, const cart_event *event) {
  (void)memcpy(cart->first_code, event->text, event->size);
  cart->first_code_size = event->size;
  cart->due.scan = true;
  cart->display.receipt_size = 0;
  fw_wipe(cart->display.receipt, sizeof cart->display.receipt);
}

static void begin_with(cart_t *cart, const cart_event *event) {
  if (!cart->linked) {
    cart_notice(cart, NOTICE_NO_LINK_READY);
    return;
  }
  keep_first(cart, event);
  cart_raise(cart, CART_SIG_WANTED);
}

static void add(cart_t *cart, const cart_event *event) {
  msg_event scan = {.kind = MSG_EVENT_SCAN, .as.scan = {.code = fw_bytes_view(event->text, event->size), .quantity = 1u}};
  if (!cart_note_event(cart, &scan, CART_CLASS_ORDINARY)) {
    cart_notice(cart, NOTICE_SCAN_AGAIN);
  }
}

static void scan_goods(cart_t *cart, const cart_event *event) {
  if (takes_goods(cart->state)) {
    add(cart, event);
  } else if (cart->state == CART_READY) {
    begin_with(cart, event);
  } else if (cart_is_on_trip(cart)) {
    cart_notice(cart, NOTICE_PAY_FIRST);
  } else if (cart->state == CART_OPENING) {
    cart_notice(cart, NOTICE_WAIT);
  }
}

void cart_scan(cart_t *cart, const cart_event *event) {
  secret_kind expected = cart->identity.expected;
  cart->acted = true;
  if (expected != SECRET_NONE) {
    cart_secret(cart, expected, event->text, event->size);
    return;
  }
  if (event->size - 1u >= MSG_CODE_MAX) {
    cart_notice(cart, NOTICE_SCAN_AGAIN);
    return;
  }
  scan_goods(cart, event);
}

/* --- taking out -------------------------------------------------------------------------------------------------------- */

/* The line that was typed; without one, the newest. 0: there is none. */
static uint16_t line_of(const cart_t *cart, const cart_event *event) {
  uint32_t line = 0;
  for (size_t i = 0; i < event->size; i++) {
    uint32_t digit = (uint32_t)event->text[i] - '0';
    if (digit > 9u || line > 6552u) {
      return 0;
    }
    line = line * 10u + digit;
  }
  if (line != 0u || cart->display.lines_used == 0u) {
    return (uint16_t)line;
  }
  return cart->display.lines[cart->display.lines_used - 1u].line;
}

void cart_remove(cart_t *cart, const cart_event *event) {
  if (!takes_goods(cart->state)) {
    return;
  }
  uint16_t line = line_of(cart, event);
  if (line == 0u) {
    cart_notice(cart, NOTICE_NO_LINE);
    return;
  }
  msg_event remove = {.kind = MSG_EVENT_REMOVE,
                      .as.remove = {.line = line, .quantity = {.present = event->size == 0u, .value = 1u}}};
  (void)cart_note_event(cart, &remove, CART_CLASS_ORDINARY);
}

/* Whether the line was there, the platform knows. An item that was scanned meanwhile can hide what was taken out. */
static void tell_removed(cart_t *cart, bool is_less) {
  if (is_less) {
    cart_notice(cart, NOTICE_REMOVED);
  } else if (cart->trip.pending != 0u) {
    cart->trip.removing = true;
  } else if (!cart->trip.adding) {
    cart_notice(cart, NOTICE_NO_LINE);
  }
}

/* --- weighing ------------------------------------------------------------------------------------------------------------ */

static bool note_weight(cart_t *cart, cart_journal_class class) {
  msg_event weight = {.kind = MSG_EVENT_WEIGHT, .as.weight = {.grams = cart->grams}};
  return cart_note_event(cart, &weight, class);
}

void cart_weight(cart_t *cart, const cart_event *event) {
  /* Below zero the tare is off; the platform knows no such weight, and the basket is empty. */
  cart->grams = event->grams < 0 ? 0u : (uint32_t)event->grams;
  cart->has_grams = true;
  cart->acted = true;
  if (takes_goods(cart->state)) {
    (void)note_weight(cart, CART_CLASS_ORDINARY);
  }
}

/* --- what the platform says of the basket ---------------------------------------------------------------------------------- */

static void show_holds(cart_t *cart, msg_list *holds) {
  static const uint8_t BITS[] = {DISPLAY_HELD_AGE, DISPLAY_HELD_WEIGHT, DISPLAY_HELD_UNKNOWN};
  msg_hold hold;
  cart->display.held = 0;
  cart->display.held_line = 0;
  while (msg_next_hold(holds, &hold)) {
    cart->display.held |= BITS[hold.kind];
    if (hold.kind == MSG_HOLD_UNKNOWN_ITEM) {
      cart->display.held_line = hold.line;
    }
  }
}

bool cart_basket_answer(cart_t *cart, fw_bytes body) {
  msg_events_answer answer;
  msg_basket_line line;
  bool is_less = false;
  bool removing = cart->trip.removing;
  if (msg_decode_events(body, &answer) != FW_OK) {
    return false;
  }
  while (msg_next_line(&answer.lines, &line)) {
    if (display_put_line(&cart->display, line.line, line.name, line.quantity, line.total_minor)) {
      is_less = true;
    }
  }
  show_holds(cart, &answer.holds);
  cart->display.total_minor = answer.total_minor;
  cart->display.total_known = true;
  cart->redraw = true;
  cart->trip.next_seq = answer.seq + 1u;
  cart_batch_done(cart);
  cart->display.pending = (uint16_t)cart->trip.pending;
  if (removing) {
    tell_removed(cart, is_less);
  }
  cart->trip.adding = cart->trip.adding && cart->trip.pending != 0u;
  return true;
}

/* --- leaving ------------------------------------------------------------------------------------------------------------- */

static bool is_kept(const cart_t *cart, const cart_event *event) {
  return event->device == CART_TERMINAL &&
         fw_bytes_equal(event->bytes, fw_bytes_view(cart->terminal, cart->terminal_size));
}

/* Whether the cart stands at this one: the one that it stood at, or one in whose place no other is as near. */
static bool is_nearest(const cart_t *cart, const cart_event *event, int16_t dbm) {
  bool is_louder = dbm - cart->terminal_dbm >= NEARER_DB;
  bool is_silent = cart->now_ms - cart->terminal_ms >= SILENT_MS;
  return cart->terminal_size == 0u || is_kept(cart, event) || is_louder || is_silent;
}

static void see_terminal(cart_t *cart, const cart_event *event) {
  int16_t dbm = (int16_t)(0 - (int32_t)event->number);
  /* Anyone may say over the air that he is a terminal: what is no text could not be told to the platform. */
  bool is_id = event->bytes.size <= sizeof cart->terminal && utf8_is_valid(event->bytes);
  if (is_id && is_nearest(cart, event, dbm)) {
    (void)memcpy(cart->terminal, event->bytes.data, event->bytes.size);
    cart->terminal_size = event->bytes.size;
    cart->terminal_dbm = dbm;
    cart->terminal_ms = cart->now_ms;
  }
}

static void see(cart_t *cart, const cart_event *event) {
  cart->in_store = true;
  if (event->device == CART_TERMINAL) {
    see_terminal(cart, event);
  }
}

/* Whatever of the store is still in reach repeats itself: the time runs from the last that was heard. */
static void lose(cart_t *cart, const cart_event *event) {
  cart->in_store = false;
  cart->gone_ms = cart->now_ms;
  if (is_kept(cart, event)) {
    cart->terminal_size = 0;
  }
}

void cart_surroundings(cart_t *cart, const cart_event *event) {
  if (event->device == CART_STAFF) {
    return;
  }
  if (event->kind == CART_EV_SEEN) {
    see(cart, event);
  } else {
    lose(cart, event);
  }
}

static bool has_left(const cart_t *cart) { return !cart->in_store && cart->now_ms - cart->gone_ms >= LEFT_MS; }

/* Goods in the basket: what the scale says, or what was scanned where no scale speaks. */
static bool has_goods(const cart_t *cart) {
  return cart->has_grams ? cart->grams > EXIT_GRAMS : cart->trip.has_lines;
}

static bool leaves_unpaid(const cart_t *cart) {
  if (!cart_is_on_trip(cart) || cart->trip.payment.approved) {
    return false;
  }
  return has_left(cart) && has_goods(cart);
}

void cart_shop_tick(cart_t *cart) {
  if (!leaves_unpaid(cart)) {
    cart->trip.exit_told = cart->trip.exit_told && !cart->in_store;
    return;
  }
  if (cart->trip.exit_told || !note_weight(cart, CART_CLASS_FAULT)) {
    return;
  }
  cart->trip.exit_told = true;
  cart_fault(cart, CART_FAULT_EXIT_UNPAID, cart->grams);
  cart_notice(cart, NOTICE_EXIT_UNPAID);
}
