#include "ota.h"

/** Whether the record already says what a confirmation would make it say. */
static bool is_settled(const ota_record *record, const hal_image *image) {
  return record->active == image->slot && record->security_counter >= image->security_counter;
}

/** The state is keyed to the slot that runs. An image that waits in the other slot for its trial goes on waiting. */
static void settle(ota_record *record, const hal_image *image) {
  if (record->active != image->slot) {
    record->active = image->slot;
    record->trial = false;
    record->trial_boots = 0;
    record->trial_power_ons = 0;
  }
  if (record->security_counter < image->security_counter) {
    record->security_counter = image->security_counter;
  }
}

fw_status ota_confirm(const hal *port, uint32_t evidence, uint32_t *security_counter) {
  const volatile uint32_t given = evidence;
  const hal_image *image = port->image(port->context);
  ota_record record;
  ota_record_place place;
  if (given != OTA_ROUND_TRIP_ACCEPTED) {
    return FW_ERR_ARGUMENT;
  }
  fw_status status = ota_record_read(port, &record, &place);
  if (status != FW_OK) {
    return status;
  }
  if (!is_settled(&record, image)) {
    settle(&record, image);
    /* Read anew: where a skipped instruction led here, this word still tells. */
    status = ota_record_write_unless(port, &record, &place, given ^ OTA_ROUND_TRIP_ACCEPTED);
  }
  if (status == FW_OK && security_counter != NULL) {
    *security_counter = record.security_counter;
  }
  return status;
}
