/*
 * What is read from flash: the factory's record, the journal and its records, the record of updates. Anything may stand
 * there after a loss of power or a year in a drawer, and now and then its checksum is right all the same: where an input
 * asks for it, the checksums are put right before it is read.
 *
 *   what is read(1)  which checksums are put right, a bit each(1)  bytes
 */
#include <stdlib.h>
#include <string.h>

#include "cart_record.h"
#include "crc32c.h"
#include "flash.h"
#include "journal_layout.h"
#include "ota_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTOR 256u
#define SECTORS 4u
/* Numbers that a cart can come to in its life. */
#define MOST_NUMBER 0xFFFFFFu

static uint8_t memory[SECTOR * SECTORS];
static host_flash flash;

static void must(int holds)
{
  if (!holds) {
    abort();
  }
}

static uint32_t get(const uint8_t *from, size_t size)
{
  uint32_t value = 0;
  for (size_t i = size; i > 0u; i--) {
    value = (value << 8) | from[i - 1u];
  }
  return value;
}

static void put(uint8_t *to, size_t size, uint32_t value)
{
  for (size_t i = 0; i < size; i++) {
    to[i] = (uint8_t)(value >> (8u * i));
  }
}

static void fill(const uint8_t *data, size_t size)
{
  host_flash_init(&flash, memory, SECTOR, SECTORS, JOURNAL_UNIT);
  memcpy(memory, data, size < sizeof memory ? size : sizeof memory);
}

/* --- the factory's record ---------------------------------------------------------------------------------------------- */

static void factory(const uint8_t *data, size_t size, bool is_right)
{
  static cart_factory found;
  static cart_factory again;
  static uint8_t bytes[CART_FACTORY_SIZE_MAX];
  fill(data, size);
  if (is_right && size > CART_FACTORY_HEAD_SIZE) {
    const uint32_t body = (uint32_t)(size < sizeof memory ? size : sizeof memory) - (uint32_t)CART_FACTORY_HEAD_SIZE;
    memcpy(memory, "CWF1", 4);
    put(memory + 4, 2, body);
    put(memory + 6, 4, crc32c(0, memory + CART_FACTORY_HEAD_SIZE, body));
  }
  if (cart_factory_read(fw_bytes_view(memory, sizeof memory), &found) != FW_OK) {
    return;
  }
  must(memchr(found.host, 0, sizeof found.host) != NULL && found.host[0] != '\0');
  must(memchr(found.apn, 0, sizeof found.apn) != NULL);
  must(found.port != 0u);
  fw_buffer out = fw_buffer_over(bytes, sizeof bytes);
  cart_factory_put(&out, &found);
  must(cart_factory_read(fw_bytes_written(&out), &again) == FW_OK);
  must(strcmp(again.host, found.host) == 0 && strcmp(again.apn, found.apn) == 0 && again.port == found.port);
}

/* --- the cart's records in the journal --------------------------------------------------------------------------------- */

static void trip(fw_bytes record)
{
  static cart_trip found;
  static display_model model;
  uint8_t bytes[2][CART_RECORD_MAX];
  memset(&found, 0, sizeof found);
  if (!cart_record_get_trip(record, &found, &model)) {
    return;
  }
  const size_t size = cart_record_put_trip(bytes[0], &found, &model);
  must(size != 0u && cart_record_get_trip(fw_bytes_view(bytes[0], size), &found, &model));
  must(cart_record_put_trip(bytes[1], &found, &model) == size && memcmp(bytes[0], bytes[1], size) == 0);
}

static void bound(fw_bytes record)
{
  cart_bound found = {0};
  cart_bound again = {0};
  uint8_t bytes[CART_RECORD_MAX];
  if (!cart_record_get_bound(record, &found)) {
    return;
  }
  must(found.first_id != 0u && found.first_id <= found.last_id && found.count != 0u);
  const size_t size = cart_record_put_bound(bytes, &found);
  must(cart_record_get_bound(fw_bytes_view(bytes, size), &again));
  must(again.seq == found.seq && again.last_id == found.last_id && again.crc == found.crc);
}

/* --- the journal --------------------------------------------------------------------------------------------------------- */

static void put_records_right(uint8_t *sector)
{
  uint32_t at = LAYOUT_SECTOR_HEAD;
  while (at + LAYOUT_RECORD_HEAD <= SECTOR) {
    uint8_t *head = sector + at;
    const uint32_t size = get(head, 2) % SECTOR;
    const uint32_t end = at + layout_size(size);
    put(head, 2, size);
    put(head + 4, 4, get(head + 4, 4) & MOST_NUMBER);
    if (head[3] == 0u && end <= SECTOR) {
      put(head + 8, 4, crc32c(0, head + LAYOUT_RECORD_HEAD, size));
    }
    put(head + 12, 4, crc32c(0, head, 12));
    at = end;
  }
}

static void put_sectors_right(uint8_t which)
{
  for (uint32_t place = 0; place < SECTORS; place++) {
    uint8_t *head = memory + place * SECTOR;
    if ((which >> place & 1u) != 0u) {
      memcpy(head, "CJNL", 4);
      put(head + 4, 4, (get(head + 4, 4) & 0xFFFFu) * SECTORS + place);
      put(head + 8, 4, get(head + 8, 4) & MOST_NUMBER);
      put(head + 12, 4, get(head + 12, 4) & MOST_NUMBER);
      put(head + 28, 4, crc32c(0, head, 28));
    }
    if ((which >> (4u + place) & 1u) != 0u) {
      put_records_right(head);
    }
  }
}

