/** What ota.c and ota_begin.c share. */
#ifndef CARTWRIGHT_OTA_INTERNAL_H
#define CARTWRIGHT_OTA_INTERNAL_H

#include "ota.h"

/* ota.c */
/** Ends the update. @return why. */
fw_status ota_end(ota *update, fw_status why);

/* ota_begin.c */
/**
 * Bytes of the admitted image that are in the slot for good. Within a sector only where what follows can still be
 * programmed.
 */
uint32_t ota_resumed_at(const ota *update);

#endif
