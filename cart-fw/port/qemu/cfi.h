/**
 * QEMU's pflash unit 1: Intel command set (CFI 0001), two 16-bit chips side by side on a 32-bit bus. QEMU overwrites
 * where real NOR flash could only clear bits, so the driver refuses what NOR flash could not do.
 */
#ifndef CARTWRIGHT_QEMU_CFI_H
#define CARTWRIGHT_QEMU_CFI_H

#include <stddef.h>
#include <stdint.h>

#define CFI_SECTOR ((uint32_t)0x40000)
#define CFI_BYTES ((uint32_t)0x2000000)

/** Whether the chip is there and is what this driver is for; 0: it is. */
int cfi_probe(void);
int cfi_read(uint32_t offset, void *to, size_t size);
/** `offset` and `size` are multiples of 4. -1 also when a bit would have to be set. */
int cfi_program(uint32_t offset, const void *from, size_t size);
int cfi_erase(uint32_t offset);

#endif
