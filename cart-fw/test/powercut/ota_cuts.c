/*
 * Power fails at every byte and every erase of an update, of a boot's record and of a confirmation, in every way that
 * host_flash knows, and again in each recovery. Whatever happened: the cart boots, what it boots is one of the two
 * releases and whole, a confirmed release stays, the counter never falls, and the update succeeds in the end.
 */
#include "boot_run.h"
#include "check.h"
#include "ota_rig.h"

#define IMAGE_SIZE 5000u

static rig board;
static rig_release old_release;
static rig_release next_release;
static uint8_t ram[RIG_IMAGE_MAX];
static ota update;
static uint8_t factory[RIG_BYTES];
static unsigned long cuts;

/*
 * In place of core/p256.c, which the unit tests and the comparisons with other libraries look at: the rig's signatures
 * are sums, so they can be made again in no time, and every cut can be tried.
 */
uint32_t p256_verify(const uint8_t point[P256_POINT_SIZE], const uint8_t digest[32],
                     const uint8_t signature[P256_SIGNATURE_SIZE]) {
  for (unsigned key = 0; key < 3u; key++) {
    uint8_t made[P256_SIGNATURE_SIZE];
    rig_sign(key, digest, made);
    if (memcmp(point, rig_points[key], P256_POINT_SIZE) == 0 && memcmp(made, signature, sizeof made) == 0) {
      return P256_VALID;
    }
  }
  return P256_INVALID;
}

/* What the world has seen of the cart: it must not be unseen by a power cut. */
static bool was_confirmed;

static void from_factory(uint32_t sector, uint32_t sectors) {
  rig_init(&board, sector, 16, sectors);
  rig_install(&board, HAL_SLOT_A, &old_release);
  memcpy(factory, board.bytes, sizeof factory);
}

static void again_from_factory(void) {
  memcpy(board.bytes, factory, sizeof factory);
  board.flash.done = 0;
  board.flash.violations = 0;
  board.flash.chance = 1u + (uint32_t)cuts;
  host_flash_no_cut(&board.flash);
  was_confirmed = false;
}

/** One life of the cart: boots, then updates or confirms. @return false when the boot found nothing. */
static bool live(void) {
  const boot_context boot = {
      .port = &board.port, .keys = &rig_keys, .hardware = RIG_HARDWARE, .load = ram, .load_capacity = sizeof ram};
  boot_choice choice;
  /* A power cut ends each life; a trial has six boots after cuts, and no test cuts oftener than that. */
  if (boot_run(&boot, HAL_RESET_POWER, &choice) != BOOT_YES) {
    return false;
  }
  board.image = choice.image;
  const bool runs_next = memcmp(choice.image.digest, next_release.claims.digest, 32) == 0;
  CHECK(runs_next || memcmp(choice.image.digest, old_release.claims.digest, 32) == 0);
  CHECK(memcmp(ram, runs_next ? next_release.image : old_release.image, choice.image.slot == HAL_SLOT_A ? 3000 : IMAGE_SIZE) == 0);
  CHECK(runs_next || !was_confirmed);
  if (runs_next) {
    uint32_t counter = 0;
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_OK);
    CHECK_EQ(counter, 6);
    was_confirmed = true;
    return true;
  }
  CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
  return true;
}

/** Lives on with the power on until the update is confirmed. */
static void recover(void) {
  host_flash_no_cut(&board.flash);
  for (int i = 0; i < 4 && !was_confirmed; i++) {
    CHECK(live());
  }
  CHECK(was_confirmed);
  ota_record now;
  ota_record_place where;
  CHECK_EQ(ota_record_read(&board.port, &now, &where), FW_OK);
  CHECK_EQ(now.active, HAL_SLOT_B);
  CHECK_EQ(now.security_counter, 6);
  CHECK(!now.trial);
  CHECK_EQ(board.flash.violations, 0);
}

/** Lives until the power fails after `operations`, or until the update is confirmed. @return whether it was cut. */
static bool live_until(uint64_t operations) {
  host_flash_cut_after(&board.flash, operations);
  if (setjmp(board.flash.cut) != 0) {
    cuts++;
    return true;
  }
  for (int i = 0; i < 4 && !was_confirmed; i++) {
    CHECK(live());
  }
  return false;
}

