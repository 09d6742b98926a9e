#include "ota_record.h"

#include "crc32c.h"

#include <string.h>

#define MAGIC ((uint32_t)0x31525743u) /* "CWR1" */
#define SECTORS 2u
#define NONE 0xFFu

/* Offsets in a record. */
enum {
  AT_MAGIC = 0,
  AT_SEQUENCE = 4,
  AT_ACTIVE = 8,
  AT_TRIAL = 9,
  AT_BOOTS = 10,
  AT_POWER_ONS = 11,
  AT_COUNTER = 12,
  AT_REFUSED = 16,
  AT_OFFSET = 32,
  AT_DOWNLOAD = 36,
  AT_CRC = 60
};

static uint32_t get32(const uint8_t *from) {
  return (uint32_t)from[0] | ((uint32_t)from[1] << 8) | ((uint32_t)from[2] << 16) | ((uint32_t)from[3] << 24);
}

static void put32(uint8_t *to, uint32_t value) {
  for (size_t i = 0; i < 4u; i++) {
    to[i] = (uint8_t)(value >> (8u * i));
  }
}

static bool is_blank(const uint8_t *bytes) {
  uint8_t all = 0xFFu;
  for (size_t i = 0; i < OTA_RECORD_SIZE; i++) {
    all &= bytes[i];
  }
  return all == 0xFFu;
}

hal_area ota_other_slot(hal_area active) {
  return active == HAL_SLOT_A ? HAL_SLOT_B : HAL_SLOT_A;
}

static void encode(const ota_record *record, uint32_t sequence, uint32_t doubt, uint8_t *to) {
  memset(to, 0, OTA_RECORD_SIZE);
  put32(to + AT_MAGIC, MAGIC);
  put32(to + AT_SEQUENCE, sequence);
  to[AT_ACTIVE] = (uint8_t)record->active;
  to[AT_TRIAL] = record->trial ? (uint8_t)ota_other_slot(record->active) : NONE;
  to[AT_BOOTS] = record->trial_boots;
  to[AT_POWER_ONS] = record->trial_power_ons;
  put32(to + AT_COUNTER, record->security_counter);
  memcpy(to + AT_REFUSED, record->refused, OTA_NAME_SIZE);
  put32(to + AT_OFFSET, record->download_offset);
  memcpy(to + AT_DOWNLOAD, record->download, OTA_NAME_SIZE);
  put32(to + AT_CRC, crc32c(0, to, AT_CRC) ^ doubt);
}

/** The record's sequence number; 0: the bytes are no record. */
static uint32_t decode(const uint8_t *from, ota_record *record) {
  if (get32(from + AT_MAGIC) != MAGIC) {
    return 0;
  }
  if (get32(from + AT_CRC) != crc32c(0, from, AT_CRC)) {
    return 0;
  }
  record->active = from[AT_ACTIVE] == (uint8_t)HAL_SLOT_B ? HAL_SLOT_B : HAL_SLOT_A;
  record->trial = from[AT_TRIAL] == (uint8_t)ota_other_slot(record->active);
  record->trial_boots = from[AT_BOOTS];
  record->trial_power_ons = from[AT_POWER_ONS];
  record->security_counter = get32(from + AT_COUNTER);
  memcpy(record->refused, from + AT_REFUSED, OTA_NAME_SIZE);
  record->download_offset = get32(from + AT_OFFSET);
  memcpy(record->download, from + AT_DOWNLOAD, OTA_NAME_SIZE);
  return get32(from + AT_SEQUENCE);
}

static void factory_state(ota_record *record, ota_record_place *place) {
  memset(record, 0, sizeof *record);
  record->active = HAL_SLOT_A;
  place->sequence = 0;
  /* As if the second sector were full: the first record goes to the first sector, erased before. */
  place->sector = SECTORS - 1u;
  place->next = UINT32_MAX;
}

