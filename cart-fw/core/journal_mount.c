/* Finding what is there after any loss of power. */
#include "journal_layout.h"

#include <string.h>

/* The first epoch of a blank area: above zero, so that a tail can be counted down from it. */
static uint32_t first_epoch(const journal_flash *flash) { return flash->sectors; }

static bool is_geometry(const journal_flash *flash) {
  if (flash->sectors < JOURNAL_SECTORS_MIN) {
    return false;
  }
  return flash->sector >= JOURNAL_SECTOR_MIN && flash->sector % JOURNAL_UNIT == 0u;
}

static uint32_t greater(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* The newest sector is the head; headers carry the cursors on. */
static bool find_head(journal *j) {
  bool any = false;
  for (uint32_t place = 0; place < j->flash->sectors; place++) {
    layout_sector sector;
    if (!layout_read_sector(j->flash, place, &sector)) {
      continue;
    }
    any = true;
    j->head = greater(j->head, sector.epoch);
    j->acknowledged = greater(j->acknowledged, sector.acknowledged);
    j->count = greater(j->count, sector.count);
  }
  return any;
}

static bool is_older(const journal *j, const layout_sector *sector) {
  return j->head - sector->epoch < j->flash->sectors && sector->epoch < j->tail;
}

/*
 * The oldest sector that the ring still holds. A sector whose header would not take leaves a hole, in which nothing that
 * waits can be.
 */
static void find_tail(journal *j) {
  j->tail = j->head;
  for (uint32_t place = 0; place < j->flash->sectors; place++) {
    layout_sector sector;
    if (layout_read_sector(j->flash, place, &sector) && is_older(j, &sector)) {
      j->tail = sector.epoch;
    }
  }
}

static void take_in(journal *j, const layout_record *record, uint32_t *newest) {
  if (record->type == LAYOUT_ACKNOWLEDGED) {
    j->acknowledged = greater(j->acknowledged, record->id);
  } else if (record->type == LAYOUT_COUNT) {
    j->count = greater(j->count, record->id);
  } else {
    *newest = greater(*newest, record->id);
  }
}

/* Everything in one sector. @return where its records end; the sector's size when nothing may be appended. */
static uint32_t scan(journal *j, uint32_t epoch, uint32_t *newest) {
  uint32_t end = LAYOUT_SECTOR_HEAD;
  bool is_torn = false;
  layout_record record;
  while (layout_find(j->flash, epoch, end, j->flash->sector, &record)) {
    is_torn = !layout_payload_is_good(j->flash, epoch, &record);
    if (!is_torn) {
      take_in(j, &record, newest);
    }
    end = record.end;
  }
  return is_torn ? j->flash->sector : end;
}

static journal_status format(journal *j) {
  layout_sector first = {.epoch = first_epoch(j->flash)};
  j->head = first.epoch;
  j->tail = first.epoch;
  j->next_id = 1u;
  j->at = LAYOUT_SECTOR_HEAD;
  return layout_open_sector(j->flash, &first) ? JOURNAL_OK : JOURNAL_BROKEN;
}

static bool find_all(journal *j) {
  if (!find_head(j)) {
    return false;
  }
  find_tail(j);
  uint32_t newest = 0;
  for (uint32_t epoch = j->tail; epoch <= j->head; epoch++) {
    j->at = scan(j, epoch, &newest);
  }
  if (!layout_is_blank(j->flash, j->head, j->at)) {
    j->at = j->flash->sector;
  }
  j->next_id = greater(newest, j->acknowledged) + 1u;
  return true;
}

/* The flash, with an eye on whether it answers: what can't be read now must not be taken for blank, or for gone. */
typedef struct {
  const journal_flash *flash;
  bool failed;
} watched_flash;

static int watched_read(void *context, uint32_t offset, void *to, size_t size) {
  watched_flash *watched = context;
  int status = watched->flash->read(watched->flash->context, offset, to, size);
  watched->failed = watched->failed || status != 0;
  return status;
}

journal_status journal_mount(journal *j, const journal_flash *flash) {
  (void)memset(j, 0, sizeof *j);
  j->flash = flash;
  if (!is_geometry(flash)) {
    return JOURNAL_ARGUMENT;
  }
  watched_flash watched = {.flash = flash};
  journal_flash looked_at = *flash;
  looked_at.read = watched_read;
  looked_at.context = &watched;
  j->flash = &looked_at;
  bool any = find_all(j);
  j->flash = flash;
  if (watched.failed) {
    return JOURNAL_BROKEN;
  }
  return any ? JOURNAL_OK : format(j);
}
