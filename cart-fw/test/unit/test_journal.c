/* The journal while the power holds: what fits, what is kept back, what rots, what a broken flash does. */
#include "journal.h"

#include "check.h"
#include "crc32c.h"
#include "flash.h"
#include "journal_layout.h"

#define SECTOR 512u
#define SECTORS 6u

static uint8_t memory[SECTOR * SECTORS];
static host_flash flash;
static journal_flash port;
static journal j;
static uint8_t payload[JOURNAL_PAYLOAD_MAX + 1u];

static void blank(void) {
  host_flash_init(&flash, memory, SECTOR, SECTORS, JOURNAL_UNIT);
  port = (journal_flash){host_flash_read, host_flash_program, host_flash_erase, &flash, SECTOR, SECTORS};
  for (size_t i = 0; i < sizeof payload; i++) {
    payload[i] = (uint8_t)(i * 3u + 1u);
  }
}

static void begin(void) {
  blank();
  CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
}

static journal_status append(size_t size, uint32_t *id) {
  return journal_append(&j, JOURNAL_ORDINARY, 7, payload, size, id);
}

static unsigned count_waiting(void) {
  journal_cursor cursor = {0};
  journal_record record;
  uint8_t bytes[JOURNAL_PAYLOAD_MAX];
  unsigned count = 0;
  while (journal_next(&j, &cursor, &record, bytes, sizeof bytes) == JOURNAL_OK) {
    CHECK_EQ(record.type, 7);
    CHECK_BYTES(bytes, payload, record.size);
    count++;
  }
  return count;
}

static unsigned fill(journal_class class) {
  unsigned count = 0;
  while (journal_append(&j, class, 7, payload, 60, NULL) == JOURNAL_OK) {
    count++;
  }
  return count;
}

static void mounting(void) {
  IT("writes only where the area is blank") {
    begin();
    uint64_t done = flash.done;
    CHECK(done > 0);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(append(20, NULL), JOURNAL_OK);
    done = flash.done;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(flash.done, done);
    CHECK_EQ(count_waiting(), 1);
  }
  IT("refuses a geometry that can't be one") {
    blank();
    port.sectors = 3;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_ARGUMENT);
    port.sectors = SECTORS;
    port.sector = 128;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_ARGUMENT);
    port.sector = 520;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_ARGUMENT);
  }
  IT("does not take a flash that does not answer for a blank one") {
    blank();
    flash.fail_reads = 1;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_BROKEN);
    CHECK_EQ(flash.done, 0);
    blank();
    flash.fail_erases = 1;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_BROKEN);
    blank();
    flash.fail_programs = 1;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_BROKEN);
  }
  IT("passes over a header that does not check out, in each of its parts") {
    for (unsigned at = 0; at < 32u; at += 3u) {
      begin();
      CHECK_EQ(append(20, NULL), JOURNAL_OK);
      memory[at] ^= 0x10u;
      CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
      CHECK_EQ(count_waiting(), 0);
    }
  }
  IT("takes no other format's sector for its own, though its checksum is right") {
    begin();
    CHECK_EQ(append(20, NULL), JOURNAL_OK);
    memory[0] ^= 0x01u;
    uint32_t crc = crc32c(0, memory, LAYOUT_SECTOR_HEAD - 4u);
    (void)memcpy(memory + LAYOUT_SECTOR_HEAD - 4u, &crc, sizeof crc);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 0);
    CHECK_EQ(j.next_id, 1);
  }
  IT("leaves out a sector that the ring went past and that could not be erased") {
    blank();
    layout_sector past = {.epoch = 2u};
    layout_sector head = {.epoch = 2u * SECTORS};
    layout_record record = {.offset = LAYOUT_SECTOR_HEAD, .type = 7, .size = 16, .id = 3};
    CHECK(layout_open_sector(&port, &past));
    CHECK(layout_write(&port, past.epoch, &record, payload));
    CHECK(layout_open_sector(&port, &head));
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.head, head.epoch);
    CHECK_EQ(j.tail, head.epoch);
    CHECK_EQ(count_waiting(), 0);
  }
  IT("takes no sector for its own that stands in another one's place") {
    begin();
    (void)memcpy(memory + SECTOR, memory, SECTOR);
    memory[0] = 0;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.head, SECTORS);
  }
}

