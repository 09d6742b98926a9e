/** The journal's bytes in flash: sectors' headers and records, read and written whole or not at all. */
#ifndef CARTWRIGHT_JOURNAL_LAYOUT_H
#define CARTWRIGHT_JOURNAL_LAYOUT_H

#include "journal.h"

#define LAYOUT_SECTOR_HEAD 32u
#define LAYOUT_RECORD_HEAD 16u
/* The journal's own records; the caller's types are below them. */
#define LAYOUT_ACKNOWLEDGED 0x81u
#define LAYOUT_COUNT 0x82u

typedef struct {
  uint32_t epoch;
  uint32_t acknowledged;
  uint32_t count;
} layout_sector;

typedef struct {
  uint32_t offset; /* of the record in its sector */
  uint32_t end;    /* of the record, padding included */
  uint32_t id;
  uint32_t crc; /* of the payload */
  uint16_t size;
  uint8_t type;
} layout_record;

/** False: there is no header at this place, or it does not check out. */
bool layout_read_sector(const journal_flash *flash, uint32_t place, layout_sector *sector);
/** Erases the sector's place and writes its header. */
bool layout_open_sector(const journal_flash *flash, const layout_sector *sector);
/**
 * The first record at or behind `from` whose header checks out and that ends by `limit`; its payload may be bad.
 * What lies between is passed over unit by unit: it is blank, torn or rotten.
 */
bool layout_find(const journal_flash *flash, uint32_t epoch, uint32_t from, uint32_t limit, layout_record *record);
/** Whether the payload is the one that was written. */
bool layout_payload_is_good(const journal_flash *flash, uint32_t epoch, const layout_record *record);
/** Bytes of a record in flash. */
uint32_t layout_size(size_t payload);
/** Writes a record and reads it back. */
bool layout_write(const journal_flash *flash, uint32_t epoch, layout_record *record, const uint8_t *payload);
/** Whether everything from `from` to the sector's end can still be programmed. */
bool layout_is_blank(const journal_flash *flash, uint32_t epoch, uint32_t from);
/** Where a payload begins in the area. */
uint32_t layout_payload_offset(const journal_flash *flash, uint32_t epoch, const layout_record *record);

#endif
