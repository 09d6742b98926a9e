/** What a cart is made of. Only cart.h includes this; others look at `state` and `display` and leave the rest alone. */
#ifndef CARTWRIGHT_CART_PARTS_H
#define CARTWRIGHT_CART_PARTS_H

#include "clock.h"
#include "cose.h"

/** Events in one frame. The protocol allows 200; their answer would be longer than a cart has room for. */
#define CART_BATCH_MAX 32u
/** Payload of the longest frame: some 20 scans of 100 bytes, or CART_BATCH_MAX of 13 digits. */
#define CART_PAYLOAD_MAX ((size_t)2600)
#define CART_FRAME_MAX (CART_PAYLOAD_MAX + COSE_SIGN1_OVERHEAD_MAX)
#define CART_RECORD_MAX ((size_t)240)
#define CART_ID_MAX ((size_t)32)

/** What was proved to the cart and what it can prove. RAM only. */
typedef struct {
  bool has_nonce;
  uint8_t nonce[16];
  uint64_t nonce_until_ms; /* uptime */
  uint8_t spent[16];       /* the nonce of the claims under way */
  bool attested;
  uint64_t attested_until_ms; /* uptime */
  uint64_t renew_at_ms;       /* uptime */
  bool has_store;             /* the cell says that the cart belongs to one */
  uint8_t store[32];
  size_t store_size;
  bool awaiting_beacon;
  bool confirmed; /* the running image, by a signed round trip */
} cart_evidence;

/** (boot, seq) means these events and no others: noted in the journal before the frame is signed. */
typedef struct {
  bool has;
  bool outside;
  uint32_t boot;
  uint32_t seq;
  uint64_t time_ms;
  uint32_t first_id;
  uint32_t last_id;
  uint32_t count;
  uint32_t crc; /* of the events' bytes */
} cart_bound;

/** The terminal's side of a trip. What is here is kept over a power loss. */
typedef struct {
  bool has_order;
  bool begun;    /* the terminal may have the amount */
  bool has_result;
  bool approved; /* by the platform */
  bool was_asked; /* the terminal, how it stands; RAM only, as the next one */
  bool was_told;  /* by this boot: it has the order and may be waiting for a card */
  uint8_t handoff[16];
  uint8_t digest[32];
  uint64_t amount_minor;
  uint64_t expires_ms; /* cell time */
  uint8_t terminal[32];
  size_t terminal_size;
  uint8_t reference[64];
  size_t reference_size;
} cart_payment;

typedef struct {
  bool open; /* until its end is noted */
  uint8_t session[16];
  uint32_t next_seq;
  uint32_t record_id;   /* of the newest record that begins or sums up the trip */
  uint32_t newest_id;   /* of the trip's newest event */
  uint32_t answered_id; /* events up to this one were answered for good */
  uint32_t kept;        /* events of the trip that its newest summary does not let go of */
  uint32_t batches;     /* answered since then, one after the other, with more waiting */
  uint32_t pending;     /* events that were not answered */
  uint32_t tolerance_g;
  bool exit_told;
  bool has_lines; /* something was put into the basket */
  bool adding;    /* scans were not priced yet; RAM only, as the next one */
  bool removing;  /* an answer has to say whether something was taken out */
  cart_bound bound;
  cart_payment payment;
} cart_trip;

typedef enum {
  FLIGHT_NONE,
  FLIGHT_READING, /* events are read from the journal */
  FLIGHT_NOTING,  /* the frame's number is noted in the journal */
  FLIGHT_SIGNING,
  FLIGHT_SENT,
  FLIGHT_PAUSED /* to be sent again */
} cart_flight_phase;