static void appending(void) {
  IT("says how much a blank area takes, and counts nothing behind bytes that are not blank") {
    const uint32_t whole = SECTOR - LAYOUT_SECTOR_HEAD - JOURNAL_UNIT;
    begin();
    CHECK_EQ(journal_room(&j, JOURNAL_CONTROL), SECTORS * whole);
    CHECK_EQ(journal_room(&j, JOURNAL_FAULT), (SECTORS - 1u) * whole);
    CHECK_EQ(journal_room(&j, JOURNAL_ORDINARY), (SECTORS - 2u) * whole);
    memory[SECTOR - 1u] = 0x7F;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(journal_room(&j, JOURNAL_CONTROL), (SECTORS - 1u) * whole);
  }
  IT("refuses what no record can be") {
    begin();
    CHECK_EQ(append(0, NULL), JOURNAL_ARGUMENT);
    CHECK_EQ(append(JOURNAL_PAYLOAD_MAX + 1u, NULL), JOURNAL_ARGUMENT);
    CHECK_EQ(journal_append(&j, JOURNAL_ORDINARY, 0, payload, 4, NULL), JOURNAL_ARGUMENT);
    CHECK_EQ(journal_append(&j, JOURNAL_ORDINARY, 128, payload, 4, NULL), JOURNAL_ARGUMENT);
    CHECK_EQ(journal_append(&j, JOURNAL_ORDINARY, 127, payload, 4, NULL), JOURNAL_OK);
    CHECK_EQ(flash.violations, 0);
  }
  IT("refuses a record that no sector holds, and takes the longest that one does") {
    const size_t longest = SECTOR - LAYOUT_SECTOR_HEAD - LAYOUT_RECORD_HEAD - JOURNAL_UNIT;
    begin();
    CHECK_EQ(append(longest + 1u, NULL), JOURNAL_ARGUMENT);
    CHECK_EQ(append(longest, NULL), JOURNAL_OK);
    CHECK_EQ(append(longest, NULL), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 2);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 2);
    CHECK_EQ(flash.violations, 0);
  }
  IT("numbers records upwards and gives them back as they were") {
    begin();
    uint32_t id = 0;
    for (uint32_t i = 1; i <= 12u; i++) {
      CHECK_EQ(append(i * 9u, &id), JOURNAL_OK);
      CHECK_EQ(id, i);
    }
    CHECK_EQ(count_waiting(), 12);
  }
  IT("keeps room for faults when it takes no more scans, and for its own notes when it takes no more faults") {
    begin();
    unsigned ordinary = fill(JOURNAL_ORDINARY);
    CHECK(ordinary > 0);
    CHECK_EQ(journal_room(&j, JOURNAL_ORDINARY) < 92u, true);
    CHECK(journal_room(&j, JOURNAL_FAULT) > 0);
    unsigned faults = fill(JOURNAL_FAULT);
    CHECK(faults > 0);
    CHECK_EQ(journal_append(&j, JOURNAL_ORDINARY, 7, payload, 4, NULL), JOURNAL_FULL);
    CHECK_EQ(journal_room(&j, JOURNAL_ORDINARY), 0);
    unsigned notes = fill(JOURNAL_CONTROL);
    CHECK(notes > 0);
    CHECK_EQ(count_waiting(), ordinary + faults + notes);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), ordinary + faults + notes);
  }
  IT("is emptied again, however full it was, and counts on") {
    begin();
    unsigned all = fill(JOURNAL_ORDINARY) + fill(JOURNAL_FAULT) + fill(JOURNAL_CONTROL);
    uint32_t count = 0;
    for (unsigned round = 0; round < 40u; round++) {
      (void)journal_count(&j, &count);
    }
    CHECK_EQ(journal_count(&j, &count), JOURNAL_FULL);
    for (uint32_t id = 1; id <= all; id++) {
      journal_status status = journal_acknowledge(&j, id);
      CHECK(status == JOURNAL_OK || status == JOURNAL_FULL);
    }
    CHECK_EQ(j.acknowledged, all);
    CHECK_EQ(count_waiting(), 0);
    CHECK(fill(JOURNAL_ORDINARY) > 0);
    CHECK_EQ(flash.violations, 0);
  }
}

