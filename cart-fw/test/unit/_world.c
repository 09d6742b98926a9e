#include "_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "_vectors.h"
#include "_world_internal.h"

#define SECTOR 1024u
#define SECTORS 32u
/* The attestation of the vectors is good from here on, for twelve hours. */
#define VECTOR_BEGINS 1795262400000u

void world_must(bool holds, const char *what, const char *file, int line) {
  if (!holds) {
    (void)fprintf(stderr, "%s:%d: the world needs %s\n", file, line, what);
    exit(1);
  }
}

static fw_bytes *place_of(world_statements *statements, const char *name) {
  if (strcmp(name, "beacon statement") == 0) {
    return &statements->beacon;
  }
  if (strcmp(name, "store attestation") == 0) {
    return &statements->attestation;
  }
  return strcmp(name, "cell key") == 0 ? &statements->cell_key : NULL;
}

const world_statements *world_read_statements(void) {
  static world_statements statements;
  static uint8_t bytes[3][VECTOR_BYTES_MAX];
  static vectors v;
  if (statements.beacon.size != 0u) {
    return &statements;
  }
  unsigned used = 0;
  vectors_open(&v, "statements.json");
  while (vectors_next(&v) != 0) {
    char name[VECTOR_TEXT_MAX];
    (void)vectors_text(&v, "name", name);
    fw_bytes *place = place_of(&statements, name);
    if (place != NULL) {
      *place = vectors_bytes(&v, "frame", bytes[used++]);
    }
  }
  vectors_point("root", statements.root);
  for (unsigned i = 0; i < 16u; i++) {
    statements.nonce[i] = (uint8_t)(0x10u + i);
  }
  return &statements;
}

/* --- what happens around the cart -------------------------------------------------------------------------------------- */

void world_tell(world *w, cart_event_kind kind, bool ok, uint32_t number) {
  cart_event event = {.kind = kind, .ok = ok, .number = number};
  world_feed(w, &event);
}

void world_init(world *w) { world_init_flash(w, SECTOR, SECTORS); }

void world_init_flash(world *w, uint32_t sector, uint32_t sectors) {
  (void)memset((void *)w, 0, sizeof *w);
  host_flash_init(&w->flash, w->memory, sector, sectors, JOURNAL_UNIT);
  w->port = (journal_flash){host_flash_read, host_flash_program, host_flash_erase, &w->flash, sector, sectors};
  w->now_ms = 1000;
  w->cell_ms = VECTOR_BEGINS + 60000u;
  for (unsigned i = 0; i < 16u; i++) {
    w->factory.serial[i] = (uint8_t)(0x11u * i);
  }
  (void)memcpy(w->factory.root, world_read_statements()->root, sizeof w->factory.root);
  w->factory.cell = STATEMENT_CELL_US;
  w->platform.has_store = true;
  w->platform.identity = MSG_LINKED;
  w->platform.nickname = "Ada";
  w->platform.outcome = MSG_APPROVED;
  w->platform.has_receipt = true;
  w->platform.handoff_life_ms = 300000;
  w->platform.tolerance_g = 30;
}

void world_start(world *w) {
  uint32_t boot = 0;
  cart_init(&w->cart, &w->factory, 99);
  w->pending_count = 0;
  w->reading = false;
  MUST(journal_mount(&w->journal, &w->port) == JOURNAL_OK);
  MUST(journal_count(&w->journal, &boot) == JOURNAL_OK);
  world_tell(w, CART_EV_START, true, 0);
  world_tell(w, CART_EV_JOURNAL, true, boot);
  cart_event image = {.kind = CART_EV_IMAGE};
  image.image.version = fw_bytes_of_text("1.0.0");
  image.image.debug = EAT_DEBUG_DISABLED_FULLY;
  world_feed(w, &image);
  world_tell(w, CART_EV_ELEMENT, true, 0);
}

void world_reboot(world *w) {
  w->now_ms += 5000;
  w->cell_ms += w->now_ms;
  w->now_ms = 500;
  w->cell_ms -= w->now_ms;
  w->has_held = false;
  world_start(w);
}

void world_tick(world *w, uint64_t ms) {
  w->now_ms += ms;
  world_tell(w, CART_EV_TICK, false, 0);
}

void world_wait(world *w, uint64_t ms) {
  for (uint64_t passed = 0; passed < ms; passed += 250u) {
    world_tick(w, 250);
  }
}