static void every_cut(uint32_t sector, uint32_t sectors, host_torn torn, host_erase erase, uint64_t stride) {
  from_factory(sector, sectors);
  board.flash.torn = torn;
  board.flash.erase = erase;
  for (uint64_t first = 0;; first += stride) {
    again_from_factory();
    if (!live_until(first)) {
      break;
    }
    recover();
  }
}

/** A second cut in the recovery from the first, at a distance that differs from one first cut to the next. */
static void every_second_cut(uint32_t sector, uint32_t sectors, host_torn torn, host_erase erase) {
  from_factory(sector, sectors);
  board.flash.torn = torn;
  board.flash.erase = erase;
  uint64_t second = 0;
  for (uint64_t first = 0;; first += 61u) {
    again_from_factory();
    if (!live_until(first)) {
      break;
    }
    second = (second * 7u + 131u) % 6000u;
    if (live_until(second) && live_until(second / 3u)) {
      /* three cuts in a row */
    }
    recover();
  }
}

static ota_record record;
static ota_record_place place;

/** Writes the counters 1 to 59 one after the other. @return the last one whose write returned. */
static uint32_t write_until_cut(void) {
  static uint32_t written;
  written = 0;
  if (setjmp(board.flash.cut) != 0) {
    cuts++;
    return written;
  }
  CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
  for (uint32_t i = 1; i < 60u; i++) {
    record.security_counter = i;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
    written = i;
  }
  return written;
}

/** The records alone, at every byte, over enough of them that both sectors are used up in turn. */
static void every_record_cut(host_torn torn, host_erase erase) {
  rig_init(&board, 256, 16, 4);
  for (uint64_t first = 0; first < 3u * 1024u + 4u; first++) {
    host_flash_blank(&board.flash);
    board.flash.done = 0;
    board.flash.torn = torn;
    board.flash.erase = erase;
    board.flash.chance = 1u + (uint32_t)first;
    host_flash_cut_after(&board.flash, first);
    const uint32_t written = write_until_cut();
    host_flash_no_cut(&board.flash);
    CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
    CHECK(record.security_counter == written || record.security_counter == written + 1u);
    for (uint32_t i = 100; i < 112u; i++) {
      record.security_counter = i;
      CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
      CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
      CHECK_EQ(record.security_counter, i);
    }
    CHECK_EQ(board.flash.violations, 0);
  }
}

int main(int argc, char **argv) {
  /* An argument: every so many bytes alone, for runs beside others. */
  const uint64_t stride = argc > 1 ? (uint64_t)strtoul(argv[1], NULL, 10) : 1u;
  rig_build(&old_release, 1, 5, 3000);
  rig_build(&next_release, 2, 6, IMAGE_SIZE);
  IT("a cart whose records were cut at any byte reads the state before or after") {
    for (int erase = 0; erase < (int)ERASE_PATTERNS; erase++) {
      every_record_cut((host_torn)(erase % (int)TORN_MODES), (host_erase)erase);
    }
  }
  IT("a cart whose power fails anywhere in an update boots a whole release, and is updated in the end") {
    every_cut(1024, 7, TORN_BYTE, ERASE_RANDOM, stride);
    every_cut(1024, 7, TORN_BURST, ERASE_FIRST_HALF, stride);
    every_cut(4096, 3, TORN_PAGE, ERASE_SECOND_HALF, stride);
    every_cut(8192, 2, TORN_PAGE, ERASE_UNTOUCHED, stride);
  }
  IT("and so it is when the power fails again, and once more, in the recovery") {
    for (int erase = 0; erase < (int)ERASE_PATTERNS; erase++) {
      every_second_cut(1024, 7, (host_torn)(erase % (int)TORN_MODES), (host_erase)erase);
      every_second_cut(8192, 2, (host_torn)(erase % (int)TORN_MODES), (host_erase)erase);
    }
  }
  (void)printf("%lu cuts\n", cuts);
  return check_report("ota_cuts");
}