static void acknowledging(void) {
  IT("acknowledges what was, once, and nothing that never was") {
    begin();
    CHECK_EQ(append(10, NULL), JOURNAL_OK);
    CHECK_EQ(append(10, NULL), JOURNAL_OK);
    CHECK_EQ(journal_acknowledge(&j, 3), JOURNAL_ARGUMENT);
    CHECK_EQ(journal_acknowledge(&j, 1), JOURNAL_OK);
    uint64_t done = flash.done;
    CHECK_EQ(journal_acknowledge(&j, 1), JOURNAL_OK);
    CHECK_EQ(flash.done, done);
    CHECK_EQ(count_waiting(), 1);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.acknowledged, 1);
    CHECK_EQ(j.next_id, 3);
  }
  IT("carries cursor and count on when their sectors are written anew") {
    begin();
    uint32_t count = 0;
    CHECK_EQ(journal_count(&j, &count), JOURNAL_OK);
    CHECK_EQ(count, 1);
    for (unsigned i = 0; i < 200u; i++) {
      uint32_t id = 0;
      CHECK_EQ(append(50, &id), JOURNAL_OK);
      CHECK_EQ(journal_acknowledge(&j, id), JOURNAL_OK);
    }
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.count, 1);
    CHECK_EQ(j.acknowledged, 200);
    CHECK_EQ(j.next_id, 201);
  }
  IT("knows the cursor when the record of it is gone, and gives out no number again when all records are") {
    begin();
    for (unsigned i = 0; i < 7u; i++) {
      CHECK_EQ(append(40, NULL), JOURNAL_OK);
    }
    CHECK_EQ(journal_acknowledge(&j, 7), JOURNAL_OK);
    (void)fill(JOURNAL_CONTROL);
    CHECK(j.head - SECTORS + 1u > SECTORS);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.acknowledged, 7);
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK_EQ(journal_acknowledge(&j, 1), JOURNAL_OK);
    uint32_t count = 0;
    while (j.head < 2u * SECTORS + 2u) {
      CHECK_EQ(journal_count(&j, &count), JOURNAL_OK);
    }
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.next_id, 2);
    CHECK_EQ(j.count, count);
  }
  IT("says so when an acknowledgement finds no room at all, and keeps what it had") {
    begin();
    (void)fill(JOURNAL_CONTROL);
    j.at = SECTOR;
    uint32_t first = 1;
    CHECK_EQ(journal_acknowledge(&j, first), JOURNAL_FULL);
    CHECK_EQ(j.acknowledged, 0);
    CHECK_EQ(journal_acknowledge(&j, j.next_id - 1u), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 0);
  }
}

