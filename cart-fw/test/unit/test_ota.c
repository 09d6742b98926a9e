#include "_ota_board.h"

static void installs(void) {
  const hal_geometry boards[] = {{1024, 16, 14}, {4096, 16, 6}, {8192, 8, 3}, {1024, 1, 14}};
  for (size_t i = 0; i < sizeof boards / sizeof boards[0]; i++) {
    for (uint32_t size = 1; size <= 9000; size = size == 1 ? 4096 : size == 4096 ? 8191 : size + 809) {
      begin_with(boards[i].sector, boards[i].unit, boards[i].sectors, size);
      IT("an update is downloaded, sealed in the other slot and marked for its trial") {
        CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
        CHECK_EQ(ota_next(&update).kind, OTA_WISH_RESET);
        CHECK_EQ(ota_percent(&update), 100);
        CHECK_BYTES(board.bytes + rig_base(&board, HAL_SLOT_B), next_release.image, size);
        uint8_t stored[MANIFEST_FRAME_MAX];
        fw_buffer frame = fw_buffer_over(stored, sizeof stored);
        CHECK_EQ(ota_slot_manifest(&board.port, HAL_SLOT_B, &frame), FW_OK);
        CHECK(fw_bytes_equal(fw_bytes_written(&frame), frame_of(&next_release)));
        const ota_record record = record_now();
        CHECK(record.trial);
        CHECK_EQ(record.active, HAL_SLOT_A);
        CHECK_EQ(record.trial_boots, 0);
        CHECK_EQ(record.security_counter, 0);
        CHECK_EQ(board.flash.violations, 0);
      }
    }
  }
}

static void asks(void) {
  IT("the image is asked for by its digest, 32 KiB at a time, from what is there on") {
    begin_with(4096, 16, 7, 20000);
    ota_init(&update, &board.config);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_NOTHING);
    CHECK_EQ(ota_percent(&update), 0);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    CHECK_EQ(ota_status(&update), FW_PENDING);
    CHECK_EQ(ota_percent(&update), 0);
    accept_signatures();
    ota_wish wish = ota_next(&update);
    CHECK_EQ(wish.kind, OTA_WISH_RANGE);
    CHECK_EQ(wish.path.size, OTA_PATH_SIZE);
    CHECK_BYTES(wish.path.data, "/cart/v1/firmware/", 18);
    CHECK_EQ(wish.first, 0);
    CHECK_EQ(wish.last, 19999);
    const http1_answer answer = rig_partial(&next_release, 0, 9999);
    CHECK_EQ(ota_head(&update, &answer), FW_OK);
    CHECK_EQ(ota_body(&update, FW_BYTES(next_release.image, (size_t)10000)), FW_OK);
    CHECK_EQ(ota_range_end(&update), FW_OK);
    wish = ota_next(&update);
    CHECK_EQ(wish.first, 10000);
    CHECK_EQ(ota_percent(&update), 49);
    CHECK_EQ(record_now().download_offset, 8192);
  }
  IT("a range is never longer than 32 KiB") {
    begin_with(4096, 16, 7, 20000);
    ota_init(&update, &board.config);
    update.phase = OTA_DOWNLOAD;
    update.claims.image_size = 100000;
    CHECK_EQ(ota_next(&update).last, 32767);
    update.written = 98304;
    CHECK_EQ(ota_next(&update).last, 99999);
    CHECK_EQ(ota_percent(&update), 98);
  }
}

static void refuses_answers(void) {
  begin();
  ota_init(&update, &board.config);
  http1_answer answer = rig_partial(&next_release, 0, 8999);
  IT("nothing is taken that was not asked for") {
    CHECK_EQ(ota_element(&update, true), FW_ERR_ARGUMENT);
    CHECK_EQ(ota_head(&update, &answer), FW_ERR_ARGUMENT);
    CHECK_EQ(ota_body(&update, FW_BYTES(next_release.image, (size_t)1)), FW_ERR_ARGUMENT);
    CHECK_EQ(ota_range_end(&update), FW_OK);
    CHECK(ota_verification_of(&update).point == NULL);
  }
  IT("a signature that the secure element refuses ends the update") {
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    CHECK_EQ(ota_element(&update, true), FW_OK);
    CHECK_EQ(ota_element(&update, false), FW_ERR_SIGNATURE);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_NOTHING);
    CHECK_EQ(ota_range_end(&update), FW_ERR_SIGNATURE);
  }
  IT("another status or another range is not taken, and can be asked for again") {
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    accept_signatures();
    for (int i = 0; i < 5; i++) {
      answer = rig_partial(&next_release, 0, 8999);
      answer.status = i == 0 ? 200u : 206u;
      answer.has_range = i != 1;
      answer.range_first = i == 2 ? 1u : 0u;
      answer.range_last = i == 3 ? 9000u : 8999u;
      answer.range_total = i == 4 ? 9001u : 9000u;
      CHECK_EQ(ota_head(&update, &answer), FW_ERR_RANGE);
      CHECK_EQ(ota_body(&update, FW_BYTES(next_release.image, (size_t)1)), FW_ERR_ARGUMENT);
    }
    CHECK_EQ(ota_status(&update), FW_PENDING);
    CHECK_EQ(ota_range_end(&update), FW_OK);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_RANGE);
  }
  IT("more bytes than the image has end the update") {
    answer = rig_partial(&next_release, 0, 8999);
    CHECK_EQ(ota_head(&update, &answer), FW_OK);
    CHECK_EQ(ota_body(&update, FW_BYTES(next_release.image, (size_t)9001)), FW_ERR_RANGE);
    CHECK_EQ(ota_status(&update), FW_ERR_RANGE);
  }
  IT("a release that is gone ends the update") {
    for (uint16_t status = 404; status <= 410; status = (uint16_t)(status + 6u)) {
      CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
      accept_signatures();
      answer.status = status;
      CHECK_EQ(ota_head(&update, &answer), FW_ERR_NO_IMAGE);
      CHECK_EQ(ota_next(&update).kind, OTA_WISH_NOTHING);
    }
  }
  IT("another image than the manifest's is not started, and is downloaded anew") {
    begin();
    next_release.image[4500] ^= 1u;
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_ERR_DIGEST);
    CHECK(!record_now().trial);
    CHECK_EQ(record_now().download_offset, 0);
    next_release.image[4500] ^= 1u;
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
    CHECK(record_now().trial);
    CHECK_EQ(board.flash.violations, 0);
  }
  IT("another image is not started either where that can't be noted") {
    unsigned unnoted = 0;
    for (unsigned nth = 1; nth < 80u; nth++) {
      begin();
      next_release.image[4500] ^= 1u;
      spoil();
      spoiled.flash_program = failing_program;
      calls_left = nth;
      if (rig_update(&board, &update, &next_release, 1000) == FW_ERR_FLASH && update.written == 9000u) {
        unnoted++;
      }
      calls_left = 0;
      CHECK(!record_now().trial);
    }
    CHECK_EQ(unnoted, 1);
  }
}

int main(void) {
  installs();
  asks();
  refuses_answers();
  return check_report("ota");
}
