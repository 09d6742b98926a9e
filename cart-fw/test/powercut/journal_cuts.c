/*
 * The journal, with the power failing at every byte of every program and in every erase, in each way that flash has of
 * being half done. After each cut: everything that was appended and not acknowledged is there, once, in order, as it
 * was; nothing else is, but for the record under way, whole or not at all.
 */
#include <stdlib.h>

#include "check.h"
#include "flash.h"
#include "journal.h"

#define MOST_RECORDS 4000u

typedef struct {
  uint32_t id;
  uint16_t size;
  uint32_t fill;
} written;

typedef struct {
  uint32_t sector;
  uint32_t sectors;
} geometry;

static host_flash flash;
static journal_flash port;
static journal j;
static uint8_t memory[64u * 1024u];

/* What must hold. */
static written kept[MOST_RECORDS];
static size_t kept_count;
static uint32_t acknowledged;
static uint32_t counted;
/* What was under way. */
static written wanted;
static bool has_wanted;
static uint32_t acknowledging;

static uint32_t chance_state;
static uint32_t chance(void) {
  chance_state ^= chance_state << 13;
  chance_state ^= chance_state >> 17;
  chance_state ^= chance_state << 5;
  return chance_state;
}

static void fill_with(uint8_t *bytes, size_t size, uint32_t fill) {
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (uint8_t)(fill * 31u + (uint32_t)i * 7u + (fill >> 8));
  }
}

/* So many steps that the ring goes round at least once. */
static unsigned steps_of(const geometry *g) {
  unsigned steps = g->sector * g->sectors / 56u;
  return steps < 60u ? 60u : steps;
}

static void begin(const geometry *g, host_torn torn, host_erase erase) {
  host_flash_init(&flash, memory, g->sector, g->sectors, JOURNAL_UNIT);
  flash.torn = torn;
  flash.erase = erase;
  flash.chance = 77u;
  port = (journal_flash){host_flash_read, host_flash_program, host_flash_erase, &flash, g->sector, g->sectors};
  kept_count = 0;
  acknowledged = 0;
  counted = 0;
  has_wanted = false;
  acknowledging = 0;
  chance_state = 4711u;
}

static void append_one(size_t largest) {
  uint8_t bytes[JOURNAL_PAYLOAD_MAX];
  uint32_t id = 0;
  wanted = (written){j.next_id, (uint16_t)(1u + chance() % largest), chance()};
  fill_with(bytes, wanted.size, wanted.fill);
  has_wanted = true;
  journal_status status = journal_append(&j, JOURNAL_ORDINARY, (uint8_t)(1u + wanted.fill % 5u), bytes, wanted.size, &id);
  has_wanted = false;
  if (status == JOURNAL_OK) {
    CHECK_EQ(id, wanted.id);
    if (kept_count < MOST_RECORDS) {
      kept[kept_count++] = wanted;
    }
  } else {
    CHECK_EQ(status, JOURNAL_FULL);
  }
}

static void acknowledge_some(void) {
  if (kept_count == 0u) {
    return;
  }
  size_t newest = kept_count - 1u - chance() % (kept_count > 6u ? 6u : (uint32_t)kept_count);
  acknowledging = kept[newest].id;
  CHECK_EQ(journal_acknowledge(&j, acknowledging), JOURNAL_OK);
  acknowledged = acknowledging > acknowledged ? acknowledging : acknowledged;
  acknowledging = 0;
}

static void count_once(void) {
  uint32_t count = 0;
  if (journal_count(&j, &count) == JOURNAL_OK) {
    CHECK_EQ(count, counted + 1u);
    counted = count;
  }
}

static void work(const geometry *g, unsigned steps) {
  size_t largest = g->sector / 4u > 160u ? 160u : g->sector / 4u;
  for (unsigned step = 0; step < steps; step++) {
    uint32_t what = chance() % 12u;
    if (what < 8u) {
      append_one(largest);
    } else if (what < 11u) {
      acknowledge_some();
    } else {
      count_once();
    }
  }
}

/* @return whether the record under way is there. */
static bool check_all(void) {
  bool landed = false;
  journal_cursor cursor = {0};
  journal_record record;
  uint8_t bytes[JOURNAL_PAYLOAD_MAX];
  uint8_t expected[JOURNAL_PAYLOAD_MAX];
  CHECK(j.acknowledged >= acknowledged);
  CHECK(j.acknowledged == acknowledged || j.acknowledged == acknowledging);
  CHECK(j.count == counted || j.count == counted + 1u);
  uint32_t floor = j.acknowledged > acknowledging ? j.acknowledged : acknowledging;
  size_t at = 0;
  while (journal_next(&j, &cursor, &record, bytes, sizeof bytes) == JOURNAL_OK) {
    CHECK(record.id > j.acknowledged);
    while (at < kept_count && kept[at].id < record.id && kept[at].id <= floor) {
      at++;
    }
    const written *should = at < kept_count ? &kept[at] : &wanted;
    bool is_known = at < kept_count || (has_wanted && !landed);
    CHECK(is_known);
    if (!is_known) {
      break;
    }
    fill_with(expected, should->size, should->fill);
    CHECK_EQ(record.id, should->id);
    CHECK_EQ(record.size, should->size);
    CHECK_BYTES(bytes, expected, should->size);
    landed = landed || at == kept_count;
    at += at < kept_count ? 1u : 0u;
  }
  while (at < kept_count && kept[at].id <= floor) {
    at++;
  }
  CHECK_EQ(at, kept_count);
  CHECK_EQ(flash.violations, 0);
  if (kept_count > 0u) {
    CHECK(j.next_id > kept[kept_count - 1u].id);
  }
  return landed;
}