/* How many records of this type wait; each in its order, none twice. */
static unsigned walk(const journal *j, uint8_t type)
{
  journal_cursor cursor = {0};
  journal_record record;
  uint8_t bytes[JOURNAL_PAYLOAD_MAX];
  uint32_t last = j->acknowledged;
  unsigned count = 0;
  while (journal_next(j, &cursor, &record, bytes, sizeof bytes) == JOURNAL_OK) {
    must(record.id > last && record.id < j->next_id);
    must(record.type < LAYOUT_ACKNOWLEDGED && record.size != 0u);
    last = record.id;
    count += record.type == type ? 1u : 0u;
  }
  return count;
}

/* No record of an input has this type. */
#define OWN_TYPE 0x7Fu

static void journal_area(const uint8_t *data, size_t size, uint8_t right)
{
  static journal j;
  journal_flash port = {host_flash_read, host_flash_program, host_flash_erase, &flash, SECTOR, SECTORS};
  uint8_t payload[JOURNAL_PAYLOAD_MAX];
  fill(data, size);
  put_sectors_right(right);
  must(journal_mount(&j, &port) == JOURNAL_OK);
  const unsigned before = walk(&j, OWN_TYPE);
  unsigned kept = 0;
  memset(payload, 0x33, sizeof payload);
  for (uint32_t i = 0; i < 24u; i++) {
    const size_t length = 1u + (i * 37u + right) % JOURNAL_PAYLOAD_MAX;
    kept += journal_append(&j, (journal_class)(i % 3u), OWN_TYPE, payload, length, NULL) == JOURNAL_OK ? 1u : 0u;
  }
  must(walk(&j, OWN_TYPE) == before + kept);
  uint32_t count = 0;
  (void)journal_count(&j, &count);
  must(journal_mount(&j, &port) == JOURNAL_OK);
  must(walk(&j, OWN_TYPE) == before + kept);
  if (journal_acknowledge(&j, j.next_id - 1u) == JOURNAL_OK) {
    must(walk(&j, OWN_TYPE) == 0u);
    /* A rotten record with a number beyond all others may keep its sector for as long. */
    kept = journal_append(&j, JOURNAL_ORDINARY, OWN_TYPE, payload, 16, NULL) == JOURNAL_OK ? 1u : 0u;
    must(journal_mount(&j, &port) == JOURNAL_OK);
    must(walk(&j, OWN_TYPE) == kept);
  }
  must(flash.violations == 0u);
}

/* --- the record of updates ---------------------------------------------------------------------------------------------- */

static const hal_geometry *geometry(void *context, hal_area area)
{
  static const hal_geometry TWO = {.sector = SECTOR, .unit = JOURNAL_UNIT, .sectors = 2};
  (void)context;
  return area == HAL_BOOT_RECORDS ? &TWO : NULL;
}

static int read_area(void *context, hal_area area, uint32_t offset, void *to, size_t size)
{
  (void)area;
  return host_flash_read(context, offset, to, size);
}

static int program_area(void *context, hal_area area, uint32_t offset, const void *from, size_t size)
{
  (void)area;
  return host_flash_program(context, offset, from, size);
}

static int erase_area(void *context, hal_area area, uint32_t offset)
{
  (void)area;
  return host_flash_erase(context, offset);
}

/* Records stand one behind the other: behind a blank one nothing was ever written. */
static void blank_the_rest(uint8_t *sector)
{
  bool is_blank = false;
  for (uint32_t at = 0; at < SECTOR; at += (uint32_t)OTA_RECORD_SIZE) {
    uint8_t all = 0xFF;
    for (size_t i = 0; i < OTA_RECORD_SIZE; i++) {
      all &= sector[at + i];
    }
    is_blank = is_blank || all == 0xFFu;
    if (is_blank) {
      memset(sector + at, 0xFF, OTA_RECORD_SIZE);
    }
  }
}

static void put_updates_right(uint8_t which)
{
  for (uint32_t i = 0; i < 8u; i++) {
    uint8_t *record = memory + i * OTA_RECORD_SIZE;
    if ((which >> i & 1u) != 0u) {
      memcpy(record, "CWR1", 4);
      put(record + 4, 4, get(record + 4, 4) & MOST_NUMBER);
      put(record + 60, 4, crc32c(0, record, 60));
    }
  }
  blank_the_rest(memory);
  blank_the_rest(memory + SECTOR);
}

static void updates(const uint8_t *data, size_t size, uint8_t right)
{
  static ota_record found;
  static ota_record again;
  ota_record_place place;
  hal port;
  memset(&port, 0, sizeof port);
  port.context = &flash;
  port.geometry = geometry;
  port.flash_read = read_area;
  port.flash_program = program_area;
  port.flash_erase = erase_area;
  fill(data, size);
  put_updates_right(right);
  must(ota_record_read(&port, &found, &place) == FW_OK);
  must(found.active == HAL_SLOT_A || found.active == HAL_SLOT_B);
  for (unsigned i = 0; i < 9u; i++) {
    const uint32_t sequence = place.sequence;
    found.download_offset++;
    must(ota_record_write(&port, &found, &place) == FW_OK);
    must(ota_record_read(&port, &again, &place) == FW_OK);
    must(place.sequence == sequence + 1u && again.active == found.active && again.trial == found.trial);
    must(again.security_counter == found.security_counter && again.download_offset == found.download_offset);
  }
  must(flash.violations == 0u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2u) {
    return 0;
  }
  const uint8_t right = data[1];
  const uint8_t *bytes = data + 2;
  const size_t rest = size - 2u;
  switch (data[0] % 4u) {
  case 0:
    factory(bytes, rest, right != 0u);
    break;
  case 1:
    trip(fw_bytes_view(bytes, rest));
    bound(fw_bytes_view(bytes, rest));
    break;
  case 2:
    journal_area(bytes, rest, right);
    break;
  default:
    updates(bytes, rest, right);
    break;
  }
  return 0;
}
