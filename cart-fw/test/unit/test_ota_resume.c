#include "_ota_board.h"

/** Downloads `bytes` of the image and stops, as a cut connection or a cut supply does. */
static void download_part(size_t bytes) {
  ota_init(&update, &board.config);
  CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
  accept_signatures();
  const ota_wish wish = ota_next(&update);
  const http1_answer answer = rig_partial(&next_release, wish.first, wish.last);
  CHECK_EQ(ota_head(&update, &answer), FW_OK);
  CHECK_EQ(ota_body(&update, FW_BYTES(next_release.image + wish.first, bytes)), FW_OK);
}

static uint32_t resumed(void) {
  ota_init(&update, &board.config);
  CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
  accept_signatures();
  return ota_next(&update).first;
}

static void resumes(void) {
  IT("a broken connection costs nothing that came") {
    begin();
    download_part(5001);
    CHECK_EQ(ota_range_end(&update), FW_OK);
    CHECK_EQ(ota_next(&update).first, 5001);
  }
  IT("after a restart the download goes on at its last kept step") {
    begin();
    download_part(8500);
    CHECK_EQ(resumed(), 8192);
    CHECK_EQ(rig_update(&board, &update, &next_release, 700), FW_OK);
    CHECK_EQ(board.flash.violations, 0);
  }
  IT("within a sector it goes on only where nothing was programmed behind the step") {
    begin_with(8192, 16, 3, 16000);
    download_part(4096);
    CHECK_EQ(resumed(), 4096);
    begin_with(8192, 16, 3, 16000);
    download_part(4096 + 256);
    CHECK_EQ(resumed(), 0);
    CHECK_EQ(rig_update(&board, &update, &next_release, 700), FW_OK);
    CHECK_EQ(board.flash.violations, 0);
  }
  IT("what can't be read counts as programmed") {
    begin_with(8192, 16, 3, 16000);
    download_part(4096);
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    CHECK_EQ(ota_element(&update, true), FW_OK);
    board.flash.fail_reads = 2;
    const fw_status status = ota_element(&update, true);
    CHECK_EQ(status, FW_ERR_FLASH); /* the first failed read is that of the manifest's sector */
    board.flash.fail_reads = 0;
    CHECK_EQ(resumed(), 4096);
    unsigned distrusted = 0;
    for (unsigned nth = 1; nth < 64u; nth++) {
      spoil();
      spoiled.flash_read = failing_read;
      ota_init(&update, &board.config);
      CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
      CHECK_EQ(ota_element(&update, true), FW_OK);
      calls_left = nth;
      if (ota_element(&update, true) == FW_OK && ota_next(&update).first == 0u) {
        distrusted++;
        ota_record record = record_now();
        record.download_offset = 4096;
        write_record(&record);
      }
      calls_left = 0;
    }
    CHECK(distrusted > 10u);
    board.config.port = &board.port;
  }
  IT("progress that can't be kept ends the update") {
    begin();
    download_part(8500);
    rig_build(&next_release, 3, 6, 9000);
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    CHECK_EQ(ota_element(&update, true), FW_OK);
    board.flash.fail_programs = 1;
    CHECK_EQ(ota_element(&update, true), FW_ERR_FLASH);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_NOTHING);
  }
  IT("an image that was whole when the power failed is installed without another byte") {
    begin_with(1024, 16, 14, 8192);
    download_part(8192);
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    CHECK_EQ(ota_element(&update, true), FW_OK);
    CHECK_EQ(ota_element(&update, true), FW_OK);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_RESET);
    CHECK_EQ(board.flash.violations, 0);
  }
  IT("another image begins at its first byte, and the first one then begins anew as well") {
    begin();
    download_part(8500);
    rig_build(&next_release, 3, 6, 9000);
    CHECK_EQ(resumed(), 0);
    CHECK_EQ(record_now().download_offset, 0);
    rig_build(&next_release, 2, 6, 9000);
    CHECK_EQ(resumed(), 0);
  }
  IT("a kept offset beyond the image is not believed") {
    begin();
    ota_record record = record_now();
    memcpy(record.download, next_release.claims.digest, OTA_NAME_SIZE);
    record.download_offset = 9001;
    write_record(&record);
    CHECK_EQ(resumed(), 0);
  }
}

/** The n-th call of a kind fails; the update must end with FW_ERR_FLASH, and succeed when the flash works again. */
static bool survives_failure(unsigned *countdown, unsigned nth) {
  begin();
  unsigned skipped = 0;
  ota_init(&update, &board.config);
  fw_status status = ota_begin(&update, frame_of(&next_release));
  CHECK_EQ(status, FW_OK);
  while (ota_status(&update) == FW_PENDING) {
    if (skipped == nth) {
      *countdown = 1;
    }
    skipped++;
    if (!rig_serve(&update, &next_release, 256)) {
      break;
    }
  }
  const bool failed = ota_status(&update) == FW_ERR_FLASH;
  CHECK(failed || ota_status(&update) == FW_OK);
  *countdown = 0;
  if (failed) {
    CHECK(!record_now().trial);
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
  }
  return failed;
}

/** Lets every call of one kind fail in turn. @return how many of them ended the update. */
static unsigned fail_each(int kind) {
  unsigned ended = 0;
  for (unsigned nth = 1; nth < 400u; nth++) {
    begin();
    spoil();
    spoiled.flash_read = kind == 0 ? failing_read : rig_read;
    spoiled.flash_program = kind == 1 ? failing_program : kind == 2 ? lying_program : rig_program;
    spoiled.flash_erase = kind == 3 ? failing_erase : rig_erase;
    calls_left = nth;
    const fw_status status = rig_update(&board, &update, &next_release, 1000);
    const bool was_hit = calls_left == 0u;
    calls_left = 0;
    if (status == FW_OK) {
      CHECK(record_now().trial);
    } else {
      ended++;
      CHECK(status == FW_ERR_FLASH || status == FW_ERR_DIGEST);
      /* When only the look at the last record failed, the image waits for its trial all the same. */
      const bool installed = record_now().trial;
      CHECK_EQ(rig_update(&board, &update, &next_release, 1000), installed ? FW_ERR_TRIAL : FW_OK);
    }
    if (!was_hit) {
      break;
    }
  }
  return ended;
}

static void survives_flash(void) {
  IT("a flash call that fails ends the update, and the next attempt succeeds") {
    CHECK(fail_each(0) > 30u);
    CHECK(fail_each(1) > 30u);
    CHECK(fail_each(3) > 5u);
  }
  IT("a byte that did not take is found before the image is started") {
    CHECK(fail_each(2) > 30u);
  }
  IT("a flash that answers nothing more fails at once") {
    unsigned *const countdown = &board.flash.fail_programs;
    CHECK(survives_failure(countdown, 2));
  }
}

int main(void) {
  resumes();
  survives_flash();
  return check_report("ota_resume");
}
