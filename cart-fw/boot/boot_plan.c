#include "boot_plan.h"

#include <string.h>

boot_plan boot_decide(ota_record *record, hal_reset_reason reason) {
  if (!record->trial) {
    return BOOT_PLAN_ACTIVE;
  }
  uint8_t *count = reason == HAL_RESET_POWER ? &record->trial_power_ons : &record->trial_boots;
  const uint8_t most = reason == HAL_RESET_POWER ? BOOT_TRIAL_POWER_ONS : BOOT_TRIAL_BOOTS;
  if (*count >= most) {
    return BOOT_PLAN_GIVE_UP;
  }
  *count = (uint8_t)(*count + 1u);
  return BOOT_PLAN_TRIAL;
}

void boot_refuse(ota_record *record, const uint8_t *name) {
  record->trial = false;
  record->trial_boots = 0;
  record->trial_power_ons = 0;
  memcpy(record->refused, name, OTA_NAME_SIZE);
}
