#include "flash_areas.h"

#include "cfi.h"

/* As where the flash is encrypted, which the board's is. */
#define UNIT 16u

static const struct {
  uint32_t base;
  hal_geometry geometry;
} areas[HAL_AREAS] = {
    [HAL_SLOT_A] = {0x0000000u, {.sector = CFI_SECTOR, .unit = UNIT, .sectors = 6}},
    [HAL_SLOT_B] = {0x0180000u, {.sector = CFI_SECTOR, .unit = UNIT, .sectors = 6}},
    [HAL_BOOT_RECORDS] = {0x0300000u, {.sector = CFI_SECTOR, .unit = UNIT, .sectors = 2}},
    [HAL_FACTORY] = {0x0380000u, {.sector = CFI_SECTOR, .unit = UNIT, .sectors = 1}},
    [HAL_JOURNAL] = {0x0400000u, {.sector = CFI_SECTOR, .unit = UNIT, .sectors = 8}},
};

static bool is_inside(hal_area area, uint32_t offset, size_t size) {
  const uint32_t bytes = areas[area].geometry.sector * areas[area].geometry.sectors;
  return offset <= bytes && size <= bytes - offset;
}

const hal_geometry *flash_geometry(void *context, hal_area area) {
  (void)context;
  return &areas[area].geometry;
}

int flash_area_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  (void)context;
  return is_inside(area, offset, size) ? cfi_read(areas[area].base + offset, to, size) : -1;
}

int flash_area_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  (void)context;
  if (!is_inside(area, offset, size) || offset % UNIT != 0u || size % UNIT != 0u) {
    return -1;
  }
  return cfi_program(areas[area].base + offset, from, size);
}

int flash_area_erase(void *context, hal_area area, uint32_t offset) {
  (void)context;
  return is_inside(area, offset, CFI_SECTOR) ? cfi_erase(areas[area].base + offset) : -1;
}
