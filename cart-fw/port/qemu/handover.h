/** What lives in RAM outside both programs: why the machine was reset, and what the bootloader found. */
#ifndef CARTWRIGHT_QEMU_HANDOVER_H
#define CARTWRIGHT_QEMU_HANDOVER_H

#include "hal.h"
#include "manifest.h"

/** Notes why the machine is about to be reset; a power cut leaves no note. */
void handover_note(hal_reset_reason reason);
/** The note of the last reset, and no note from now on. */
hal_reset_reason handover_take_note(void);

void handover_give(const hal_image *image, hal_reset_reason reason);
/** The image and the reason that the bootloader gave; null when it gave none. */
const hal_image *handover_image(void);
hal_reset_reason handover_reason(void);

/**
 * The keys' page in ROM, which the factory writes once:
 *   "CWK1"  hardware revision(2)  debug state(1)  00(1)  4 points of 65 bytes: build, next build, release, next release;
 *   a point of 65 zeros: there is none
 */
typedef struct {
  manifest_keys keys;
  uint16_t hardware;
  uint8_t debug; /* RFC 9711, 4.2.9 */
} board_facts;

/** @return false when the factory has not written the page. */
bool board_read_facts(board_facts *facts);

#endif