void world_link(world *w, bool up) { world_tell(w, CART_EV_LINK, up, 0); }

void world_power(world *w, bool docked) { world_tell(w, CART_EV_POWER, docked, 80); }

static void feed_text(world *w, cart_event *event, const char *text) {
  static uint8_t typed[300];
  size_t size = strlen(text);
  (void)memcpy(typed, text, size);
  event->text = typed;
  event->size = size;
  world_feed(w, event);
  (void)memset(typed, 0, sizeof typed);
}

void world_scan(world *w, const char *code) {
  cart_event event = {.kind = CART_EV_SCAN};
  feed_text(w, &event, code);
}

void world_key(world *w, display_key key, const char *typed) {
  cart_event event = {.kind = CART_EV_KEY, .key = key};
  feed_text(w, &event, typed);
}

void world_secret(world *w, secret_kind kind, const char *text) {
  cart_event event = {.kind = CART_EV_SECRET, .secret = kind};
  feed_text(w, &event, text);
}

static void feed_device(world *w, cart_event_kind kind, cart_device device, const char *id) {
  cart_event event = {.kind = kind, .device = device, .bytes = fw_bytes_of_text(id), .number = 60};
  world_feed(w, &event);
}

void world_see(world *w, cart_device device, const char *id) { feed_device(w, CART_EV_SEEN, device, id); }
void world_lose(world *w, cart_device device, const char *id) { feed_device(w, CART_EV_GONE, device, id); }

void world_weigh(world *w, int32_t grams) {
  cart_event event = {.kind = CART_EV_WEIGHT, .grams = grams};
  world_feed(w, &event);
}

void world_pay(world *w, cart_terminal_outcome outcome, const char *reference) {
  cart_event event = {.kind = CART_EV_PAYMENT};
  event.payment.handoff = w->order_handoff;
  event.payment.outcome = outcome;
  event.payment.reference = fw_bytes_of_text(reference);
  world_feed(w, &event);
}

void world_refuse(world *w, msg_kind message, const char *code, uint16_t status, uint32_t expected) {
  w->platform.refuses = true;
  w->platform.refused_message = message;
  w->platform.refusal = code;
  w->platform.status = status;
  w->platform.expected = expected;
}

static void say_statement(world *w) {
  cart_event event = {.kind = CART_EV_STATEMENT, .bytes = world_read_statements()->beacon};
  world_feed(w, &event);
}

void world_unlock(world *w) {
  world_link(w, true);
  world_see(w, CART_BEACON, "us-demo");
  world_tick(w, 250);
  say_statement(w);
}

void world_shop(world *w) {
  world_unlock(w);
  world_scan(w, "9521840000018");
}

void world_hand_over(world *w) {
  world_see(w, CART_TERMINAL, "TERM-1");
  world_key(w, DISPLAY_KEY_PAY, "");
}

void world_scan_many(world *w, unsigned from, unsigned to) {
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%02u", i);
    world_scan(w, code);
  }
}

void world_flip(world *w, const void *bytes, size_t size) {
  uint8_t *at = memmem(w->memory, sizeof w->memory, bytes, size);
  MUST(at != NULL);
  while (at != NULL) {
    at[size - 1u] ^= 0x20u;
    at = memmem(at + size, sizeof w->memory - (size_t)(at + size - w->memory), bytes, size);
  }
}

/* --- what is looked at ------------------------------------------------------------------------------------------------- */

size_t world_taken(const world *w, const char *code) {
  size_t count = 0;
  for (size_t i = 0; i < w->platform.event_count; i++) {
    bool is_it = w->platform.events[i].kind == MSG_EVENT_SCAN && strcmp((const char *)w->platform.events[i].code, code) == 0;
    count += is_it ? 1u : 0u;
  }
  return count;
}

bool world_has_all(const world *w, unsigned from, unsigned to) {
  bool has_all = w->platform.equivocations == 0u;
  for (unsigned i = from; i < to; i++) {
    char code[16];
    (void)snprintf(code, sizeof code, "item-%02u", i);
    has_all = has_all && world_taken(w, code) == 1u;
  }
  return has_all;
}

static bool is_in(const void *memory, size_t size, const char *text) {
  return memmem(memory, size, text, strlen(text)) != NULL;
}

bool world_holds(const world *w, const char *text) {
  return is_in(&w->cart, sizeof w->cart, text) || is_in(w->memory, sizeof w->memory, text);
}
