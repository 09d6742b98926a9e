/* A board with two slots and its releases, for the tests of an update's parts: how one begins, and flash that fails. */
#ifndef CARTWRIGHT_TEST_OTA_BOARD_H
#define CARTWRIGHT_TEST_OTA_BOARD_H

#include "check.h"
#include "ota_rig.h"

static rig board;
static rig_release old_release;
static rig_release next_release;
static ota update;

static inline fw_bytes frame_of(const rig_release *release) {
  return FW_BYTES(release->frame, release->frame_size);
}

/** A cart with a confirmed release in slot A. */
static inline void begin_with(uint32_t sector, uint32_t unit, uint32_t sectors, uint32_t image_size) {
  rig_init(&board, sector, unit, sectors);
  rig_build(&old_release, 1, 5, 3000);
  rig_build(&next_release, 2, 6, image_size);
  rig_install(&board, HAL_SLOT_A, &old_release);
  rig_run(&board, HAL_SLOT_A, &old_release);
}

static inline void begin(void) {
  begin_with(1024, 16, 14, 9000);
}

static inline ota_record record_now(void) {
  ota_record record;
  ota_record_place place;
  CHECK_EQ(ota_record_read(&board.port, &record, &place), FW_OK);
  return record;
}

static inline void write_record(const ota_record *record) {
  ota_record before;
  ota_record_place place;
  (void)ota_record_read(&board.port, &before, &place);
  CHECK_EQ(ota_record_write(&board.port, record, &place), FW_OK);
}

static inline void accept_signatures(void) {
  CHECK_EQ(ota_next(&update).kind, OTA_WISH_VERIFY);
  CHECK_EQ(ota_element(&update, true), FW_OK);
  CHECK_EQ(ota_next(&update).kind, OTA_WISH_VERIFY);
  CHECK_EQ(ota_element(&update, true), FW_OK);
  CHECK(ota_verification_of(&update).signature == update.signatures[1]);
}

static hal spoiled; /* the board's port, but for one kind of call that fails at its n-th time */
static unsigned calls_left;

/** The board's port from now on: which of its calls fails is the caller's to say. */
static inline void spoil(void) {
  spoiled = board.port;
  board.config.port = &spoiled;
}

static inline bool is_due(void) {
  return calls_left != 0u && --calls_left == 0u;
}
static inline int failing_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  return is_due() ? -1 : rig_read(context, area, offset, to, size);
}
static inline int failing_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  return is_due() ? -1 : rig_program(context, area, offset, from, size);
}
static inline int lying_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  uint8_t other[512];
  if (!is_due() || size > sizeof other) {
    return rig_program(context, area, offset, from, size);
  }
  memcpy(other, from, size);
  other[size / 2u] ^= 0x10u;
  return rig_program(context, area, offset, other, size);
}
static inline int failing_erase(void *context, hal_area area, uint32_t offset) {
  return is_due() ? -1 : rig_erase(context, area, offset);
}

#endif
