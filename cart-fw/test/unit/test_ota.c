#include "check.h"
#include "ota_rig.h"

static rig board;
static rig_release old_release;
static rig_release next_release;
static ota update;

static fw_bytes frame_of(const rig_release *release) {
  return FW_BYTES(release->frame, release->frame_size);
}

/** A cart with a confirmed release in slot A. */
static void begin_with(uint32_t sector, uint32_t unit, uint32_t sectors, uint32_t image_size) {
  rig_init(&board, sector, unit, sectors);
  rig_build(&old_release, 1, 5, 3000);
  rig_build(&next_release, 2, 6, image_size);
  rig_install(&board, HAL_SLOT_A, &old_release);
  rig_run(&board, HAL_SLOT_A, &old_release);
}

static void begin(void) {
  begin_with(1024, 16, 14, 9000);
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

static void accept_signatures(void) {
  CHECK_EQ(ota_next(&update).kind, OTA_WISH_VERIFY);
  CHECK_EQ(ota_element(&update, true), FW_OK);
  CHECK_EQ(ota_next(&update).kind, OTA_WISH_VERIFY);
  CHECK_EQ(ota_element(&update, true), FW_OK);
  CHECK(ota_verification_of(&update).signature == update.signatures[1]);
}

static hal spoiled; /* the board's port, but for one kind of call that fails at its n-th time */
static unsigned calls_left;

static bool is_due(void) {
  return calls_left != 0u && --calls_left == 0u;
}
static int failing_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  return is_due() ? -1 : rig_read(context, area, offset, to, size);
}
static int failing_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  return is_due() ? -1 : rig_program(context, area, offset, from, size);
}
static int lying_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  uint8_t other[512];
  if (!is_due() || size > sizeof other) {
    return rig_program(context, area, offset, from, size);
  }
  memcpy(other, from, size);
  other[size / 2u] ^= 0x10u;
  return rig_program(context, area, offset, other, size);
}
static int failing_erase(void *context, hal_area area, uint32_t offset) {
  return is_due() ? -1 : rig_erase(context, area, offset);
}

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

static void refuses_manifests(void) {
  begin();
  ota_init(&update, &board.config);
  IT("a manifest of wrong form, of one key, of an unknown key or with a changed signature begins nothing") {
    CHECK_EQ(ota_begin(&update, FW_BYTES(next_release.frame, next_release.frame_size - 1u)), FW_ERR_CBOR_TRUNCATED);
    uint8_t long_frame[MANIFEST_FRAME_MAX + 1u] = {0};
    CHECK_EQ(ota_begin(&update, FW_BYTES(long_frame, sizeof long_frame)), FW_ERR_CBOR_SIZE);
    rig_sign_claims(&next_release, 0, 0);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_UNKNOWN_KEY);
    rig_sign_claims(&next_release, 1, 1);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_UNKNOWN_KEY);
    rig_sign_claims(&next_release, 0, 1);
    next_release.frame[next_release.frame_size - 1u] ^= 1u;
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_SIGNATURE);
    CHECK_EQ(ota_next(&update).kind, OTA_WISH_NOTHING);
    CHECK_EQ(ota_status(&update), FW_ERR_SIGNATURE);
    CHECK_EQ(board.flash.done, (uint64_t)288); /* the factory's manifest alone */
  }
  IT("the next release key is as good as the current one") {
    begin();
    rig_sign_claims(&next_release, 0, 2);
    CHECK_EQ(rig_update(&board, &update, &next_release, 512), FW_OK);
  }
  IT("other hardware, a lower security counter and an image that the slot can't hold are refused") {
    begin();
    ota_init(&update, &board.config);
    next_release.claims.hardware = RIG_HARDWARE + 1u;
    rig_sign_claims(&next_release, 0, 1);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_HARDWARE);
    rig_build(&next_release, 2, 4, 9000);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_DOWNGRADE);
    rig_build(&next_release, 2, 6, 13u * 1024u + 1u);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_IMAGE_SIZE);
    rig_build(&next_release, 2, 6, 13u * 1024u);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
  }
  IT("the counter of the record holds where it is higher than that of the running image") {
    begin();
    ota_record record = record_now();
    record.security_counter = 7;
    write_record(&record);
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_DOWNGRADE);
  }
  IT("so does what the secure element has counted to, whatever the record says") {
    begin();
    board.config.least_counter = 7;
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_DOWNGRADE);
    board.config.least_counter = 6;
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_OK);
    board.config.least_counter = 0;
  }
  IT("the image that runs, one that failed its trial here, and any image during a trial are not taken") {
    begin();
    ota_init(&update, &board.config);
    CHECK_EQ(ota_begin(&update, frame_of(&old_release)), FW_ERR_SAME_IMAGE);
    ota_record record = record_now();
    memcpy(record.refused, next_release.claims.digest, OTA_NAME_SIZE);
    write_record(&record);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_IMAGE_REFUSED);
    memset(record.refused, 0, OTA_NAME_SIZE);
    record.trial = true;
    write_record(&record);
    CHECK_EQ(ota_begin(&update, frame_of(&next_release)), FW_ERR_TRIAL);
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
      spoiled = board.port;
      spoiled.flash_program = failing_program;
      board.config.port = &spoiled;
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
      spoiled = board.port;
      spoiled.flash_read = failing_read;
      board.config.port = &spoiled;
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
    spoiled = board.port;
    spoiled.flash_read = kind == 0 ? failing_read : rig_read;
    spoiled.flash_program = kind == 1 ? failing_program : kind == 2 ? lying_program : rig_program;
    spoiled.flash_erase = kind == 3 ? failing_erase : rig_erase;
    board.config.port = &spoiled;
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

