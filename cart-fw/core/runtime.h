/**
 * The one loop, alike on every port: bytes from the HAL through the drivers become events, `cart_step` decides, its
 * effects go through the drivers to the HAL. All buffers are here, so a wipe reaches every one of them.
 */
#ifndef CARTWRIGHT_RUNTIME_H
#define CARTWRIGHT_RUNTIME_H

#include "ble.h"
#include "cart.h"
#include "hal.h"
#include "journal.h"
#include "modem.h"
#include "nfc.h"
#include "ota.h"
#include "scale.h"
#include "scanner.h"
#include "se608.h"

/** Head and frame of the longest request. */
#define RUNTIME_REQUEST_MAX (CART_FRAME_MAX + 320u)
/** The longest answer that is kept: CART_BATCH_MAX lines and the open holds. */
#define RUNTIME_ANSWER_MAX ((size_t)5120)

typedef enum { EXCHANGE_NONE, EXCHANGE_OPENING, EXCHANGE_SENDING, EXCHANGE_RECEIVING } runtime_exchange_phase;

/** One request and its answer on the kept connection. */
typedef struct {
  runtime_exchange_phase phase;
  bool is_range;  /* for the update, else for the cart */
  bool is_secret; /* wiped when sent, and never sent again from here */
  bool is_fresh;  /* on a connection that was opened for it */
  uint64_t deadline_ms;
  http1_parser parser;
  uint8_t request[RUNTIME_REQUEST_MAX];
  size_t request_size;
  uint8_t answer[RUNTIME_ANSWER_MAX];
  size_t answer_size;
  bool is_cut;
} runtime_exchange;

/** Bytes on their way to a channel that takes only some at a time. */
typedef struct {
  uint8_t bytes[DISPLAY_WIRE_PICTURE_MAX];
  size_t size;
  size_t at;
} runtime_outbox;

typedef enum {
  ELEMENT_FREE,
  ELEMENT_TEST,    /* at power-on: does it answer, with the right key */
  ELEMENT_TEST_COUNTER, /* and has it counted beyond the image that runs */
  ELEMENT_SIGN,
  ELEMENT_VERIFY,  /* a signature of an update's manifest */
  ELEMENT_COUNTER, /* what its security counter says */
  ELEMENT_COUNT_UP,
  ELEMENT_USES
} runtime_element_use;

typedef struct {
  const hal *port;
  cart_t cart;
  cart_factory factory;
  journal store;
  journal_flash flash;
  bool has_appended;
  cart_append_status append_status;
  uint32_t append_id;
  bool reading;
  journal_cursor cursor;
  uint8_t record[CART_RECORD_MAX];

  modem_config network;
  modem modem;
  runtime_exchange exchange;
  se608 element;
  runtime_element_use element_use;
  uint32_t element_tests;
  uint64_t element_due_ms; /* the next self-test; 0: none */
  uint8_t digest[32];
  bool wants_signature;
  uint32_t security_counter; /* what the element's counter must at least be; 0: nothing to do */

  scanner_line scanner;
  nfc_line nfc;
  scale_line scale;
  display_wire_line panel;
  ble_line ble;
  runtime_outbox picture;
  bool wants_picture;
  runtime_outbox radio;
  runtime_outbox modem_out;
  runtime_outbox element_out;
  runtime_outbox nfc_out;

  ota_config update_config;
  ota update;
  bool updating;
  bool update_moved; /* the range under way has brought bytes of the image */
  uint32_t update_failures; /* ranges in a row that brought nothing, or broke off */
  uint64_t update_due_ms;
  uint32_t update_percent;
  uint32_t confirmation; /* evidence of a round trip that the boot records do not show yet; 0: none */

  bool docked;
  uint8_t battery;
  bool has_power;
  uint64_t tick_ms;
  uint64_t second_ms; /* when was last done what is done once a second */
  cart_state logged;
} runtime;

/**
 * @param port, keys the caller's, for the runtime's life. `keys` are those that firmware manifests are signed with.
 * @return false when the factory's record is not there: such a cart is out of order. The loop is to run all the same, as
 *   it is what writes that on the panel.
 */
bool runtime_init(runtime *rt, const hal *port, const manifest_keys *keys);
/** One pass. @return whether anything was done; if not, the port may sleep until a byte or for some milliseconds. */
bool runtime_pass(runtime *rt);
/** Passes for ever. */
_Noreturn void runtime_run(runtime *rt);

#endif
