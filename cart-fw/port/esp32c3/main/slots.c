/*
 * Two keepers of one truth: the IDF's bootloader boots by otadata and allows a trial of one boot; core/ota.h's records
 * carry the security counter, the refused image and the download. This keeps them in step, otadata being what boots.
 */
#include <string.h>

#include "board.h"
#include "esp_err.h"
#include "esp_flash_encrypt.h"
#include "esp_ota_ops.h"
#include "esp_secure_boot.h"
#include "esp_system.h"
#include "ota.h"

static hal_image image;

static hal_area slot_of(const esp_partition_t *partition) {
  return partition->subtype == ESP_PARTITION_SUBTYPE_APP_OTA_1 ? HAL_SLOT_B : HAL_SLOT_A;
}

static const esp_partition_t *partition_of(hal_area slot) {
  const esp_partition_subtype_t subtype =
      slot == HAL_SLOT_B ? ESP_PARTITION_SUBTYPE_APP_OTA_1 : ESP_PARTITION_SUBTYPE_APP_OTA_0;
  return esp_partition_find_first(ESP_PARTITION_TYPE_APP, subtype, NULL);
}

/** RFC 9711, 4.2.9. With both fuses burnt, JTAG and the ROM's download mode are gone for good. */
static uint8_t debug_state(void) {
  return esp_secure_boot_enabled() && esp_flash_encryption_cfg_verify_release_mode() ? 4u : 0u;
}

static int describe(const hal *port, hal_area slot) {
  uint8_t bytes[MANIFEST_FRAME_MAX];
  fw_buffer frame = fw_buffer_over(bytes, sizeof bytes);
  manifest claims;
  if (ota_slot_manifest(port, slot, &frame) != FW_OK ||
      manifest_verify(fw_bytes_written(&frame), board_keys(), &claims) != FW_OK) {
    return -1;
  }
  memset(&image, 0, sizeof image);
  /* What is attested is what is in the slot, not what its manifest says is. */
  if (ota_slot_digest(port, slot, claims.image_size, image.digest) != FW_OK ||
      memcmp(image.digest, claims.digest, sizeof image.digest) != 0) {
    return -1;
  }
  memcpy(image.version, claims.version, claims.version_size);
  image.security_counter = claims.security_counter;
  image.hardware = claims.hardware;
  image.slot = slot;
  image.debug = debug_state();
  return 0;
}

/**
 * A trial that the record still waits for while the old image runs: the IDF's bootloader has rolled it back, or power
 * failed before it was told of it.
 * @return whether the image is to be restarted into the slot that waits.
 */
static bool settle_trial(const hal *port) {
  ota_record record;
  ota_record_place place;
  if (ota_record_read(port, &record, &place) != FW_OK || !record.trial || record.active != image.slot) {
    return false;
  }
  const hal_area tried = ota_other_slot(record.active);
  if (esp_ota_get_last_invalid_partition() != partition_of(tried)) {
    return slots_try_installed(port) == 0;
  }
  uint8_t bytes[MANIFEST_FRAME_MAX];
  fw_buffer frame = fw_buffer_over(bytes, sizeof bytes);
  cose_sign parts;
  manifest claims;
  record.trial = false;
  if (ota_slot_manifest(port, tried, &frame) == FW_OK && cose_sign_decode(fw_bytes_written(&frame), &parts) == FW_OK &&
      manifest_decode(parts.payload, &claims) == FW_OK) {
    memcpy(record.refused, claims.digest, OTA_NAME_SIZE);
  }
  (void)ota_record_write(port, &record, &place);
  return false;
}

int slots_init(void) {
  static const hal flash = {.geometry = flash_geometry,
                            .flash_read = flash_read,
                            .flash_program = flash_program,
                            .flash_erase = flash_erase};
  const esp_partition_t *running = esp_ota_get_running_partition();
  esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
  if (running == NULL || describe(&flash, slot_of(running)) != 0) {
    return -1;
  }
  image.trial = esp_ota_get_state_partition(running, &state) == ESP_OK && state == ESP_OTA_IMG_PENDING_VERIFY;
  if (settle_trial(&flash)) {
    esp_restart();
  }
  return 0;
}

const hal_image *slots_image(void *context) {
  (void)context;
  return &image;
}

int slots_confirmed(const hal *port) {
  ota_record record;
  ota_record_place place;
  if (image.trial && esp_ota_mark_app_valid_cancel_rollback() != ESP_OK) {
    return -1;
  }
  image.trial = false;
  return ota_record_read(port, &record, &place) == FW_OK ? 0 : -1;
}

int slots_try_installed(const hal *port) {
  ota_record record;
  ota_record_place place;
  if (ota_record_read(port, &record, &place) != FW_OK || !record.trial) {
    return 0;
  }
  /* Checks the image's own header and its RSA-3072 signature before otadata is written. */
  return esp_ota_set_boot_partition(partition_of(ota_other_slot(record.active))) == ESP_OK ? 0 : -1;
}