static void confirms(void) {
  uint32_t counter = 0;
  IT("an image that was tried becomes the active one, and only then the counter rises") {
    begin();
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
    CHECK_EQ(record_now().security_counter, 0);
    rig_run(&board, HAL_SLOT_B, &next_release);
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_OK);
    CHECK_EQ(counter, 6);
    const ota_record record = record_now();
    CHECK(!record.trial);
    CHECK_EQ(record.active, HAL_SLOT_B);
    CHECK_EQ(record.security_counter, 6);
  }
  IT("a second confirmation writes nothing") {
    const uint64_t done = board.flash.done;
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, NULL), FW_OK);
    CHECK_EQ(board.flash.done, done);
  }
  IT("without evidence of an accepted round trip nothing is confirmed") {
    begin();
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
    rig_run(&board, HAL_SLOT_B, &next_release);
    const uint32_t others[] = {0u, 1u, OTA_ROUND_TRIP_ACCEPTED ^ 1u, ~OTA_ROUND_TRIP_ACCEPTED};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
      CHECK_EQ(ota_confirm(&board.port, others[i], &counter), FW_ERR_ARGUMENT);
    }
    CHECK(record_now().trial);
  }
  IT("an image that waits for its trial goes on waiting when the old one is confirmed") {
    begin();
    CHECK_EQ(rig_update(&board, &update, &next_release, 1000), FW_OK);
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_OK);
    CHECK_EQ(counter, 5);
    CHECK(record_now().trial);
    CHECK_EQ(record_now().active, HAL_SLOT_A);
  }
  IT("the counter never falls") {
    begin();
    ota_record record = record_now();
    record.security_counter = 9;
    record.active = HAL_SLOT_B;
    write_record(&record);
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_OK);
    CHECK_EQ(counter, 9);
    CHECK_EQ(record_now().active, HAL_SLOT_A);
  }
  IT("a flash that fails confirms nothing") {
    begin();
    board.flash.fail_reads = 1;
    counter = 77;
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_ERR_FLASH);
    board.flash.fail_programs = 1;
    CHECK_EQ(ota_confirm(&board.port, OTA_ROUND_TRIP_ACCEPTED, &counter), FW_ERR_FLASH);
    CHECK_EQ(counter, 77);
    CHECK_EQ(record_now().security_counter, 0);
  }
}

int main(void) {
  installs();
  asks();
  refuses_manifests();
  refuses_answers();
  resumes();
  survives_flash();
  confirms();
  return check_report("ota");
}
