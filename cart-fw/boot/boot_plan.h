/** Which slot is booted, from the record and the reason of the reset. Pure. */
#ifndef CARTWRIGHT_BOOT_PLAN_H
#define CARTWRIGHT_BOOT_PLAN_H

#include "ota_record.h"

/** Boots that an image has to confirm itself in, not counting those after a power failure. */
#define BOOT_TRIAL_BOOTS ((uint8_t)3)
/** Boots after a power failure: a cart that is put on and off its dock says nothing against an image. */
#define BOOT_TRIAL_POWER_ONS ((uint8_t)6)

typedef enum {
  BOOT_PLAN_ACTIVE,  /* boot the active slot; the record stays */
  BOOT_PLAN_TRIAL,   /* write the record, then boot the other slot */
  BOOT_PLAN_GIVE_UP  /* the trial has failed: name the image as refused, write the record, boot the active slot */
} boot_plan;

/** Counts this boot in the record where it is one of a trial. */
boot_plan boot_decide(ota_record *record, hal_reset_reason reason);
/** Ends the trial for good. @param name of the image that was tried, OTA_NAME_SIZE bytes. */
void boot_refuse(ota_record *record, const uint8_t *name);

#endif
