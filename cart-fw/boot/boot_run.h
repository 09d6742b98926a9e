/**
 * One boot: the record is read, a trial is counted before it is begun, the chosen slot is verified twice, and the port
 * jumps only where both words say yes.
 */
#ifndef CARTWRIGHT_BOOT_RUN_H
#define CARTWRIGHT_BOOT_RUN_H

#include "boot_plan.h"
#include "boot_verify.h"

/** What the port needs for its jump. Volatile: the port reads the words anew right before it. */
typedef struct {
  volatile uint32_t first;  /* BOOT_YES from the first pass */
  volatile uint32_t second; /* and from the second */
  hal_image image;
} boot_choice;

/**
 * Chooses and verifies. The image that the choice names lies at `load`.
 * @return BOOT_YES when both words of the choice are, else another word: nothing here may run.
 */
uint32_t boot_run(const boot_context *boot, hal_reset_reason reason, boot_choice *choice);
/** 0 when both words are BOOT_YES; other bits otherwise. To be added to the address that is jumped to. */
uint32_t boot_doubt(const boot_choice *choice);

#endif
