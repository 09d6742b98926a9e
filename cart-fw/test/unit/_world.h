/**
 * A cart in a world of its own: its journal in a flash that can fail, an element that signs with anything, a platform
 * that numbers, repeats and refuses as the real one does. Time is turned by hand.
 */
#ifndef CARTWRIGHT_TEST_WORLD_H
#define CARTWRIGHT_TEST_WORLD_H

#include "cart_internal.h"
#include "flash.h"
#include "journal.h"

#define WORLD_FRAMES 400u
#define WORLD_EVENTS 1600u

typedef enum {
  WIRE_GOOD,
  WIRE_LOSES_REQUEST,
  WIRE_LOSES_ANSWER,
  WIRE_HOLDS, /* the answer stays away until world_answer */
  WIRE_BROKEN_ANSWER
} world_wire;

/** An event as the platform took it. */
typedef struct {
  uint8_t kind;
  uint8_t code[101];
  uint32_t number; /* line, grams or fault code */
} world_event;

typedef struct {
  uint32_t boot;
  uint32_t seq;
  uint32_t crc;
  msg_kind message;
  uint8_t answer[4096];
  size_t answer_size;
} world_frame;

typedef struct {
  /* The session, as the platform has it. */
  bool open;
  bool over;
  uint32_t next_seq;
  world_frame frames[WORLD_FRAMES];
  size_t frame_count;
  world_event events[WORLD_EVENTS];
  size_t event_count;
  unsigned equivocations;
  unsigned renumbered; /* frames whose number was not the one that is due */
  unsigned reused;     /* of these: a number that the same boot had used for a person */
  uint32_t next_line;
  /* Outside sessions. */
  uint32_t telemetry_boot;
  uint32_t telemetry_seq;
  world_event outside[WORLD_EVENTS];
  size_t outside_count;
  unsigned requests[MSG_COUNT];
  /* What it is told to say. */
  bool refuses;
  bool refuses_all; /* until told otherwise */
  msg_kind refused_message;
  const char *refusal;
  uint32_t expected;
  uint16_t status;
  uint32_t retry_after_s;
  const char *poison; /* a batch with this code is refused */
  msg_identity_status identity;
  const char *nickname;
  msg_outcome outcome;
  bool has_receipt;
  bool has_store;
  bool has_manifest;
  bool bad_statement;
  bool has_no_line;      /* that is to be removed: no line changes */
  uint8_t held;          /* a hold of this kind, 1 more than msg_hold_kind; 0: none */
  uint64_t handoff_life_ms;
  uint64_t tolerance_g;
} world_platform;

typedef struct {
  cart_t cart;
  cart_factory factory;
  uint8_t memory[64u * 1024u];
  host_flash flash;
  journal_flash port;
  journal journal;
  uint64_t now_ms;
  uint64_t cell_ms; /* at now_ms 0 */
  world_wire wire;
  unsigned wire_for; /* so many exchanges more; then WIRE_GOOD */
  bool element_fails;
  bool element_silent;
  bool journal_full;
  bool journal_breaks;
  world_platform platform;
  bool reading; /* the journal, for the cart */
  journal_cursor cursor;
  /* Events that answer effects, in order. */
  cart_event pending[64];
  size_t pending_at;
  size_t pending_count;
  uint8_t reply[8192];
  size_t reply_size;
  uint8_t record[JOURNAL_PAYLOAD_MAX];
  bool has_held;
  cart_event held;
  uint8_t last_frame[CART_FRAME_MAX];
  size_t last_frame_size;
  uint8_t sent_frame[512]; /* by a secret's sink */
  size_t sent_size;
  unsigned effects[CART_FX_RESET + 1];
  cart_order order;
  uint8_t order_handoff[16];
  size_t most_effects;
  uint32_t acknowledged;
  bool illegal; /* an unlocked state was entered from a locked one without an attestation */
} world;

/** A cart that has never been on, in reach of nothing. */
void world_init(world *w);
/** The same with a journal of another size; at most what `memory` holds. */
void world_init_flash(world *w, uint32_t sector, uint32_t sectors);
/** Power on: self-test and what the journal holds. */
void world_start(world *w);
/** Power off and on: RAM is gone, flash stays. */
void world_reboot(world *w);
void world_feed(world *w, cart_event *event);
void world_tick(world *w, uint64_t ms);
/** Ticks of 250 ms. */
void world_wait(world *w, uint64_t ms);
/** The answer that was held. */
void world_answer(world *w);
/** To READY. */
void world_unlock(world *w);
/** To SHOPPING with one item in the basket. */
void world_shop(world *w);
/** To AWAIT_TERMINAL. */
void world_hand_over(world *w);

void world_link(world *w, bool up);
/** An event with nothing else to it. */
void world_tell(world *w, cart_event_kind kind, bool ok, uint32_t number);
void world_scan(world *w, const char *code);
/** item-00, item-01 and so on, up to `to` and without it. */
void world_scan_many(world *w, unsigned from, unsigned to);
void world_key(world *w, display_key key, const char *typed);
void world_secret(world *w, secret_kind kind, const char *text);
void world_see(world *w, cart_device device, const char *id);
void world_lose(world *w, cart_device device, const char *id);
void world_weigh(world *w, int32_t grams);
void world_pay(world *w, cart_terminal_outcome outcome, const char *reference);
void world_power(world *w, bool docked);
/** The next request of this kind is refused so. */
void world_refuse(world *w, msg_kind message, const char *code, uint16_t status, uint32_t expected);

/** How often the platform has taken a scan of this code. */
size_t world_taken(const world *w, const char *code);
/** Whether it has each of these items once, and no frame contradicted another. */
bool world_has_all(const world *w, unsigned from, unsigned to);
/** Turns a bit of these bytes, wherever they are in the flash; once more on what they are then, and it is turned back. */
void world_flip(world *w, const void *bytes, size_t size);
/** Whether these bytes are anywhere in the cart's RAM or in its flash. */
bool world_holds(const world *w, const char *text);

#endif
