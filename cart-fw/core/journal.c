#include "crc32c.h"
#include "journal_layout.h"

/* Sectors that each class leaves to the next. */
static const uint32_t RESERVE[3] = {2u, 1u, 0u};

/* A sector's last unit is for an acknowledgement, so that a full journal can be emptied. */
static uint32_t kept_back(uint8_t type) { return type == LAYOUT_ACKNOWLEDGED ? 0u : JOURNAL_UNIT; }

static uint32_t limit_of(const journal *j, uint32_t epoch) { return epoch == j->head ? j->at : j->flash->sector; }

static bool is_waiting(const journal *j, const layout_record *record) {
  return record->type < LAYOUT_ACKNOWLEDGED && record->id > j->acknowledged;
}

/* Whether nothing in the sector waits any more. */
static bool is_done(const journal *j, uint32_t epoch) {
  layout_record record;
  uint32_t from = LAYOUT_SECTOR_HEAD;
  while (layout_find(j->flash, epoch, from, j->flash->sector, &record)) {
    if (is_waiting(j, &record)) {
      return false;
    }
    from = record.end;
  }
  return true;
}

static uint32_t free_sectors(const journal *j) { return j->flash->sectors - (j->head - j->tail + 1u); }

/* Gives up what is done at the tail until there are so many free sectors. Each is erased only when it is written anew. */
static bool has_free(journal *j, uint32_t wanted) {
  while (free_sectors(j) < wanted && j->tail != j->head && is_done(j, j->tail)) {
    j->tail++;
  }
  return free_sectors(j) >= wanted;
}

static journal_status open_next(journal *j) {
  layout_sector sector = {.epoch = j->head + 1u, .acknowledged = j->acknowledged, .count = j->count};
  bool is_open = layout_open_sector(j->flash, &sector);
  j->head = sector.epoch;
  j->at = is_open ? LAYOUT_SECTOR_HEAD : j->flash->sector;
  return is_open ? JOURNAL_OK : JOURNAL_BROKEN;
}

/* A record stands in one sector. */
static bool fits_sector(const journal *j, size_t size) {
  return LAYOUT_SECTOR_HEAD + layout_size(size) + JOURNAL_UNIT <= j->flash->sector;
}

static journal_status make_room(journal *j, journal_class class, uint8_t type, size_t size) {
  bool fits = j->at + layout_size(size) + kept_back(type) <= j->flash->sector;
  if (!has_free(j, RESERVE[class] + (fits ? 0u : 1u))) {
    return JOURNAL_FULL;
  }
  return fits ? JOURNAL_OK : open_next(j);
}

static journal_status put(journal *j, journal_class class, layout_record *record, const uint8_t *payload) {
  journal_status status = make_room(j, class, record->type, record->size);
  if (status != JOURNAL_OK) {
    return status;
  }
  record->offset = j->at;
  if (!layout_write(j->flash, j->head, record, payload)) {
    /* Nothing is appended behind what did not take. */
    j->at = j->flash->sector;
    return JOURNAL_BROKEN;
  }
  j->at += layout_size(record->size);
  return JOURNAL_OK;
}

/* A second attempt, in another sector: one bad sector is no reason to lose a record. */
static journal_status put_firmly(journal *j, journal_class class, layout_record *record, const uint8_t *payload) {
  journal_status status = put(j, class, record, payload);
  return status == JOURNAL_BROKEN ? put(j, class, record, payload) : status;
}

journal_status journal_append(journal *j, journal_class class, uint8_t type, const uint8_t *payload, size_t size,
                              uint32_t *id) {
  bool is_size = size - 1u < JOURNAL_PAYLOAD_MAX;
  bool is_type = type - 1u < 127u;
  if (!is_size || !is_type || !fits_sector(j, size)) {
    return JOURNAL_ARGUMENT;
  }
  layout_record record = {.type = type, .size = (uint16_t)size, .id = j->next_id};
  journal_status status = put_firmly(j, class, &record, payload);
  if (status != JOURNAL_FULL) {
    /* What would not take may be read one day all the same: its number names nothing else. */
    j->next_id++;
  }
  if (status == JOURNAL_OK && id != NULL) {
    *id = record.id;
  }
  return status;
}

