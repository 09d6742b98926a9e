/** The HAL on the machine that builds it: memory for flash, a clock that tests turn by hand. */
#ifndef CARTWRIGHT_HOST_PORT_H
#define CARTWRIGHT_HOST_PORT_H

#include "flash.h"
#include "hal.h"

#define HOST_SECTOR 4096u
#define HOST_UNIT 16u
#define HOST_SLOT_SECTORS 64u
#define HOST_RECORD_SECTORS 2u
#define HOST_JOURNAL_SECTORS 32u
#define HOST_FACTORY_SECTORS 1u
#define HOST_FLASH_SIZE                                                                                                \
  (HOST_SECTOR * (2u * HOST_SLOT_SECTORS + HOST_RECORD_SECTORS + HOST_JOURNAL_SECTORS + HOST_FACTORY_SECTORS))

/** A channel's bytes on their way in and out; what leaves goes to `sink`. */
typedef struct host_port host_port;
typedef size_t (*host_reader)(host_port *port, hal_channel channel, uint8_t *to, size_t capacity);
typedef size_t (*host_writer)(host_port *port, hal_channel channel, const uint8_t *bytes, size_t size);

struct host_port {
  hal hal;
  host_flash areas[HAL_AREAS];
  hal_geometry geometry[HAL_AREAS];
  hal_image image;
  hal_power power;
  hal_reset_reason reason;
  uint64_t now_ms;
  host_reader reader;
  host_writer writer;
  void (*waiter)(host_port *port, uint32_t ms);
  uint32_t chance;
  unsigned resets;
  void *owner; /* the test's */
};

/** @param flash HOST_FLASH_SIZE bytes, which outlive the port; they stay as they are. */
void host_port_init(host_port *port, uint8_t *flash);
/** Where an area lies in the flash. */
size_t host_area_offset(hal_area area);

#endif
