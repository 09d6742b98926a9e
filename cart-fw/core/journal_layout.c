#include "journal_layout.h"

#include <string.h>

#include "crc32c.h"

#define MAGIC 0x4C4E4A43u /* "CJNL" */
#define SECTOR_CRC_AT 28u
#define RECORD_CRC_AT 12u
#define CHUNK 64u

static void put32(uint8_t *to, uint32_t value) {
  for (unsigned i = 0; i < 4u; i++) {
    to[i] = (uint8_t)(value >> (8u * i));
  }
}

static uint32_t get32(const uint8_t *from) {
  return (uint32_t)from[0] | ((uint32_t)from[1] << 8) | ((uint32_t)from[2] << 16) | ((uint32_t)from[3] << 24);
}

static uint32_t base_of(const journal_flash *flash, uint32_t epoch) { return (epoch % flash->sectors) * flash->sector; }

static uint32_t padded(size_t size) { return ((uint32_t)size + JOURNAL_UNIT - 1u) & ~(JOURNAL_UNIT - 1u); }

uint32_t layout_size(size_t payload) { return LAYOUT_RECORD_HEAD + padded(payload); }

uint32_t layout_payload_offset(const journal_flash *flash, uint32_t epoch, const layout_record *record) {
  return base_of(flash, epoch) + record->offset + LAYOUT_RECORD_HEAD;
}

bool layout_read_sector(const journal_flash *flash, uint32_t place, layout_sector *sector) {
  uint8_t head[LAYOUT_SECTOR_HEAD];
  if (flash->read(flash->context, place * flash->sector, head, sizeof head) != 0) {
    return false;
  }
  sector->epoch = get32(head + 4);
  sector->acknowledged = get32(head + 8);
  sector->count = get32(head + 12);
  bool is_whole = get32(head + SECTOR_CRC_AT) == crc32c(0, head, SECTOR_CRC_AT);
  bool is_ours = get32(head) == MAGIC;
  bool is_here = sector->epoch % flash->sectors == place;
  return is_whole && is_ours && is_here;
}

bool layout_open_sector(const journal_flash *flash, const layout_sector *sector) {
  uint8_t head[LAYOUT_SECTOR_HEAD] = {0};
  put32(head, MAGIC);
  put32(head + 4, sector->epoch);
  put32(head + 8, sector->acknowledged);
  put32(head + 12, sector->count);
  put32(head + SECTOR_CRC_AT, crc32c(0, head, SECTOR_CRC_AT));
  uint32_t base = base_of(flash, sector->epoch);
  if (flash->erase(flash->context, base) != 0) {
    return false;
  }
  if (flash->program(flash->context, base, head, sizeof head) != 0) {
    return false;
  }
  layout_sector back;
  return layout_read_sector(flash, sector->epoch % flash->sectors, &back);
}

static bool is_own_type(uint8_t type) { return type == LAYOUT_ACKNOWLEDGED || type == LAYOUT_COUNT; }

/* Of no size: a record of the caller's always has one, and the journal's own never do. */
static bool has_form(const layout_record *record, uint32_t limit) {
  if (record->end > limit) {
    return false;
  }
  return is_own_type(record->type) ? record->size == 0u : record->size - 1u < JOURNAL_PAYLOAD_MAX;
}

static bool read_head(const journal_flash *flash, uint32_t epoch, uint32_t offset, layout_record *record) {
  uint8_t head[LAYOUT_RECORD_HEAD];
  if (flash->read(flash->context, base_of(flash, epoch) + offset, head, sizeof head) != 0) {
    return false;
  }
  record->offset = offset;
  record->size = (uint16_t)(head[0] | (head[1] << 8));
  record->type = head[2];
  record->id = get32(head + 4);
  record->crc = get32(head + 8);
  record->end = offset + layout_size(record->size);
  return get32(head + RECORD_CRC_AT) == crc32c(0, head, RECORD_CRC_AT);
}

bool layout_find(const journal_flash *flash, uint32_t epoch, uint32_t from, uint32_t limit, layout_record *record) {
  for (uint32_t offset = from; offset + LAYOUT_RECORD_HEAD <= limit; offset += JOURNAL_UNIT) {
    if (read_head(flash, epoch, offset, record) && has_form(record, limit)) {
      return true;
    }
  }
  return false;
}

bool layout_payload_is_good(const journal_flash *flash, uint32_t epoch, const layout_record *record) {
  uint8_t chunk[CHUNK];
  uint32_t crc = 0;
  uint32_t base = layout_payload_offset(flash, epoch, record);
  for (uint32_t done = 0; done < record->size; done += CHUNK) {
    uint32_t left = record->size - done;
    uint32_t size = left < CHUNK ? left : CHUNK;
    if (flash->read(flash->context, base + done, chunk, size) != 0) {
      return false;
    }
    crc = crc32c(crc, chunk, size);
  }
  return crc == record->crc;
}

bool layout_write(const journal_flash *flash, uint32_t epoch, layout_record *record, const uint8_t *payload) {
  uint8_t bytes[LAYOUT_RECORD_HEAD + JOURNAL_PAYLOAD_MAX];
  uint32_t size = layout_size(record->size);
  record->crc = crc32c(0, payload, record->size);
  (void)memset(bytes, 0xFF, size);
  bytes[0] = (uint8_t)record->size;
  bytes[1] = (uint8_t)(record->size >> 8);
  bytes[2] = record->type;
  bytes[3] = 0;
  put32(bytes + 4, record->id);
  put32(bytes + 8, record->crc);
  put32(bytes + RECORD_CRC_AT, crc32c(0, bytes, RECORD_CRC_AT));
  if (record->size != 0u) {
    (void)memcpy(bytes + LAYOUT_RECORD_HEAD, payload, record->size);
  }
  if (flash->program(flash->context, base_of(flash, epoch) + record->offset, bytes, size) != 0) {
    return false;
  }
  layout_record back;
  return read_head(flash, epoch, record->offset, &back) && layout_payload_is_good(flash, epoch, &back);
}

bool layout_is_blank(const journal_flash *flash, uint32_t epoch, uint32_t from) {
  uint8_t unit[JOURNAL_UNIT];
  for (uint32_t offset = from; offset < flash->sector; offset += JOURNAL_UNIT) {
    if (flash->read(flash->context, base_of(flash, epoch) + offset, unit, sizeof unit) != 0) {
      return false;
    }
    for (unsigned i = 0; i < JOURNAL_UNIT; i++) {
      if (unit[i] != 0xFFu) {
        return false;
      }
    }
  }
  return true;
}