/* The last way out of a full journal: the new sector's header carries the cursor, and the cursor frees its place. */
static journal_status carry(journal *j, uint32_t id) {
  uint32_t before = j->acknowledged;
  j->acknowledged = id;
  journal_status status = has_free(j, 1u) ? open_next(j) : JOURNAL_FULL;
  if (status != JOURNAL_OK) {
    j->acknowledged = before;
  }
  return status;
}

journal_status journal_acknowledge(journal *j, uint32_t id) {
  if (id >= j->next_id) {
    return JOURNAL_ARGUMENT;
  }
  if (id <= j->acknowledged) {
    return JOURNAL_OK;
  }
  layout_record record = {.type = LAYOUT_ACKNOWLEDGED, .id = id};
  journal_status status = put_firmly(j, JOURNAL_CONTROL, &record, NULL);
  if (status == JOURNAL_FULL) {
    return carry(j, id);
  }
  if (status == JOURNAL_OK) {
    j->acknowledged = id;
  }
  return status;
}

journal_status journal_count(journal *j, uint32_t *count) {
  layout_record record = {.type = LAYOUT_COUNT, .id = j->count + 1u};
  journal_status status = put_firmly(j, JOURNAL_CONTROL, &record, NULL);
  if (status == JOURNAL_OK) {
    j->count++;
    *count = j->count;
  }
  return status;
}

/* The next record that waits, good or not. */
static bool advance(const journal *j, journal_cursor *cursor, layout_record *record) {
  while (cursor->epoch <= j->head) {
    if (!layout_find(j->flash, cursor->epoch, cursor->offset, limit_of(j, cursor->epoch), record)) {
      cursor->epoch++;
      cursor->offset = LAYOUT_SECTOR_HEAD;
      continue;
    }
    cursor->offset = record->end;
    if (is_waiting(j, record) && record->id > cursor->id) {
      return true;
    }
  }
  return false;
}

/* The bytes that are checked are the bytes that are answered: flash may read differently the next time. */
static bool fetch(const journal *j, uint32_t epoch, const layout_record *record, uint8_t *payload) {
  uint32_t offset = layout_payload_offset(j->flash, epoch, record);
  if (j->flash->read(j->flash->context, offset, payload, record->size) != 0) {
    return false;
  }
  return crc32c(0, payload, record->size) == record->crc;
}

journal_status journal_next(const journal *j, journal_cursor *cursor, journal_record *record, uint8_t *payload,
                            size_t capacity) {
  if (cursor->epoch < j->tail) {
    *cursor = (journal_cursor){.epoch = j->tail, .offset = LAYOUT_SECTOR_HEAD, .id = cursor->id};
  }
  layout_record found;
  while (advance(j, cursor, &found)) {
    if (found.size > capacity) {
      return JOURNAL_ARGUMENT;
    }
    if (fetch(j, cursor->epoch, &found, payload)) {
      cursor->id = found.id;
      *record = (journal_record){.id = found.id, .type = found.type, .size = found.size};
      return JOURNAL_OK;
    }
  }
  return JOURNAL_END;
}

uint32_t journal_room(const journal *j, journal_class class) {
  journal copy = *j;
  (void)has_free(&copy, copy.flash->sectors);
  uint32_t sectors = free_sectors(&copy);
  if (sectors < RESERVE[class]) {
    return 0;
  }
  uint32_t whole = (sectors - RESERVE[class]) * (copy.flash->sector - LAYOUT_SECTOR_HEAD - JOURNAL_UNIT);
  uint32_t rest = copy.flash->sector - copy.at;
  return whole + (rest > JOURNAL_UNIT ? rest - JOURNAL_UNIT : 0u);
}
