#include "cfi.h"

#include <string.h>

#include "map.h"
#include "registers.h"

/* A command or a status stands once in each half of the bus. */
#define BOTH(byte) ((uint32_t)(byte)*0x00010001u)
#define READ_ARRAY BOTH(0xFFu)
#define READ_QUERY BOTH(0x98u)
#define ERASE_SETUP BOTH(0x20u)
#define BUFFERED_PROGRAM BOTH(0xE8u)
#define CONFIRM BOTH(0xD0u)
#define LOCK_SETUP BOTH(0x60u)
#define CLEAR_STATUS BOTH(0x50u)
#define IS_READY BOTH(0x80u)
#define HAS_FAILED BOTH(0x7Eu)
/* Words that go to the chip's buffer at once; every block of so many stays in one of its pages. */
#define BUFFER_WORDS 64u

static uint32_t get32(const uint8_t *from) {
  return (uint32_t)from[0] | ((uint32_t)from[1] << 8) | ((uint32_t)from[2] << 16) | ((uint32_t)from[3] << 24);
}

static uint8_t query(uint32_t at) {
  return (uint8_t)register32(MAP_FLASH + 4u * at);
}

int cfi_probe(void) {
  set_register32(MAP_FLASH, READ_ARRAY);
  set_register32(MAP_FLASH + 4u * 0x55u, READ_QUERY);
  const int found = query(0x10) == 'Q' && query(0x11) == 'R' && query(0x12) == 'Y' && query(0x13) == 1;
  const uint32_t sector = 2u * 256u * ((uint32_t)query(0x2F) | ((uint32_t)query(0x30) << 8));
  set_register32(MAP_FLASH, READ_ARRAY);
  return found && sector == CFI_SECTOR ? 0 : -1;
}

static int finish(uint32_t address) {
  uint32_t status;
  do {
    status = register32(address);
  } while ((status & IS_READY) != IS_READY);
  if ((status & HAS_FAILED) != 0u) {
    set_register32(MAP_FLASH, CLEAR_STATUS);
  }
  set_register32(MAP_FLASH, READ_ARRAY);
  return (status & HAS_FAILED) != 0u ? -1 : 0;
}

static int is_inside(uint32_t offset, size_t size) {
  return offset <= CFI_BYTES && size <= CFI_BYTES - offset;
}

int cfi_read(uint32_t offset, void *to, size_t size) {
  if (!is_inside(offset, size)) {
    return -1;
  }
  memcpy(to, (const uint8_t *)(uintptr_t)(MAP_FLASH + offset), size);
  return 0;
}

static int could_be_programmed(uint32_t address, const uint8_t *from, size_t size) {
  for (size_t i = 0; i < size; i += 4u) {
    if ((get32(from + i) & ~register32(address + (uint32_t)i)) != 0u) {
      return 0;
    }
  }
  return 1;
}

static int program_block(uint32_t address, const uint8_t *from, uint32_t words) {
  set_register32(address, BUFFERED_PROGRAM);
  while ((register32(address) & IS_READY) != IS_READY) {
  }
  set_register32(address, BOTH(words - 1u));
  for (uint32_t i = 0; i < words; i++) {
    set_register32(address + 4u * i, get32(from + 4u * i));
  }
  set_register32(address, CONFIRM);
  return finish(address);
}

int cfi_program(uint32_t offset, const void *from, size_t size) {
  const uint8_t *bytes = from;
  const uint32_t address = MAP_FLASH + offset;
  if (!is_inside(offset, size) || offset % 4u != 0u || size % 4u != 0u) {
    return -1;
  }
  if (!could_be_programmed(address, bytes, size)) {
    return -1;
  }
  for (uint32_t at = 0; at < (uint32_t)size / 4u;) {
    const uint32_t to_boundary = BUFFER_WORDS - (offset / 4u + at) % BUFFER_WORDS;
    const uint32_t left = (uint32_t)size / 4u - at;
    const uint32_t words = left < to_boundary ? left : to_boundary;
    if (program_block(address + 4u * at, bytes + 4u * at, words) != 0) {
      return -1;
    }
    at += words;
  }
  return 0;
}

int cfi_erase(uint32_t offset) {
  const uint32_t address = MAP_FLASH + offset;
  if (!is_inside(offset, CFI_SECTOR) || offset % CFI_SECTOR != 0u) {
    return -1;
  }
  set_register32(address, LOCK_SETUP);
  set_register32(address, CONFIRM);
  set_register32(address, READ_ARRAY);
  set_register32(address, ERASE_SETUP);
  set_register32(address, CONFIRM);
  return finish(address);
}
