/** The HAL's flash on the CFI chip; docs/FLASHMAP.md has the map. */
#ifndef CARTWRIGHT_QEMU_FLASH_AREAS_H
#define CARTWRIGHT_QEMU_FLASH_AREAS_H

#include "hal.h"

const hal_geometry *flash_geometry(void *context, hal_area area);
int flash_area_read(void *context, hal_area area, uint32_t offset, void *to, size_t size);
int flash_area_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size);
int flash_area_erase(void *context, hal_area area, uint32_t offset);

#endif
