#include "check.h"
#include "ota_rig.h"

static rig board;
static ota_record record;
static ota_record_place place;

static void begin(void) {
  rig_init(&board, 1024, 16, 14);
}

static void read_now(void) {
  CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
}

static uint8_t *records(void) {
  return board.bytes + rig_base(&board, HAL_BOOT_RECORDS);
}

static void keeps_state(void) {
  IT("a blank area is the factory's state: slot A, nothing tried, counter 0") {
    begin();
    read_now();
    CHECK_EQ(record.active, HAL_SLOT_A);
    CHECK(!record.trial);
    CHECK_EQ(record.security_counter, 0);
    CHECK_EQ(place.sequence, 0);
    CHECK_EQ(board.flash.done, 0);
  }
  IT("every field comes back as it was written, over several turns of the two sectors") {
    begin();
    read_now();
    for (uint32_t i = 1; i < 100u; i++) {
      ota_record want;
      memset(&want, 0, sizeof want);
      want.active = i % 3u == 0u ? HAL_SLOT_B : HAL_SLOT_A;
      want.trial = i % 2u == 0u;
      want.trial_boots = (uint8_t)(i % 4u);
      want.trial_power_ons = (uint8_t)(i % 7u);
      want.security_counter = i * 0x01010101u;
      memset(want.refused, (int)(i & 0xFFu), OTA_NAME_SIZE);
      want.download_offset = i * 4096u;
      memset(want.download, (int)(~i & 0xFFu), OTA_NAME_SIZE);
      CHECK_EQ(ota_record_write(&board.port, &want, &place), FW_OK);
      read_now();
      CHECK_EQ(place.sequence, i);
      CHECK_EQ(record.active, want.active);
      CHECK_EQ(record.trial, want.trial);
      CHECK_EQ(record.trial_boots, want.trial_boots);
      CHECK_EQ(record.trial_power_ons, want.trial_power_ons);
      CHECK_EQ(record.security_counter, want.security_counter);
      CHECK_EQ(record.download_offset, want.download_offset);
      CHECK_BYTES(record.refused, want.refused, OTA_NAME_SIZE);
      CHECK_BYTES(record.download, want.download, OTA_NAME_SIZE);
    }
    CHECK_EQ(board.flash.violations, 0);
  }
}

static void believes_nothing_torn(void) {
  IT("a record with any bit changed is none: the one before it holds, and the next one goes behind it") {
    for (size_t at = 0; at < OTA_RECORD_SIZE; at++) {
      begin();
      read_now();
      record.security_counter = 3;
      CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
      record.security_counter = 4;
      CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
      records()[OTA_RECORD_SIZE + at] ^= 0x20u;
      read_now();
      CHECK_EQ(record.security_counter, 3);
      CHECK_EQ(place.next, 2u * OTA_RECORD_SIZE);
      record.security_counter = 5;
      CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
      read_now();
      CHECK_EQ(record.security_counter, 5);
      CHECK_EQ(board.flash.violations, 0);
    }
  }
}

static void needs_leave(void) {
  IT("a record that is written without leave is none, and takes up no more than its place") {
    const uint32_t doubts[] = {1u, 0x80000000u, UINT32_MAX};
    begin();
    read_now();
    record.security_counter = 3;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
      record.security_counter = 4;
      (void)ota_record_write_unless(&board.port, &record, &place, doubts[i]);
      read_now();
      CHECK_EQ(record.security_counter, 3);
    }
    CHECK_EQ(place.next, 4u * OTA_RECORD_SIZE);
  }
}

static void tells_failures(void) {
  static const hal_geometry wrong[] = {
      {.sector = 1024, .unit = 16, .sectors = 0}, /* answered with no geometry at all */
      {.sector = 1024, .unit = 16, .sectors = 3},
      {.sector = 1024, .unit = 0, .sectors = 2},
      {.sector = 1024, .unit = 48, .sectors = 2},
  };
  IT("an area that is not two sectors of such units is refused") {
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
      begin();
      board.records = wrong[i];
      CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_ERR_ARGUMENT);
      CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_ERR_ARGUMENT);
    }
  }
  IT("a flash that does not read, erase or program is an error") {
    begin();
    board.flash.fail_reads = 1;
    CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_ERR_FLASH);
    read_now();
    board.flash.fail_erases = 1;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_ERR_FLASH);
    board.flash.fail_programs = 1;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_ERR_FLASH);
    board.flash.fail_reads = 1;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_ERR_FLASH);
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
    CHECK_EQ(board.flash.violations, 0);
  }
  IT("a record that reads back otherwise than it was written is an error") {
    begin();
    read_now();
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_OK);
    records()[OTA_RECORD_SIZE + 20u] = 0x00; /* a stuck cell */
    record.security_counter = 8;
    board.flash.violations = 0;
    board.flash.disturb_every = 1;
    CHECK_EQ(ota_record_write(&board.port, &record, &place), FW_ERR_FLASH);
  }
}

