#include "boot_run.h"
#include "check.h"
#include "ota_rig.h"

static rig board;
static rig_release old_release;
static rig_release next_release;
static uint8_t ram[RIG_IMAGE_MAX];
static boot_context boot;
static boot_choice choice;
static ota update;

/** A cart with a confirmed release in slot A; RAM holds something else. */
static void begin(void) {
  rig_init(&board, 1024, 16, 14);
  rig_build(&old_release, 1, 5, 3000);
  rig_build(&next_release, 2, 6, 9000);
  rig_install(&board, HAL_SLOT_A, &old_release);
  rig_run(&board, HAL_SLOT_A, &old_release);
  memset(ram, 0xEE, sizeof ram);
  boot = (boot_context){
      .port = &board.port, .keys = &rig_keys, .hardware = RIG_HARDWARE, .load = ram, .load_capacity = sizeof ram};
}

static void update_to_next(void) {
  CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
}

static ota_record record_now(void) {
  ota_record record;
  ota_record_place place;
  CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
  return record;
}

static void write_record(const ota_record *record) {
  ota_record before;
  ota_record_place place;
  (void)ota_record_read(&board.port, &before, &place);
  CHECK_EQ(ota_record_write(&board.port, record, &place), FW_OK);
}

static bool boots(hal_reset_reason reason, const rig_release *release, hal_area slot, bool trial) {
  memset(&choice, 0, sizeof choice);
  const uint32_t word = boot_run(&boot, reason, &choice);
  return word == BOOT_YES && boot_doubt(&choice) == 0u && choice.image.slot == slot && choice.image.trial == trial &&
         memcmp(choice.image.digest, release->claims.digest, SHA256_SIZE) == 0 &&
         memcmp(ram, release->image, release->claims.image_size) == 0;
}

static bool boots_nothing(void) {
  memset(&choice, 0, sizeof choice);
  return boot_run(&boot, HAL_RESET_POWER, &choice) != BOOT_YES && boot_doubt(&choice) != 0u;
}

static void verifies(void) {
  hal_image image;
  IT("a whole image of a signed release is loaded and described") {
    begin();
    CHECK_EQ(boot_verify(&boot, HAL_SLOT_A, 5, &image), BOOT_YES);
    CHECK_BYTES(ram, old_release.image, 3000);
    CHECK_BYTES(image.digest, old_release.claims.digest, 32);
    CHECK_EQ(strcmp(image.version, "1.2.3"), 0);
    CHECK_EQ(image.security_counter, 5);
    CHECK_EQ(image.hardware, RIG_HARDWARE);
    CHECK_EQ(image.slot, HAL_SLOT_A);
    CHECK(!image.trial);
  }
  IT("an empty slot, a changed image, a changed manifest and a lower counter are no image") {
    begin();
    CHECK(boot_verify(&boot, HAL_SLOT_B, 0, &image) != BOOT_YES);
    CHECK(boot_verify(&boot, HAL_SLOT_A, 6, &image) != BOOT_YES);
    board.bytes[2999] ^= 0x80u;
    CHECK(boot_verify(&boot, HAL_SLOT_A, 5, &image) != BOOT_YES);
    board.bytes[2999] ^= 0x80u;
    CHECK_EQ(boot_verify(&boot, HAL_SLOT_A, 5, &image), BOOT_YES);
  }
  IT("one signer's key for both, an unknown key, and a signature that does not hold are refused") {
    for (int i = 0; i < 4; i++) {
      begin();
      rig_sign_claims(&old_release, i == 1 ? 1u : 0u, i == 0 ? 0u : 1u);
      if (i >= 2) {
        old_release.frame[old_release.frame_size - (i == 2 ? 1u : 90u)] ^= 1u;
      }
      rig_install(&board, HAL_SLOT_A, &old_release);
      CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
    }
  }
  IT("a signed payload that is no manifest, other hardware, and an image that RAM or slot can't hold are refused") {
    const uint8_t nonsense[] = {0xA1, 0x01, 0x02};
    begin();
    rig_frame(&old_release, FW_BYTES(nonsense, sizeof nonsense), 0, 1);
    rig_install(&board, HAL_SLOT_A, &old_release);
    CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
    begin();
    boot.hardware++;
    CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
    begin();
    boot.load_capacity = 2999;
    CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
    boot.load_capacity = 3000;
    CHECK_EQ(boot_verify(&boot, HAL_SLOT_A, 0, &image), BOOT_YES);
    begin();
    old_release.claims.image_size = 13u * 1024u + 1u;
    rig_sign_claims(&old_release, 0, 1);
    rig_install(&board, HAL_SLOT_A, &old_release);
    CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
  }
  IT("a flash that fails is no image") {
    begin();
    /* Reads: the manifest, then the image. */
    for (int nth = 0; nth < 2; nth++) {
      hal deaf = board.port;
      boot.port = &deaf;
      hal_image other;
      if (nth == 0) {
        board.flash.fail_reads = 1;
      } else {
        board.slot.sectors = 200; /* the image's promised end lies outside the flash */
        board.flash.sectors = 1;
      }
      CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &other) != BOOT_YES);
    }
  }
}