/** The one request under way. */
typedef struct {
  cart_flight_phase phase;
  msg_kind message;
  bool secret; /* the frame is cart->identity.frame */
  bool noted;  /* these events were bound to boot and seq before */
  bool doubtful; /* bound anew without what rotted of it: if its number is spent, it was taken as it was */
  bool was_sent;
  uint32_t boot;
  uint32_t seq;
  uint64_t time_ms;
  uint32_t first_id;
  uint32_t last_id;
  uint32_t count;
  uint32_t crc; /* of the events, as noted */
  bool is_signed;
  uint32_t unsigned_times; /* that the element did not sign it, in a row */
  size_t unsigned_size;    /* of the frame without its signature */
  uint8_t digest[32];
  uint64_t sent_ms;
  uint32_t most;     /* events in the next batch: halves when one of them is refused */
  uint32_t attempts; /* without an answer */
  uint32_t renumbered;
  uint64_t due_ms;
  fw_buffer frame;
  uint8_t bytes[CART_FRAME_MAX];
  size_t events_size;
  char path[MSG_PATH_MAX];
  size_t path_size;
} cart_flight;

typedef struct {
  secret_text text;
  secret_frame frame;
  bool polls; /* the platform waits for the person to confirm */
  bool unlink;
  uint64_t poll_ms;
  secret_kind expected; /* what the next scan is: DISPLAY_KEY_LOYALTY and DISPLAY_KEY_PAIR */
} cart_identity;

/** Faults and health outside trips. */
typedef struct {
  uint32_t next_seq; /* from 1 in each boot */
  uint32_t newest_id;
  uint32_t answered_id;
  uint32_t pending;
  uint64_t after_ms; /* not before */
  cart_bound bound;
} cart_telemetry;

/** What is on its way into the journal: one record at a time. */
typedef struct {
  bool busy;
  uint8_t type;
  bool ordinary;
  bool full_told; /* since the journal last took something ordinary */
  msg_event_kind event;
  uint8_t bytes[CART_RECORD_MAX];
  size_t size;
} cart_note;

/** What is to be written into the journal as soon as there is room for a record. */
typedef struct {
  bool scan; /* the code that began the trip */
  bool trip; /* a summary of the trip */
  bool end;
  bool fault;
  uint16_t fault_code;
  uint32_t fault_detail;
  bool health;
} cart_due;

typedef struct cart {
  cart_state state;
  const cart_factory *factory;
  cart_image image;
  uint8_t reader[32];
  size_t reader_size;
  uint32_t boot;
  uint32_t chance;
  uint64_t now_ms;
  bool has_journal;
  bool has_element;
  bool has_image;
  bool linked; /* to the network */
  bool docked;
  uint8_t battery;
  int16_t signal_dbm;
  uint32_t grams;
  bool has_grams;
  bool in_store; /* a beacon or terminal of the store is in reach */
  uint64_t gone_ms;
  uint8_t terminal[32]; /* the nearest */
  size_t terminal_size;
  int16_t terminal_dbm;
  uint64_t terminal_ms; /* when it was last heard */
  uint64_t state_ms; /* when the state was entered */
  uint64_t due_ms;   /* the state's own timer; 0: none */
  uint64_t health_ms;
  uint64_t checked_ms; /* when the firmware was asked for */
  uint32_t failures;   /* attestations that failed in a row */
  bool ask_firmware;
  bool sync; /* after a power loss: the first frame tells where the numbers stand */
  bool acted; /* somebody did something since the last health event */
  bool redraw;
  uint64_t notice_ms;
  uint64_t wait_until_ms; /* nothing new is begun before */
  uint32_t last_id;       /* of the newest record */
  uint8_t first_code[MSG_CODE_MAX]; /* scanned in READY: the trip's first item */
  size_t first_code_size;
  cell_clock clock;
  cart_evidence evidence;
  cart_trip trip;
  cart_flight flight;
  cart_identity identity;
  cart_telemetry telemetry;
  cart_note note;
  cart_due due;
  display_model display;
  /* the step under way */
  cart_effect *out;
  size_t out_used;
  size_t out_cap;
  cart_effect beyond; /* where effects go that the caller had no room for */
} cart_t;

#endif
