/**
 * The BLE module's line: what the radio sees (store beacons, payment terminals, staff badges) and the two connections
 * that the cart makes over it. Payloads are fixed fields, then texts with a length byte before each; numbers are big
 * endian.
 *
 *   SEEN/GONE      kind(1) rssi(1, signed) id(text)
 *   BEACON_NONCE   nonce(16)                                   the beacon signs {store, nonce}
 *   BEACON_SAYS    a frame (COSE_Sign1), 1 to BLE_STATEMENT_MAX bytes
 *   PAY            handoff(16) amount(8) exponent(1) currency(3) terminal(text)
 *   PAY_STATUS     handoff(16) terminal(text)                  asks again; never a second payment
 *   PAY_CANCEL     handoff(16) terminal(text)
 *   PAY_OUTCOME    handoff(16) outcome(1) reference(text, 0 to 64)
 */
#ifndef CART_CORE_BLE_H
#define CART_CORE_BLE_H

#include "serial_frame.h"

#define BLE_ID_MAX 32u
#define BLE_REFERENCE_MAX 64u
#define BLE_STATEMENT_MAX 256u
#define BLE_BUFFER_SIZE (BLE_STATEMENT_MAX + SERIAL_FRAME_OVERHEAD)
#define BLE_HANDOFF_SIZE 16u
#define BLE_NONCE_SIZE 16u

#define BLE_FRAME_SEEN 0x01u
#define BLE_FRAME_GONE 0x02u
#define BLE_FRAME_BEACON_SAYS 0x03u
#define BLE_FRAME_PAY_OUTCOME 0x04u
#define BLE_FRAME_BEACON_NONCE 0x81u
#define BLE_FRAME_PAY 0x82u
#define BLE_FRAME_PAY_STATUS 0x83u
#define BLE_FRAME_PAY_CANCEL 0x84u

typedef enum { BLE_BEACON = 0, BLE_TERMINAL = 1, BLE_STAFF = 2 } ble_device;

typedef enum { BLE_APPROVED = 0, BLE_DECLINED = 1, BLE_UNKNOWN = 2, BLE_CANCELLED = 3 } ble_outcome;

typedef enum {
  BLE_NOTHING,
  /* device, id, rssi_dbm: in reach; repeated about once a second. */
  BLE_SEEN,
  /* device, id: not heard for a while. */
  BLE_GONE,
  /* bytes, size: the beacon's signed statement. */
  BLE_STATEMENT,
  /* handoff, outcome, reference (may be empty). */
  BLE_PAYMENT,
  BLE_MALFORMED
} ble_event_kind;

typedef struct {
  ble_event_kind kind;
  ble_device device;
  int8_t rssi_dbm;
  const char *id;
  size_t id_size;
  const uint8_t *bytes;
  size_t size;
  const uint8_t *handoff;
  ble_outcome outcome;
  const char *reference;
  size_t reference_size;
} ble_event;

typedef struct {
  serial_frame_reader reader;
  uint8_t bytes[BLE_BUFFER_SIZE];
} ble_line;

typedef struct {
  uint8_t handoff[BLE_HANDOFF_SIZE];
  uint64_t amount_minor;
  uint8_t exponent;
  char currency[3];
} ble_payment_order;

void ble_init(ble_line *line);

/** One byte from the line. Pointers of the event stay valid until the next call. */
ble_event ble_feed(ble_line *line, uint8_t byte);

/** Writers return bytes written, 0: no room, or an id longer than BLE_ID_MAX. */
size_t ble_write_nonce(uint8_t *out, size_t capacity, const uint8_t nonce[BLE_NONCE_SIZE]);
size_t ble_write_pay(uint8_t *out, size_t capacity, const ble_payment_order *order, const char *terminal, size_t size);
size_t ble_write_pay_status(uint8_t *out, size_t capacity, const uint8_t handoff[BLE_HANDOFF_SIZE],
              const char *terminal, size_t size);
size_t ble_write_pay_cancel(uint8_t *out, size_t capacity, const uint8_t handoff[BLE_HANDOFF_SIZE],
              const char *terminal, size_t size);

#endif