static int reads_left;
static int deaf_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  return reads_left-- == 0 ? -1 : rig_read(context, area, offset, to, size);
}

static void verifies_on_bad_flash(void) {
  IT("an image that can't be read is not booted") {
    hal_image image;
    begin();
    hal deaf = board.port;
    deaf.flash_read = deaf_read;
    boot.port = &deaf;
    for (int nth = 0; nth < 2; nth++) {
      reads_left = nth;
      CHECK(boot_verify(&boot, HAL_SLOT_A, 0, &image) != BOOT_YES);
    }
    reads_left = 2;
    CHECK_EQ(boot_verify(&boot, HAL_SLOT_A, 0, &image), BOOT_YES);
  }
  IT("an image that only the first pass found good is not booted") {
    begin();
    hal deaf = board.port;
    deaf.flash_read = deaf_read;
    boot.port = &deaf;
    unsigned refused = 0;
    for (int nth = 0; nth < 40; nth++) {
      reads_left = nth;
      if (boot_run(&boot, HAL_RESET_POWER, &choice) != BOOT_YES) {
        refused++;
      }
    }
    CHECK(refused >= 8u); /* two readings of both records' sectors, and two reads of each pass */
    CHECK(refused < 14u);
  }
}

static void plans(void) {
  ota_record record;
  IT("without a trial the record stays as it is") {
    memset(&record, 0, sizeof record);
    CHECK_EQ(boot_decide(&record, HAL_RESET_CRASH), BOOT_PLAN_ACTIVE);
    CHECK_EQ(record.trial_boots, 0);
  }
  IT("a trial has three boots, and six more after power failures") {
    memset(&record, 0, sizeof record);
    record.trial = true;
    for (int i = 0; i < 3; i++) {
      CHECK_EQ(boot_decide(&record, i == 0 ? HAL_RESET_SOFTWARE : HAL_RESET_WATCHDOG), BOOT_PLAN_TRIAL);
    }
    for (int i = 0; i < 6; i++) {
      CHECK_EQ(boot_decide(&record, HAL_RESET_POWER), BOOT_PLAN_TRIAL);
    }
    CHECK_EQ(boot_decide(&record, HAL_RESET_POWER), BOOT_PLAN_GIVE_UP);
    CHECK_EQ(boot_decide(&record, HAL_RESET_CRASH), BOOT_PLAN_GIVE_UP);
  }
}

