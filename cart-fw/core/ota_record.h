/**
 * What bootloader and application tell each other over a reset: which slot runs, whether another is being tried, the
 * security counter that holds, and how far a download has come. One record is the whole state; the last valid one
 * counts. Two sectors take turns: a sector is erased only once the other one holds a newer record, so power may fail at
 * any byte and either the state before or the state after is read.
 *
 *   "CWR1"  sequence(4)  active(1) trial(1) trial boots(1) trial power-ons(1)  security counter(4)
 *   refused image(16)  download offset(4)  downloaded image(16)  zeros(8)  CRC-32C(4)          64 bytes, little endian
 */
#ifndef CARTWRIGHT_OTA_RECORD_H
#define CARTWRIGHT_OTA_RECORD_H

#include "bytes.h"
#include "hal.h"

#define OTA_RECORD_SIZE ((size_t)64)
/** An image is named by the first bytes of its digest where nothing is verified by it. */
#define OTA_NAME_SIZE ((size_t)16)

typedef struct {
  hal_area active;       /* the slot that was confirmed last */
  bool trial;            /* the other slot is to be tried */
  uint8_t trial_boots;   /* boots of the trial so far, not counting those after a power failure */
  uint8_t trial_power_ons;
  uint32_t security_counter; /* no image with a lower one is booted or taken */
  uint8_t refused[16];   /* name of the image whose trial failed last; zeros: none */
  uint32_t download_offset; /* bytes of the download that are in the other slot for good */
  uint8_t download[16];  /* name of the image that is being downloaded; zeros: none */
} ota_record;

/** Where the next record goes. Filled by ota_record_read. */
typedef struct {
  uint32_t sequence; /* of the last valid record, 0: none */
  uint32_t sector;   /* the sector that holds it */
  uint32_t next;     /* offset in that sector behind everything that was ever written to it */
} ota_record_place;

/**
 * The state. A blank or wholly unreadable area is the factory's: slot A, no trial, counter 0.
 * @return FW_OK; FW_ERR_FLASH when the flash does not answer, FW_ERR_ARGUMENT for an area that is no two such sectors.
 */
fw_status ota_record_read(const hal *port, ota_record *record, ota_record_place *place);
/** Appends the state; it holds once this returns FW_OK. After FW_ERR_FLASH the old or the new one holds. */
fw_status ota_record_write(const hal *port, const ota_record *record, ota_record_place *place);

/**
 * The same for a write that needs leave. Instructions that a glitch skips could lead here without it, so the leave is
 * part of what is written.
 * @param doubt 0 when leave was given; with any other word the bytes are no record, and the state stays what it was.
 */
fw_status ota_record_write_unless(const hal *port, const ota_record *record, ota_record_place *place, uint32_t doubt);

/** The slot that does not run when `active` does. */
hal_area ota_other_slot(hal_area active);

#endif
