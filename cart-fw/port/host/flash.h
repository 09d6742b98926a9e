/**
 * NOR flash in memory, with everything that goes wrong with it: power that fails at any byte, writes that garble more
 * than the byte they stopped at, erases that stop half way, bits that stick, bits that change by being read.
 */
#ifndef CARTWRIGHT_HOST_FLASH_H
#define CARTWRIGHT_HOST_FLASH_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a program leaves behind when the power fails in it. */
typedef enum {
  TORN_BYTE,  /* the bytes before, and one that is half done */
  TORN_BURST, /* the bytes before, and up to 16 that are half done */
  TORN_PAGE,  /* any of its bytes: done, half done or untouched */
  TORN_MODES
} host_torn;

/** What an erase leaves behind. */
typedef enum { ERASE_RANDOM, ERASE_FIRST_HALF, ERASE_SECOND_HALF, ERASE_UNTOUCHED, ERASE_PATTERNS } host_erase;

typedef struct {
  uint8_t *bytes;
  uint32_t sector;
  uint32_t sectors;
  uint32_t unit;
  /* Bytes programmed and sectors erased since the start; the power fails at `cut_at` and cut is jumped to. */
  uint64_t done;
  bool has_cut;
  uint64_t cut_at;
  host_torn torn;
  host_erase erase;
  jmp_buf cut;
  bool cut_in_erase; /* what the cut hit */
  uint32_t chance;
  /* The caller broke a rule of NOR flash: misaligned, or programmed twice. */
  unsigned violations;
  /* Calls that are answered with an error, counted down; 0: none. */
  unsigned fail_programs;
  unsigned fail_erases;
  unsigned fail_reads;
  /* The read with this number, counted from 1, fails; 0: none. */
  uint32_t fail_read_at;
  /* Every so many reads flip a bit of what was read, for good; 0: never. */
  uint32_t disturb_every;
  uint32_t reads;
} host_flash;

void host_flash_init(host_flash *flash, uint8_t *bytes, uint32_t sector, uint32_t sectors, uint32_t unit);
/** The same over bytes that are somebody's flash already. */
void host_flash_adopt(host_flash *flash, uint8_t *bytes, uint32_t sector, uint32_t sectors, uint32_t unit);
/** As from the factory: all ones. */
void host_flash_blank(host_flash *flash);
/** The power fails after so many more bytes and erases. */
void host_flash_cut_after(host_flash *flash, uint64_t operations);
void host_flash_no_cut(host_flash *flash);
uint32_t host_flash_chance(host_flash *flash);

/** In the form of journal_flash and of the HAL; `context` is the host_flash. */
int host_flash_read(void *context, uint32_t offset, void *to, size_t size);
int host_flash_program(void *context, uint32_t offset, const void *from, size_t size);
int host_flash_erase(void *context, uint32_t offset);

#endif
