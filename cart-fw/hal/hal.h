/**
 * What a port has to give: byte streams, flash, a clock, a watchdog, and three facts about the board. Nothing blocks.
 * Functions that answer `int` answer 0 for done and any other number for failed, unless they say a count.
 */
#ifndef CARTWRIGHT_HAL_H
#define CARTWRIGHT_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- byte streams --------------------------------------------------------------------------------------------------- */

/** One stream a peripheral. On the board some are UARTs, one is I2C, one is the BLE stack: same bytes on all ports. */
typedef enum {
  HAL_LOG = 0,     /* out: text for a technician; never on a sold cart's pins */
  HAL_MODEM = 1,   /* AT text */
  HAL_ELEMENT = 2, /* ATECC608: the bytes behind the I2C address */
  HAL_SCANNER = 3,
  HAL_NFC = 4,
  HAL_SCALE = 5,
  HAL_DISPLAY = 6,
  HAL_BLE = 7,
  HAL_CONTROL = 8, /* tests only; absent on the board: reads answer 0 */
  HAL_CHANNELS = 9
} hal_channel;

/* --- flash ---------------------------------------------------------------------------------------------------------- */

typedef enum {
  HAL_SLOT_A = 0,
  HAL_SLOT_B = 1,
  HAL_BOOT_RECORDS = 2,
  HAL_JOURNAL = 3,
  HAL_FACTORY = 4, /* written once, in the factory */
  HAL_AREAS = 5
} hal_area;

/** Offsets count from the area's start. `sector` is what one erase clears, `unit` what one program must be a multiple of. */
typedef struct {
  uint32_t sector; /* bytes; a multiple of `unit` */
  uint32_t unit;   /* bytes: 16 where the flash is encrypted */
  uint32_t sectors;
} hal_geometry;

/* --- facts about the board -------------------------------------------------------------------------------------------- */

typedef enum { HAL_RESET_POWER = 0, HAL_RESET_SOFTWARE = 1, HAL_RESET_WATCHDOG = 2, HAL_RESET_CRASH = 3 } hal_reset_reason;

typedef struct {
  bool docked;             /* on the charging rail */
  uint8_t battery_percent; /* 0..100 */
} hal_power;

/** The running image as the bootloader found it, handed over in RAM. */
typedef struct {
  uint8_t digest[32]; /* SHA-256 */
  char version[33];   /* text with its zero */
  uint32_t security_counter;
  uint16_t hardware;
  hal_area slot;
  bool trial; /* booted to be tried: it has to confirm itself or is rolled back */
  uint8_t debug; /* RFC 9711, 4.2.9: 0 enabled .. 4 disabled fully and permanently */
} hal_image;

/* --- the port --------------------------------------------------------------------------------------------------------- */

typedef struct hal {
  void *context;

  /** Milliseconds since power-on; never goes back, goes on counting while the processor waits. */
  uint64_t (*now_ms)(void *context);
  /** Randomness for pauses between attempts. Not for keys: those are the secure element's. */
  int (*entropy)(void *context, void *to, size_t size);

  /** @return bytes read, 0: none there. */
  size_t (*read)(void *context, hal_channel channel, uint8_t *to, size_t capacity);
  /** @return bytes taken, which may be fewer than `size`. */
  size_t (*write)(void *context, hal_channel channel, const uint8_t *bytes, size_t size);

  const hal_geometry *(*geometry)(void *context, hal_area area);
  int (*flash_read)(void *context, hal_area area, uint32_t offset, void *to, size_t size);
  /** `offset` and `size` are multiples of the unit; no byte is programmed twice without an erase between. */
  int (*flash_program)(void *context, hal_area area, uint32_t offset, const void *from, size_t size);
  /** Erases the sector that begins at `offset`: every byte becomes FF. */
  int (*flash_erase)(void *context, hal_area area, uint32_t offset);

  int (*power)(void *context, hal_power *power);
  const hal_image *(*image)(void *context);
  hal_reset_reason (*reset_reason)(void *context);

  void (*watchdog)(void *context);
  /** Sleeps until a byte came or `ms` have passed; may return early. */
  void (*wait)(void *context, uint32_t ms);
  /** Starts the bootloader. Does not return on a board; in a test it may. */
  void (*reset)(void *context);
} hal;

#endif