static void tries(void) {
  IT("an update is tried, and once confirmed it stays over power cycles") {
    begin();
    update_to_next();
    CHECK(boots(HAL_RESET_SOFTWARE, &next_release, HAL_SLOT_B, true));
    board.image = choice.image;
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, NULL), FW_OK);
    for (int i = 0; i < 10; i++) {
      CHECK(boots(HAL_RESET_POWER, &next_release, HAL_SLOT_B, false));
    }
    CHECK_EQ(record_now().security_counter, 6);
  }
  IT("an image that crashes three times is rolled back, refused from then on, and the counter has not risen") {
    begin();
    update_to_next();
    for (int i = 0; i < 3; i++) {
      CHECK(boots(i == 0 ? HAL_RESET_SOFTWARE : HAL_RESET_CRASH, &next_release, HAL_SLOT_B, true));
    }
    CHECK(boots(HAL_RESET_CRASH, &old_release, HAL_SLOT_A, false));
    CHECK_EQ(record_now().security_counter, 0);
    CHECK_BYTES(record_now().refused, next_release.claims.digest, OTA_NAME_SIZE);
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_ERR_IMAGE_REFUSED);
    board.bytes[0] ^= 1u;
    CHECK(boots_nothing());
  }
  IT("an image whose trial was cut by power six times is given a seventh by none") {
    begin();
    update_to_next();
    for (int i = 0; i < 6; i++) {
      CHECK(boots(HAL_RESET_POWER, &next_release, HAL_SLOT_B, true));
    }
    CHECK(boots(HAL_RESET_POWER, &old_release, HAL_SLOT_A, false));
  }
  IT("an update that rotted before its trial is refused at once") {
    begin();
    update_to_next();
    board.bytes[rig_base(&board, HAL_SLOT_B) + 100u] ^= 4u;
    CHECK(boots(HAL_RESET_SOFTWARE, &old_release, HAL_SLOT_A, false));
    CHECK(!record_now().trial);
    CHECK_BYTES(record_now().refused, next_release.claims.digest, OTA_NAME_SIZE);
  }
  IT("a trial whose manifest is gone, or is no manifest, ends all the same") {
    const uint8_t nonsense[] = {0xA1, 0x01, 0x02};
    for (int i = 0; i < 3; i++) {
      begin();
      update_to_next();
      if (i == 0) {
        CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_OK);
      } else {
        rig_frame(&next_release, FW_BYTES(nonsense, sizeof nonsense), 0, 1);
        next_release.frame[0] ^= i == 2 ? 0x01u : 0x00u;
        rig_install(&board, HAL_SLOT_B, &next_release);
      }
      CHECK(boots(HAL_RESET_SOFTWARE, &old_release, HAL_SLOT_A, false));
      CHECK(!record_now().trial);
    }
  }
  IT("a trial that can't be counted is not begun") {
    begin();
    update_to_next();
    board.flash.fail_programs = 1;
    CHECK(boots(HAL_RESET_SOFTWARE, &old_release, HAL_SLOT_A, false));
    CHECK(record_now().trial);
    CHECK(boots(HAL_RESET_SOFTWARE, &next_release, HAL_SLOT_B, true));
  }
  IT("a trial that can't be counted is not booted either where the active image has rotted") {
    begin();
    update_to_next();
    board.bytes[0] ^= 1u;
    board.flash.fail_programs = 1;
    CHECK(boots_nothing());
  }
}

static void falls_back(void) {
  IT("where the active slot has rotted, the image before it is booted if the counter allows it") {
    begin();
    rig_build(&next_release, 2, 5, 9000);
    rig_install(&board, HAL_SLOT_B, &next_release);
    board.bytes[10] ^= 1u;
    CHECK(boots(HAL_RESET_POWER, &next_release, HAL_SLOT_B, false));
    ota_record record = record_now();
    record.security_counter = 6;
    write_record(&record);
    CHECK(boots_nothing());
  }
  IT("nothing is booted where neither slot holds, or the records can't be read") {
    begin();
    board.bytes[10] ^= 1u;
    CHECK(boots_nothing());
    begin();
    board.flash.fail_reads = 1;
    CHECK(boots_nothing());
  }
  IT("an older release with a lower counter is not booted, however well it is signed") {
    begin();
    ota_record record = record_now();
    record.security_counter = 6;
    write_record(&record);
    CHECK(boots_nothing());
  }
}

int main(void) {
  verifies();
  verifies_on_bad_flash();
  plans();
  tries();
  falls_back();
  return check_report("boot");
}
