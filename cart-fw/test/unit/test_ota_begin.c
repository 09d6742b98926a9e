#include "_ota_board.h"

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

int main(void) {
  refuses_manifests();
  return check_report("ota_begin");
}