/** Looks through one sector; its end is behind the last bytes that are not blank, torn records included. */
static fw_status scan(const hal *port, const hal_geometry *area, uint32_t sector, ota_record *record,
                      ota_record_place *place) {
  uint32_t end = 0;
  bool newest_here = false;
  for (uint32_t at = 0; at + OTA_RECORD_SIZE <= area->sector; at += (uint32_t)OTA_RECORD_SIZE) {
    uint8_t bytes[OTA_RECORD_SIZE];
    if (port->flash_read(port->context, HAL_BOOT_RECORDS, sector * area->sector + at, bytes, sizeof bytes) != 0) {
      return FW_ERR_FLASH;
    }
    if (is_blank(bytes)) {
      break; /* records stand one behind the other: nothing newer lies behind a place that was never written */
    }
    end = at + (uint32_t)OTA_RECORD_SIZE;
    ota_record found;
    const uint32_t sequence = decode(bytes, &found);
    if (sequence > place->sequence) {
      *record = found;
      place->sequence = sequence;
      newest_here = true;
    }
  }
  if (newest_here) {
    place->sector = sector;
    place->next = end;
  }
  return FW_OK;
}

static const hal_geometry *geometry_of(const hal *port) {
  const hal_geometry *area = port->geometry(port->context, HAL_BOOT_RECORDS);
  if (area == NULL || area->sectors != SECTORS || area->unit == 0u) {
    return NULL;
  }
  return OTA_RECORD_SIZE % area->unit == 0u ? area : NULL;
}

fw_status ota_record_read(const hal *port, ota_record *record, ota_record_place *place) {
  factory_state(record, place);
  const hal_geometry *area = geometry_of(port);
  if (area == NULL) {
    return FW_ERR_ARGUMENT;
  }
  for (uint32_t sector = 0; sector < SECTORS; sector++) {
    const fw_status status = scan(port, area, sector, record, place);
    if (status != FW_OK) {
      return status;
    }
  }
  return FW_OK;
}

/** Where the next record goes: behind the last one, or at the front of the other sector, which is erased for it. */
static fw_status make_room(const hal *port, const hal_geometry *area, ota_record_place *place) {
  if (place->next <= area->sector - (uint32_t)OTA_RECORD_SIZE) {
    return FW_OK;
  }
  const uint32_t other = SECTORS - 1u - place->sector;
  if (port->flash_erase(port->context, HAL_BOOT_RECORDS, other * area->sector) != 0) {
    return FW_ERR_FLASH;
  }
  place->sector = other;
  place->next = 0;
  return FW_OK;
}

fw_status ota_record_write(const hal *port, const ota_record *record, ota_record_place *place) {
  return ota_record_write_unless(port, record, place, 0);
}

fw_status ota_record_write_unless(const hal *port, const ota_record *record, ota_record_place *place, uint32_t doubt) {
  const hal_geometry *area = geometry_of(port);
  if (area == NULL) {
    return FW_ERR_ARGUMENT;
  }
  const fw_status room = make_room(port, area, place);
  if (room != FW_OK) {
    return room;
  }
  const uint32_t at = place->sector * area->sector + place->next;
  uint8_t bytes[OTA_RECORD_SIZE];
  uint8_t back[OTA_RECORD_SIZE];
  encode(record, place->sequence + 1u, doubt, bytes);
  place->next += (uint32_t)OTA_RECORD_SIZE; /* used up, whatever comes of it */
  if (port->flash_program(port->context, HAL_BOOT_RECORDS, at, bytes, sizeof bytes) != 0) {
    return FW_ERR_FLASH;
  }
  if (port->flash_read(port->context, HAL_BOOT_RECORDS, at, back, sizeof back) != 0) {
    return FW_ERR_FLASH;
  }
  if (memcmp(bytes, back, sizeof bytes) != 0) {
    return FW_ERR_FLASH;
  }
  place->sequence += 1u;
  return FW_OK;
}