static void broken(void) {
  IT("writes a record again elsewhere when the flash did not take it") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    flash.fail_programs = 1;
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 2);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 2);
  }
  IT("says so when it does not take it there either, and uses the number for nothing else") {
    begin();
    uint32_t id = 0;
    flash.fail_programs = 3;
    CHECK_EQ(append(40, NULL), JOURNAL_BROKEN);
    flash.fail_programs = 0;
    CHECK_EQ(append(40, &id), JOURNAL_OK);
    CHECK_EQ(id, 2);
  }
  IT("passes over a sector that can't be erased") {
    begin();
    while (j.head == SECTORS) {
      CHECK_EQ(append(100, NULL), JOURNAL_OK);
    }
    unsigned before = count_waiting();
    j.at = SECTOR;
    flash.fail_erases = 1;
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK_EQ(count_waiting(), before + 1u);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), before + 1u);
  }
  IT("notices bits that stuck, in a record's header or in its payload, and writes it again elsewhere") {
    static const uint32_t AT[] = {0u, 4u, LAYOUT_RECORD_HEAD + 3u, LAYOUT_RECORD_HEAD + 39u};
    for (size_t i = 0; i < sizeof AT / sizeof AT[0]; i++) {
      begin();
      /* These bits are down already: the record does not read back. */
      memory[LAYOUT_SECTOR_HEAD + AT[i]] = 0x02;
      CHECK_EQ(append(40, NULL), JOURNAL_OK);
      CHECK_EQ(j.head, SECTORS + 1u);
      CHECK_EQ(count_waiting(), 1);
    }
  }
  IT("leaves the cursor where it was when the flash does not take an acknowledgement") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    flash.fail_programs = 2;
    CHECK_EQ(journal_acknowledge(&j, 1), JOURNAL_BROKEN);
    CHECK_EQ(j.acknowledged, 0);
    CHECK_EQ(count_waiting(), 1);
    CHECK_EQ(journal_acknowledge(&j, 1), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 0);
  }
  IT("appends nothing behind bytes that are not blank") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    memory[SECTOR - 1u] = 0x7F;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.at, SECTOR);
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 2);
    CHECK_EQ(flash.violations, 0);
  }
  IT("appends nothing behind a record whose payload is torn") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    memory[LAYOUT_SECTOR_HEAD + 64u + LAYOUT_RECORD_HEAD + 20u] = 0;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.at, SECTOR);
    CHECK_EQ(count_waiting(), 1);
  }
  IT("passes over a record that rotted, header or payload, and reads those behind it") {
    for (unsigned at = 0; at < 64u; at += 5u) {
      begin();
      for (unsigned i = 0; i < 3u; i++) {
        CHECK_EQ(append(40, NULL), JOURNAL_OK);
      }
      memory[LAYOUT_SECTOR_HEAD + 64u + at] ^= 0x04u;
      unsigned waiting = count_waiting();
      /* The padding's bits carry nothing. */
      CHECK_EQ(waiting, at < 56u ? 2 : 3);
    }
  }
  IT("takes no header for a record's that is not one: too long, of no size, with a size where there is none") {
    begin();
    layout_record record = {.offset = LAYOUT_SECTOR_HEAD, .type = LAYOUT_COUNT, .size = 4, .id = 9};
    CHECK(layout_write(&port, j.head, &record, payload));
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.count, 0);
    begin();
    layout_record none = {.offset = LAYOUT_SECTOR_HEAD, .type = 7, .size = 0, .id = 9};
    CHECK(layout_write(&port, j.head, &none, payload));
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(j.next_id, 1);
    begin();
    layout_record beyond = {.offset = SECTOR - 32u, .type = 7, .size = 16, .id = 9};
    CHECK(layout_write(&port, j.head, &beyond, payload));
    memory[SECTOR - 32u] = 17;
    uint32_t crc = crc32c(0, memory + SECTOR - 32u, 12);
    (void)memcpy(memory + SECTOR - 20u, &crc, sizeof crc);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 0);
  }
  IT("reads once what was written twice") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    (void)memcpy(memory + LAYOUT_SECTOR_HEAD + 64u, memory + LAYOUT_SECTOR_HEAD, 64);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    CHECK_EQ(count_waiting(), 1);
  }
  IT("says which record is too big for the caller's buffer") {
    begin();
    CHECK_EQ(append(100, NULL), JOURNAL_OK);
    journal_cursor cursor = {0};
    journal_record record;
    uint8_t small[10];
    CHECK_EQ(journal_next(&j, &cursor, &record, small, sizeof small), JOURNAL_ARGUMENT);
  }
  IT("passes over what can't be read at all, each read failing in turn") {
    for (unsigned skip = 0; skip < 24u; skip++) {
      begin();
      for (unsigned i = 0; i < 3u; i++) {
        CHECK_EQ(append(90, NULL), JOURNAL_OK);
      }
      journal_cursor cursor = {0};
      journal_record record;
      uint8_t bytes[JOURNAL_PAYLOAD_MAX];
      unsigned got = 0;
      flash.fail_read_at = flash.reads + 1u + skip;
      while (journal_next(&j, &cursor, &record, bytes, sizeof bytes) == JOURNAL_OK) {
        CHECK_BYTES(bytes, payload, record.size);
        got++;
      }
      CHECK(got >= 2u);
    }
  }
  IT("takes nothing that an earlier read left in the buffer for a record that can't be read") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    journal_cursor first = {0};
    journal_cursor again = {0};
    journal_record record;
    uint8_t bytes[JOURNAL_PAYLOAD_MAX];
    CHECK_EQ(journal_next(&j, &first, &record, bytes, sizeof bytes), JOURNAL_OK);
    flash.fail_read_at = flash.reads + 2u;
    CHECK_EQ(journal_next(&j, &again, &record, bytes, sizeof bytes), JOURNAL_END);
  }
  IT("survives reads that change what they read: a record that rotted is missing, none is another") {
    begin();
    for (unsigned i = 0; i < 12u; i++) {
      CHECK_EQ(append(40, NULL), JOURNAL_OK);
    }
    flash.disturb_every = 97;
    for (unsigned round = 0; round < 30u; round++) {
      (void)count_waiting();
      CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    }
    flash.disturb_every = 0;
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    CHECK(count_waiting() >= 1u);
  }
  IT("does not mount on a read that failed, whichever it is, and mounts as it was once all of them answer") {
    begin();
    CHECK_EQ(append(40, NULL), JOURNAL_OK);
    uint32_t reads = flash.reads;
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    uint32_t all = flash.reads - reads;
    for (uint32_t at = 1; at <= all; at++) {
      begin();
      CHECK_EQ(append(40, NULL), JOURNAL_OK);
      journal_flash same = port;
      flash.fail_read_at = flash.reads + at;
      CHECK_EQ(journal_mount(&j, &same), JOURNAL_BROKEN);
      flash.fail_read_at = 0;
      CHECK_EQ(journal_mount(&j, &same), JOURNAL_OK);
      CHECK_EQ(count_waiting(), 1);
      CHECK_EQ(flash.violations, 0);
    }
  }
}

int main(void) {
  mounting();
  appending();
  acknowledging();
  broken();
  return check_report("test_journal");
}
