/* The HAL's flash on the partitions of partitions.csv. */
#include <string.h>

#include "board.h"
#include "esp_err.h"
#include "esp_partition.h"

/* esp_partition_write on an encrypted partition takes offsets and sizes of 16 bytes only. */
#define UNIT 16u
#define SECTOR 4096u

static const struct {
  esp_partition_type_t type;
  esp_partition_subtype_t subtype;
} places[HAL_AREAS] = {
    [HAL_SLOT_A] = {ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_APP_OTA_0},
    [HAL_SLOT_B] = {ESP_PARTITION_TYPE_APP, ESP_PARTITION_SUBTYPE_APP_OTA_1},
    [HAL_BOOT_RECORDS] = {ESP_PARTITION_TYPE_DATA, (esp_partition_subtype_t)0x41},
    [HAL_JOURNAL] = {ESP_PARTITION_TYPE_DATA, (esp_partition_subtype_t)0x42},
    [HAL_FACTORY] = {ESP_PARTITION_TYPE_DATA, (esp_partition_subtype_t)0x40},
};

static const esp_partition_t *partitions[HAL_AREAS];
static hal_geometry geometries[HAL_AREAS];

int flash_init(void) {
  for (size_t area = 0; area < HAL_AREAS; area++) {
    partitions[area] = esp_partition_find_first(places[area].type, places[area].subtype, NULL);
    if (partitions[area] == NULL) {
      return -1;
    }
    geometries[area] = (hal_geometry){.sector = SECTOR, .unit = UNIT, .sectors = partitions[area]->size / SECTOR};
  }
  return 0;
}

const hal_geometry *flash_geometry(void *context, hal_area area) {
  (void)context;
  return &geometries[area];
}

/* What was erased reads as FF through the cipher too: esp_partition_read_raw tells a blank unit from an encrypted one. */
static bool is_blank(const esp_partition_t *partition, uint32_t offset) {
  uint8_t raw[UNIT];
  uint8_t all = 0xFFu;
  if (esp_partition_read_raw(partition, offset, raw, sizeof raw) != ESP_OK) {
    return false;
  }
  for (size_t i = 0; i < sizeof raw; i++) {
    all &= raw[i];
  }
  return all == 0xFFu;
}

static int read_unit(const esp_partition_t *partition, uint32_t offset, uint8_t to[UNIT]) {
  if (is_blank(partition, offset)) {
    memset(to, 0xFF, UNIT);
    return 0;
  }
  return esp_partition_read(partition, offset, to, UNIT) == ESP_OK ? 0 : -1;
}

int flash_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  uint8_t *bytes = to;
  (void)context;
  for (size_t done = 0; done < size;) {
    uint8_t unit[UNIT];
    const uint32_t at = offset + (uint32_t)done;
    const size_t skip = at % UNIT;
    const size_t left = size - done;
    const size_t take = left < UNIT - skip ? left : UNIT - skip;
    if (read_unit(partitions[area], at - (uint32_t)skip, unit) != 0) {
      return -1;
    }
    memcpy(bytes + done, unit + skip, take);
    done += take;
  }
  return 0;
}

int flash_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  (void)context;
  return esp_partition_write(partitions[area], offset, from, size) == ESP_OK ? 0 : -1;
}

int flash_erase(void *context, hal_area area, uint32_t offset) {
  (void)context;
  return esp_partition_erase_range(partitions[area], offset, SECTOR) == ESP_OK ? 0 : -1;
}