static void slots(void) {
  static const hal_geometry wrong[] = {
      {.sector = 1024, .unit = 16, .sectors = 0},
      {.sector = 1024, .unit = 16, .sectors = 1},
      {.sector = 256, .unit = 16, .sectors = 14},
      {.sector = 1024, .unit = 0, .sectors = 14},
      {.sector = 1024, .unit = 64, .sectors = 14},
      {.sector = 1040, .unit = 16, .sectors = 14},
  };
  static rig_release release;
  uint8_t bytes[MANIFEST_FRAME_MAX];
  fw_buffer frame = fw_buffer_over(bytes, sizeof bytes);
  rig_build(&release, 1, 1, 100);
  const fw_bytes sealed = FW_BYTES(release.frame, release.frame_size);
  IT("a slot that can't hold an image and its manifest has no capacity and takes nothing") {
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
      begin();
      board.slot = wrong[i];
      CHECK_EQ(ota_slot_capacity(&board.port, HAL_SLOT_B), 0);
      CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_ARGUMENT);
      CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_ERR_ARGUMENT);
      CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_ERR_ARGUMENT);
    }
    begin();
    CHECK_EQ(ota_slot_capacity(&board.port, HAL_SLOT_B), 13u * 1024u);
  }
  IT("a manifest is there only whole") {
    begin();
    CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_NO_IMAGE);
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_OK);
    CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_OK);
    CHECK(fw_bytes_equal(fw_bytes_written(&frame), sealed));
    uint8_t *tail = board.bytes + rig_base(&board, HAL_SLOT_B) + 13u * 1024u;
    for (size_t at = 0; at < OTA_SLOT_HEAD_SIZE + release.frame_size; at++) {
      tail[at] ^= 0x01u;
      frame = fw_buffer_over(bytes, sizeof bytes);
      CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_NO_IMAGE);
      tail[at] ^= 0x01u;
    }
    tail[4] = 0;
    tail[5] = 0;
    CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_NO_IMAGE);
    CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_OK);
    const uint64_t done = board.flash.done;
    CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_OK);
    CHECK_EQ(board.flash.done, done);
  }
  IT("a buffer that is too small for the manifest is told so") {
    begin();
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_OK);
    frame = fw_buffer_over(bytes, 10);
    CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_SPACE);
  }
  IT("what is no manifest is not sealed") {
    begin();
    uint8_t long_frame[MANIFEST_FRAME_MAX + 1u] = {0};
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, FW_BYTES(bytes, (size_t)0)), FW_ERR_ARGUMENT);
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, FW_BYTES(long_frame, sizeof long_frame)), FW_ERR_ARGUMENT);
  }
  IT("a flash that fails is told of") {
    uint8_t digest[SHA256_SIZE];
    begin();
    board.flash.fail_reads = 4;
    frame = fw_buffer_over(bytes, sizeof bytes);
    CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_ERR_FLASH);
    CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_ERR_FLASH);
    CHECK_EQ(ota_slot_digest(&board.port, HAL_SLOT_B, 1, digest), FW_ERR_FLASH);
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_ERR_FLASH);
    board.flash.fail_erases = 1;
    CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_ERR_FLASH);
    CHECK_EQ(ota_slot_forget(&board.port, HAL_SLOT_B), FW_OK);
    board.flash.fail_programs = 1;
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_ERR_FLASH);
    board.flash.disturb_every = 1;
    CHECK_EQ(ota_slot_seal(&board.port, HAL_SLOT_B, sealed), FW_ERR_FLASH);
  }
}

int main(void) {
  keeps_state();
  believes_nothing_torn();
  needs_leave();
  tells_failures();
  slots();
  return check_report("ota_record");
}
