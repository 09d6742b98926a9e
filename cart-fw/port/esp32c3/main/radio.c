/*
 * The BLE stack in the place of the BLE module: frames of core/serial_frame.h in, frames out. Store beacons, terminals
 * and staff badges advertise one service whose data is kind(1) and id; the two that are spoken to have two
 * characteristics, one to write frames to and one that notifies frames. Encrypted links only.
 */
#include <string.h>

#include "ble.h"
#include "board.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "host/ble_gap.h"
#include "host/ble_gatt.h"
#include "host/ble_hs.h"
#include "host/util/util.h"
#include "nimble/nimble_port.h"
#include "nimble/nimble_port_freertos.h"
#include "serial_frame.h"

#define PEERS 8u
#define GONE_US (3 * 1000000LL)
#define RING_SIZE 1024u
#define NO_CONNECTION 0xFFFFu
#define CONNECT_MS 4000
/* Service 7C1E0001-6361-7274-8000-00805F9B34FB and its characteristics 0002 (write) and 0003 (notify). */
#define UUID(last)                                                                                                     \
  BLE_UUID128_INIT(0xFB, 0x34, 0x9B, 0x5F, 0x80, 0x00, 0x00, 0x80, 0x74, 0x72, 0x61, 0x63, (last), 0x00, 0x1E, 0x7C)

static const ble_uuid128_t service = UUID(0x01);
static const ble_uuid128_t to_peer = UUID(0x02);
static const ble_uuid128_t from_peer = UUID(0x03);

typedef struct {
  ble_addr_t address;
  uint8_t kind;
  uint8_t id_size;
  char id[BLE_ID_MAX];
  int64_t heard_us;
} peer;

static peer peers[PEERS];
static uint8_t ring[RING_SIZE];
static size_t ring_head;
static size_t ring_used;
static SemaphoreHandle_t lock; /* the NimBLE task fills, the cart's loop takes */

static serial_frame_reader from_cart;
static uint8_t from_cart_bytes[BLE_BUFFER_SIZE];
/* What is to be written to the peer once it is connected. */
static uint8_t outgoing[BLE_BUFFER_SIZE];
static uint16_t outgoing_size;
static uint16_t connection = NO_CONNECTION;
static uint16_t write_handle;
static uint16_t notify_handle;
static uint8_t own_address_type;

static void scan(void);

/* --- to the cart -------------------------------------------------------------------------------------------------------- */

static void give(const uint8_t *bytes, size_t size) {
  (void)xSemaphoreTake(lock, portMAX_DELAY);
  if (size <= RING_SIZE - ring_used) { /* a frame goes whole or not at all */
    for (size_t i = 0; i < size; i++) {
      ring[(ring_head + ring_used + i) % RING_SIZE] = bytes[i];
    }
    ring_used += size;
  }
  (void)xSemaphoreGive(lock);
}

static void tell(uint8_t type, const peer *about, int8_t rssi) {
  uint8_t payload[3u + BLE_ID_MAX];
  uint8_t frame[sizeof payload + SERIAL_FRAME_OVERHEAD];
  payload[0] = about->kind;
  payload[1] = (uint8_t)rssi;
  payload[2] = about->id_size;
  memcpy(payload + 3, about->id, about->id_size);
  give(frame, serial_frame_write(frame, sizeof frame, type, payload, 3u + (size_t)about->id_size));
}

size_t radio_read(uint8_t *to, size_t capacity) {
  (void)xSemaphoreTake(lock, portMAX_DELAY);
  const size_t size = ring_used < capacity ? ring_used : capacity;
  for (size_t i = 0; i < size; i++) {
    to[i] = ring[(ring_head + i) % RING_SIZE];
    ring[(ring_head + i) % RING_SIZE] = 0;
  }
  ring_head = (ring_head + size) % RING_SIZE;
  ring_used -= size;
  (void)xSemaphoreGive(lock);
  return size;
}

/* --- who is near --------------------------------------------------------------------------------------------------------- */

static peer *place_for(const ble_addr_t *address) {
  peer *oldest = &peers[0];
  for (size_t i = 0; i < PEERS; i++) {
    if (ble_addr_cmp(&peers[i].address, address) == 0) {
      return &peers[i];
    }
    if (peers[i].heard_us < oldest->heard_us) {
      oldest = &peers[i];
    }
  }
  return oldest;
}

static void heard(const struct ble_gap_disc_desc *found) {
  struct ble_hs_adv_fields fields;
  if (ble_hs_adv_parse_fields(&fields, found->data, found->length_data) != 0) {
    return;
  }
  const uint8_t *data = fields.svc_data_uuid128;
  const size_t head = sizeof service.value;
  if (data == NULL || fields.svc_data_uuid128_len < head + 2u || memcmp(data, service.value, head) != 0) {
    return;
  }
  const size_t id_size = (size_t)fields.svc_data_uuid128_len - head - 1u;
  if (data[head] > (uint8_t)BLE_STAFF || id_size > BLE_ID_MAX) {
    return;
  }
  peer *near = place_for(&found->addr);
  near->address = found->addr;
  near->kind = data[head];
  near->id_size = (uint8_t)id_size;
  memcpy(near->id, data + head + 1u, id_size);
  near->heard_us = esp_timer_get_time();
  tell(BLE_FRAME_SEEN, near, found->rssi);
}

static void forget_silent(void) {
  const int64_t now = esp_timer_get_time();
  for (size_t i = 0; i < PEERS; i++) {
    if (peers[i].heard_us != 0 && now - peers[i].heard_us > GONE_US) {
      tell(BLE_FRAME_GONE, &peers[i], 0);
      memset(&peers[i], 0, sizeof peers[i]);
    }
  }
}

