#include "boot_run.h"

#include "ota_slot.h"

#include <string.h>

/** The least security counter by two readings of the record, one for each pass: a glitch in one leaves the other. */
typedef struct {
  uint32_t first;
  uint32_t second;
} least_counter;

/** Both passes over a slot. The second is not done by the branch that the first one decides. */
static uint32_t prove(const boot_context *boot, hal_area slot, const least_counter *least, boot_choice *choice) {
  choice->first = BOOT_NO;
  choice->second = BOOT_NO;
  choice->first = boot_verify(boot, slot, least->first, &choice->image);
  if (choice->first != BOOT_YES) {
    return BOOT_NO;
  }
  choice->second = boot_verify(boot, slot, least->second, &choice->image);
  if (choice->second != BOOT_YES) {
    return BOOT_NO;
  }
  return choice->first ^ choice->second ^ BOOT_YES;
}

/** The name of the image that a slot's manifest promises; zeros where there is none. */
static void name_of(const hal *port, hal_area slot, uint8_t name[OTA_NAME_SIZE]) {
  uint8_t bytes[MANIFEST_FRAME_MAX];
  fw_buffer frame = fw_buffer_over(bytes, sizeof bytes);
  cose_sign parts;
  manifest claims;
  memset(name, 0, OTA_NAME_SIZE);
  if (ota_slot_manifest(port, slot, &frame) != FW_OK) {
    return;
  }
  if (cose_sign_decode(fw_bytes_written(&frame), &parts) != FW_OK) {
    return;
  }
  if (manifest_decode(parts.payload, &claims) == FW_OK) {
    memcpy(name, claims.digest, OTA_NAME_SIZE);
  }
}

static void give_up(const boot_context *boot, ota_record *record, ota_record_place *place) {
  uint8_t name[OTA_NAME_SIZE];
  name_of(boot->port, ota_other_slot(record->active), name);
  boot_refuse(record, name);
  /* A record that can't be written leaves the trial's count where it was: at its end. */
  (void)ota_record_write(boot->port, record, place);
}

static uint32_t try_trial(const boot_context *boot, const least_counter *least, ota_record *record,
                          ota_record_place *place, boot_choice *choice) {
  if (ota_record_write(boot->port, record, place) != FW_OK) {
    return BOOT_NO; /* uncounted, it could be tried for ever */
  }
  const uint32_t proof = prove(boot, ota_other_slot(record->active), least, choice);
  if (proof != BOOT_YES) {
    give_up(boot, record, place);
    return BOOT_NO;
  }
  choice->image.trial = true;
  return proof;
}

/** The active slot, or, where it has rotted, the other one: an image that was confirmed before and never refused. */
static uint32_t try_confirmed(const boot_context *boot, const least_counter *least, const ota_record *record,
                              boot_choice *choice) {
  const uint32_t proof = prove(boot, record->active, least, choice);
  if (proof == BOOT_YES) {
    return proof;
  }
  uint8_t name[OTA_NAME_SIZE];
  const hal_area other = ota_other_slot(record->active);
  name_of(boot->port, other, name);
  if (record->trial || memcmp(name, record->refused, OTA_NAME_SIZE) == 0) {
    return BOOT_NO;
  }
  return prove(boot, other, least, choice);
}

uint32_t boot_run(const boot_context *boot, hal_reset_reason reason, boot_choice *choice) {
  ota_record record;
  ota_record_place place;
  least_counter least;
  choice->first = BOOT_NO;
  choice->second = BOOT_NO;
  if (ota_record_read(boot->port, &record, &place) != FW_OK) {
    return BOOT_NO;
  }
  least.first = record.security_counter;
  if (ota_record_read(boot->port, &record, &place) != FW_OK) {
    return BOOT_NO;
  }
  least.second = record.security_counter;
  const boot_plan plan = boot_decide(&record, reason);
  if (plan == BOOT_PLAN_GIVE_UP) {
    give_up(boot, &record, &place);
  }
  if (plan == BOOT_PLAN_TRIAL) {
    const uint32_t proof = try_trial(boot, &least, &record, &place, choice);
    if (proof == BOOT_YES) {
      return proof;
    }
  }
  return try_confirmed(boot, &least, &record, choice);
}

uint32_t boot_doubt(const boot_choice *choice) {
  return (choice->first ^ BOOT_YES) | (choice->second ^ BOOT_YES);
}
