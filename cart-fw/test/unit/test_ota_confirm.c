#include "_ota_board.h"

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
  confirms();
  return check_report("ota_confirm");
}