/* What is found after a cut is the truth from here on. */
static void settle(bool landed) {
  if (landed && kept_count < MOST_RECORDS) {
    kept[kept_count++] = wanted;
  }
  has_wanted = false;
  acknowledged = j.acknowledged;
  acknowledging = 0;
  counted = j.count;
}

static unsigned long stride = 1;
static unsigned long cuts;
static unsigned long second_cuts;
static uint8_t after_cut[sizeof memory];

/* The power fails again while the cart starts and takes up its work. */
static void cut_again(const geometry *g, unsigned long at) {
  static size_t count_then;
  static uint32_t acknowledged_then, acknowledging_then, counted_then, chance_then;
  static written wanted_then;
  static bool has_then;
  size_t size = (size_t)g->sector * g->sectors;
  (void)memcpy(after_cut, memory, size);
  count_then = kept_count;
  acknowledged_then = acknowledged;
  acknowledging_then = acknowledging;
  counted_then = counted;
  chance_then = chance_state;
  wanted_then = wanted;
  has_then = has_wanted;
  for (volatile unsigned long again = 0; again < 240u; again += 7u) {
    (void)memcpy(memory, after_cut, size);
    kept_count = count_then;
    acknowledged = acknowledged_then;
    acknowledging = acknowledging_then;
    counted = counted_then;
    chance_state = chance_then;
    wanted = wanted_then;
    has_wanted = has_then;
    host_flash_cut_after(&flash, again);
    volatile bool through = false;
    if (setjmp(flash.cut) == 0) {
      CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
      settle(check_all());
      work(g, 3);
      through = true;
    }
    host_flash_no_cut(&flash);
    CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
    settle(check_all());
    second_cuts++;
    if (through) {
      break;
    }
  }
  (void)memcpy(memory, after_cut, size);
  kept_count = count_then;
  acknowledged = acknowledged_then;
  acknowledging = acknowledging_then;
  counted = counted_then;
  chance_state = chance_then;
  wanted = wanted_then;
  has_wanted = has_then;
  (void)at;
}

static void cut_everywhere(const geometry *g, host_torn torn) {
  begin(g, torn, ERASE_RANDOM);
  CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
  work(g, steps_of(g));
  CHECK(!check_all());
  CHECK(j.head >= 2u * g->sectors);
  uint64_t operations = flash.done;
  for (volatile unsigned long at = 0; at < operations; at += stride) {
    for (volatile unsigned pattern = 0; pattern < ERASE_PATTERNS; pattern++) {
      begin(g, torn, (host_erase)pattern);
      host_flash_cut_after(&flash, at);
      volatile bool through = false;
      if (setjmp(flash.cut) == 0) {
        CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
        work(g, steps_of(g));
        through = true;
      }
      CHECK(!through);
      host_flash_no_cut(&flash);
      cuts++;
      bool in_erase = flash.cut_in_erase;
      if (at % 29u == 0u || in_erase) {
        cut_again(g, at);
      }
      CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
      settle(check_all());
      work(g, 12);
      CHECK_EQ(journal_mount(&j, &port), JOURNAL_OK);
      CHECK(!check_all());
      if (!in_erase || check_failures != 0u) {
        break; /* the patterns are for erases */
      }
    }
    if (check_failures != 0u) {
      return;
    }
  }
}

/* With an argument n only every nth byte is cut at: for mutants. */
int main(int count, char **arguments) {
  stride = count > 1 ? strtoul(arguments[1], NULL, 10) : 1u;
  static const geometry GEOMETRIES[] = {{256, 4}, {512, 4}, {256, 9}, {1024, 5}, {2048, 4}, {4096, 4}};
  for (size_t g = 0; g < sizeof GEOMETRIES / sizeof GEOMETRIES[0]; g++) {
    for (unsigned torn = 0; torn < TORN_MODES; torn++) {
      IT("keeps everything that waits over a cut at any byte, and over a second one while it starts again") {
        cut_everywhere(&GEOMETRIES[g], (host_torn)torn);
      }
      if (check_failures != 0u) {
        return check_report("journal_cuts");
      }
    }
  }
  (void)printf("%lu cuts, %lu second cuts\n", cuts, second_cuts);
  return check_report("journal_cuts");
}
