/**
 * Whether a slot's image may run, in a form that a skipped instruction does not turn into a yes: words with many bits
 * apart in place of booleans, every step counted, the differences themselves in the answer (after MCUboot's fault
 * injection hardening). The image is copied to where it runs before it is hashed: what was verified is what runs.
 */
#ifndef CARTWRIGHT_BOOT_VERIFY_H
#define CARTWRIGHT_BOOT_VERIFY_H

#include "hal.h"
#include "manifest.h"

#define BOOT_YES ((uint32_t)0x5AC3963Du)
#define BOOT_NO ((uint32_t)0xA53C69C2u)

typedef struct {
  const hal *port;
  const manifest_keys *keys; /* pinned in the bootloader */
  uint16_t hardware;
  uint8_t *load; /* where an image runs */
  uint32_t load_capacity;
} boot_context;

/**
 * One pass over one slot: its manifest, both signatures, hardware, security counter, and the image's digest.
 * @param image the slot's image as the application will be told of it; whole only after BOOT_YES.
 * @return BOOT_YES, or any other word.
 */
uint32_t boot_verify(const boot_context *boot, hal_area slot, uint32_t least_counter, hal_image *image);

#endif
