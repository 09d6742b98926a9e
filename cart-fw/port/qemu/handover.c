#include "handover.h"

#include <string.h>

#include "crc32c.h"
#include "map.h"

#define NOTE_MAGIC ((uint32_t)0x45544F4Eu)
#define HANDOVER_MAGIC ((uint32_t)0x4F444E48u)

typedef struct {
  uint32_t magic;
  uint32_t reason;
  uint32_t check; /* the complement of the reason: RAM after a power cut is anything */
} note;

typedef struct {
  uint32_t magic;
  uint32_t reason;
  hal_image image;
  uint32_t crc;
} handover;

static volatile note *the_note(void) {
  return (volatile note *)(uintptr_t)MAP_NOTE;
}

static handover *the_handover(void) {
  return (handover *)(uintptr_t)MAP_HANDOVER;
}

void handover_note(hal_reset_reason reason) {
  the_note()->magic = NOTE_MAGIC;
  the_note()->reason = (uint32_t)reason;
  the_note()->check = ~(uint32_t)reason;
}

hal_reset_reason handover_take_note(void) {
  const uint32_t reason = the_note()->reason;
  const bool is_one = the_note()->magic == NOTE_MAGIC && the_note()->check == ~reason;
  the_note()->magic = 0;
  if (!is_one || reason > (uint32_t)HAL_RESET_CRASH) {
    return HAL_RESET_POWER;
  }
  return (hal_reset_reason)reason;
}

static uint32_t crc_of(const handover *given) {
  return crc32c(0, (const uint8_t *)given, offsetof(handover, crc));
}

void handover_give(const hal_image *image, hal_reset_reason reason) {
  handover *given = the_handover();
  memset(given, 0, sizeof *given);
  given->magic = HANDOVER_MAGIC;
  given->reason = (uint32_t)reason;
  given->image = *image;
  given->crc = crc_of(given);
}

const hal_image *handover_image(void) {
  const handover *given = the_handover();
  return given->magic == HANDOVER_MAGIC && given->crc == crc_of(given) ? &given->image : NULL;
}

hal_reset_reason handover_reason(void) {
  return (hal_reset_reason)the_handover()->reason;
}

/* --- the factory's page ------------------------------------------------------------------------------------------------ */

static const uint8_t *point_at(const uint8_t *page, unsigned index) {
  const uint8_t *point = page + 8u + 65u * index;
  return point[0] == 0x04u ? point : NULL;
}

bool board_read_facts(board_facts *facts) {
  const uint8_t *page = (const uint8_t *)(uintptr_t)MAP_KEYS;
  if (memcmp(page, "CWK1", 4) != 0) {
    return false;
  }
  facts->hardware = (uint16_t)((unsigned)page[4] | ((unsigned)page[5] << 8));
  facts->debug = page[6];
  facts->keys.build.current = point_at(page, 0);
  facts->keys.build.next = point_at(page, 1);
  facts->keys.release.current = point_at(page, 2);
  facts->keys.release.next = point_at(page, 3);
  return true;
}
