#include "flash.h"

#include <string.h>

void host_flash_adopt(host_flash *flash, uint8_t *bytes, uint32_t sector, uint32_t sectors, uint32_t unit) {
  (void)memset(flash, 0, sizeof *flash);
  flash->bytes = bytes;
  flash->sector = sector;
  flash->sectors = sectors;
  flash->unit = unit;
  flash->chance = 1u;
}

void host_flash_init(host_flash *flash, uint8_t *bytes, uint32_t sector, uint32_t sectors, uint32_t unit) {
  host_flash_adopt(flash, bytes, sector, sectors, unit);
  host_flash_blank(flash);
}

void host_flash_blank(host_flash *flash) { (void)memset(flash->bytes, 0xFF, (size_t)flash->sector * flash->sectors); }

void host_flash_cut_after(host_flash *flash, uint64_t operations) {
  flash->has_cut = true;
  flash->cut_at = flash->done + operations;
}

void host_flash_no_cut(host_flash *flash) { flash->has_cut = false; }

uint32_t host_flash_chance(host_flash *flash) {
  uint32_t x = flash->chance;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  flash->chance = x;
  return x;
}

static bool is_outside(const host_flash *flash, uint32_t offset, size_t size) {
  return (uint64_t)offset + size > (uint64_t)flash->sector * flash->sectors;
}

static bool fails(unsigned *left) {
  if (*left == 0u) {
    return false;
  }
  (*left)--;
  return true;
}

int host_flash_read(void *context, uint32_t offset, void *to, size_t size) {
  host_flash *flash = context;
  if (is_outside(flash, offset, size) || fails(&flash->fail_reads)) {
    return -1;
  }
  flash->reads++;
  if (flash->reads == flash->fail_read_at) {
    return -1;
  }
  if (flash->disturb_every != 0u && flash->reads % flash->disturb_every == 0u && size != 0u) {
    uint32_t at = host_flash_chance(flash) % (uint32_t)size;
    flash->bytes[offset + at] ^= (uint8_t)(1u << (host_flash_chance(flash) % 8u));
  }
  (void)memcpy(to, flash->bytes + offset, size);
  return 0;
}

/* Programming clears bits; stopped early it has cleared some of them. */
static void half_program(host_flash *flash, uint32_t at, uint8_t value) {
  flash->bytes[at] &= (uint8_t)(value | host_flash_chance(flash));
}

static void tear(host_flash *flash, uint32_t offset, const uint8_t *from, size_t done, size_t size) {
  if (flash->torn == TORN_PAGE) {
    for (size_t i = 0; i < size; i++) {
      uint32_t how = host_flash_chance(flash) % 3u;
      if (how == 0u) {
        flash->bytes[offset + i] = from[i];
      } else if (how == 1u) {
        half_program(flash, offset + (uint32_t)i, from[i]);
      }
    }
    return;
  }
  size_t burst = flash->torn == TORN_BYTE ? 1u : 1u + host_flash_chance(flash) % 16u;
  for (size_t i = done; i < size && i < done + burst; i++) {
    half_program(flash, offset + (uint32_t)i, from[i]);
  }
}

static bool is_cut(const host_flash *flash, uint64_t operations) {
  return flash->has_cut && flash->done + operations > flash->cut_at;
}

int host_flash_program(void *context, uint32_t offset, const void *from, size_t size) {
  host_flash *flash = context;
  const uint8_t *bytes = from;
  if (is_outside(flash, offset, size)) {
    return -1;
  }
  if (offset % flash->unit != 0u || size % flash->unit != 0u) {
    flash->violations++;
  }
  for (size_t i = 0; i < size; i++) {
    if (flash->bytes[offset + i] != 0xFFu) {
      flash->violations++;
      break;
    }
  }
  if (is_cut(flash, size)) {
    size_t done = (size_t)(flash->cut_at - flash->done);
    if (flash->torn != TORN_PAGE) {
      (void)memcpy(flash->bytes + offset, bytes, done);
    }
    tear(flash, offset, bytes, done, size);
    flash->done = flash->cut_at;
    flash->cut_in_erase = false;
    longjmp(flash->cut, 1);
  }
  if (fails(&flash->fail_programs)) {
    return -1;
  }
  for (size_t i = 0; i < size; i++) {
    /* Programming only clears bits. */
    flash->bytes[offset + i] &= bytes[i];
  }
  flash->done += size;
  return 0;
}

static void half_erase(host_flash *flash, uint8_t *sector) {
  uint32_t half = flash->sector / 2u;
  switch (flash->erase) {
    case ERASE_RANDOM:
      for (uint32_t i = 0; i < flash->sector; i++) {
        sector[i] |= (uint8_t)host_flash_chance(flash);
      }
      break;
    case ERASE_FIRST_HALF:
      (void)memset(sector, 0xFF, half);
      break;
    case ERASE_SECOND_HALF:
      (void)memset(sector + half, 0xFF, half);
      break;
    case ERASE_UNTOUCHED:
    case ERASE_PATTERNS:
      break;
  }
}

int host_flash_erase(void *context, uint32_t offset) {
  host_flash *flash = context;
  if (is_outside(flash, offset, flash->sector)) {
    return -1;
  }
  if (offset % flash->sector != 0u) {
    flash->violations++;
  }
  if (is_cut(flash, 1u)) {
    half_erase(flash, flash->bytes + offset);
    flash->done = flash->cut_at;
    flash->cut_in_erase = true;
    longjmp(flash->cut, 1);
  }
  if (fails(&flash->fail_erases)) {
    return -1;
  }
  (void)memset(flash->bytes + offset, 0xFF, flash->sector);
  flash->done++;
  return 0;
}