/* --- speaking to one ------------------------------------------------------------------------------------------------------ */

static void drop(void) {
  memset(outgoing, 0, sizeof outgoing);
  outgoing_size = 0;
  if (connection != NO_CONNECTION) {
    (void)ble_gap_terminate(connection, BLE_ERR_REM_USER_CONN_TERM);
  }
}

/** Asks for notifications, then writes what waits; NimBLE keeps the order. */
static int begin(uint16_t handle) {
  static const uint8_t notifications[2] = {0x01, 0x00};
  /* The peers' service has the client configuration right behind the value (docs/PORTING.md). */
  const uint16_t configuration = (uint16_t)(notify_handle + 1u);
  if (ble_gattc_write_flat(handle, configuration, notifications, sizeof notifications, NULL, NULL) != 0) {
    return -1;
  }
  return ble_gattc_write_flat(handle, write_handle, outgoing, outgoing_size, NULL, NULL);
}

static int found_characteristic(uint16_t handle, const struct ble_gatt_error *error, const struct ble_gatt_chr *found,
                                void *argument) {
  (void)argument;
  if (error->status == 0 && found != NULL) {
    if (ble_uuid_cmp(&found->uuid.u, &to_peer.u) == 0) {
      write_handle = found->val_handle;
    } else if (ble_uuid_cmp(&found->uuid.u, &from_peer.u) == 0) {
      notify_handle = found->val_handle;
    }
    return 0;
  }
  const bool is_whole = error->status == BLE_HS_EDONE && write_handle != 0u && notify_handle != 0u;
  if (!is_whole || begin(handle) != 0) {
    drop();
  }
  return 0;
}

static int on_gap(struct ble_gap_event *event, void *argument) {
  (void)argument;
  switch (event->type) {
    case BLE_GAP_EVENT_DISC:
      heard(&event->disc);
      forget_silent();
      break;
    case BLE_GAP_EVENT_CONNECT:
      if (event->connect.status != 0) {
        scan();
        break;
      }
      connection = event->connect.conn_handle;
      write_handle = 0;
      notify_handle = 0;
      (void)ble_gap_security_initiate(connection);
      break;
    case BLE_GAP_EVENT_ENC_CHANGE:
      if (event->enc_change.status != 0 ||
          ble_gattc_disc_all_chrs(connection, 1, 0xFFFF, found_characteristic, NULL) != 0) {
        drop();
      }
      break;
    case BLE_GAP_EVENT_NOTIFY_RX: {
      uint8_t bytes[BLE_BUFFER_SIZE];
      uint16_t size = 0;
      if (ble_hs_mbuf_to_flat(event->notify_rx.om, bytes, sizeof bytes, &size) == 0) {
        give(bytes, size);
      }
      memset(bytes, 0, sizeof bytes);
      break;
    }
    case BLE_GAP_EVENT_DISCONNECT:
      connection = NO_CONNECTION;
      scan();
      break;
    default:
      break;
  }
  return 0;
}

static void scan(void) {
  const struct ble_gap_disc_params how = {.passive = 1, .filter_duplicates = 0};
  (void)ble_gap_disc(own_address_type, BLE_HS_FOREVER, &how, on_gap, NULL);
}

/** The peer that a frame of the cart's is for: the beacon, or the terminal whose id ends the payload. */
static const peer *addressee(const serial_frame *frame) {
  for (size_t i = 0; i < PEERS; i++) {
    const peer *each = &peers[i];
    const bool is_named = each->id_size != 0u && frame->size > each->id_size &&
                          memcmp(frame->payload + frame->size - each->id_size, each->id, each->id_size) == 0;
    if (each->heard_us == 0) {
      continue;
    }
    if (frame->type == BLE_FRAME_BEACON_NONCE ? each->kind == (uint8_t)BLE_BEACON
                                              : each->kind == (uint8_t)BLE_TERMINAL && is_named) {
      return each;
    }
  }
  return NULL;
}

static void send(const serial_frame *frame) {
  const peer *to = addressee(frame);
  if (to == NULL) {
    return; /* the cart asks again when nothing comes back */
  }
  outgoing_size = (uint16_t)serial_frame_write(outgoing, sizeof outgoing, frame->type, frame->payload, frame->size);
  if (connection != NO_CONNECTION && write_handle != 0u) {
    (void)ble_gattc_write_flat(connection, write_handle, outgoing, outgoing_size, NULL, NULL);
    return;
  }
  (void)ble_gap_disc_cancel();
  if (ble_gap_connect(own_address_type, &to->address, CONNECT_MS, NULL, on_gap, NULL) != 0) {
    scan();
  }
}

size_t radio_write(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    serial_frame frame;
    if (serial_frame_push(&from_cart, bytes[i], &frame)) {
      send(&frame);
    }
  }
  return size;
}

/* --- the stack ------------------------------------------------------------------------------------------------------------- */

static void on_sync(void) {
  (void)ble_hs_id_infer_auto(0, &own_address_type);
  scan();
}

static void host_task(void *argument) {
  (void)argument;
  nimble_port_run();
  nimble_port_freertos_deinit();
}

int radio_init(void) {
  serial_frame_init(&from_cart, from_cart_bytes, sizeof from_cart_bytes);
  lock = xSemaphoreCreateMutex();
  if (lock == NULL || nimble_port_init() != ESP_OK) {
    return -1;
  }
  ble_hs_cfg.sync_cb = on_sync;
  ble_hs_cfg.sm_bonding = 1;
  ble_hs_cfg.sm_sc = 1;
  nimble_port_freertos_init(host_task);
  return 0;
}
