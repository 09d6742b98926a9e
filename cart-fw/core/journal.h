/**
 * Store and forward on NOR flash: an append-only ring of sectors. Power may fail at any byte of any program or erase.
 *
 *   sector   header, records …, FF
 *   header   magic(4) epoch(4) acknowledged(4) count(4)  zeros(12) crc(4)         32 bytes
 *   record   size(2) type(1) 00(1) id(4) crc of payload(4) crc of these 12 bytes(4), payload padded with FF to the unit
 *
 * Numbers are little endian, CRCs are CRC-32C (RFC 3720, B.4). No byte is programmed twice between two erases, and each
 * program is a multiple of JOURNAL_UNIT, so flash encryption is no hindrance. "Acknowledged" is a record too, and each
 * new sector's header carries the cursor on, so that the oldest sector can be erased without losing it; `count` is
 * carried the same way (the boot count lives there). A torn tail ends its sector: nothing is appended behind it. What was
 * programmed is read back, and programmed again elsewhere when it does not read well. Mounting writes only when the area
 * is blank.
 */
#ifndef CARTWRIGHT_JOURNAL_H
#define CARTWRIGHT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_UNIT 16u
#define JOURNAL_PAYLOAD_MAX 480u
#define JOURNAL_SECTORS_MIN 4u
#define JOURNAL_SECTOR_MIN 256u

typedef enum {
  JOURNAL_OK = 0,
  JOURNAL_FULL,     /* nothing was written; nothing is ever dropped to make room */
  JOURNAL_END,      /* no further record */
  JOURNAL_ARGUMENT, /* the caller broke the contract: too big, an id that never was, a geometry that can't be */
  JOURNAL_BROKEN    /* the flash failed; what was appended before is still there */
} journal_status;

/** What is written may leave this much room to those who need it more. */
typedef enum {
  JOURNAL_ORDINARY = 0, /* leaves two sectors */
  JOURNAL_FAULT = 1,    /* leaves one: faults are still told when scans are no longer taken */
  JOURNAL_CONTROL = 2   /* leaves none: what the cart must note to empty the journal */
} journal_class;

typedef struct {
  int (*read)(void *context, uint32_t offset, void *to, size_t size);
  int (*program)(void *context, uint32_t offset, const void *from, size_t size);
  int (*erase)(void *context, uint32_t offset);
  void *context;
  uint32_t sector; /* bytes, a multiple of JOURNAL_UNIT and at least JOURNAL_SECTOR_MIN */
  uint32_t sectors; /* at least JOURNAL_SECTORS_MIN */
} journal_flash;

typedef struct {
  const journal_flash *flash;
  uint32_t next_id;
  uint32_t acknowledged; /* ids up to this one need no longer be kept */
  uint32_t count;        /* only grows */
  uint32_t head;         /* epochs; a sector's place is its epoch modulo the number of sectors */
  uint32_t tail;
  uint32_t at; /* where the next record goes in the head sector */
} journal;

/** Where a walk is. Zero before the first record. */
typedef struct {
  uint32_t epoch;
  uint32_t offset;
  uint32_t id; /* the last one that was answered: one that was written twice is read once */
} journal_cursor;

typedef struct {
  uint32_t id;
  uint8_t type;
  uint16_t size; /* bytes of payload */
} journal_record;

/** Finds what is there. JOURNAL_BROKEN: the flash does not answer; JOURNAL_ARGUMENT: the geometry is none. */
journal_status journal_mount(journal *j, const journal_flash *flash);

/**
 * @param type 1 to 127, the caller's.
 * @param size 1 to JOURNAL_PAYLOAD_MAX bytes, and no more than one sector holds beside its header and a unit.
 * @param id the record's number, greater than all before it; may be null.
 */
journal_status journal_append(journal *j, journal_class class, uint8_t type, const uint8_t *payload, size_t size,
                              uint32_t *id);
/** Nothing up to `id` need be kept. Falling back is no error and does nothing. */
journal_status journal_acknowledge(journal *j, uint32_t id);
/** Adds one to the count, durably, before it returns. */
journal_status journal_count(journal *j, uint32_t *count);

/** The next record that is not acknowledged. JOURNAL_END behind the last one. A record that rotted is passed over. */
journal_status journal_next(const journal *j, journal_cursor *cursor, journal_record *record, uint8_t *payload,
                            size_t capacity);
/** Bytes that records of this class may still take, at least. */
uint32_t journal_room(const journal *j, journal_class class);

#endif
