#include "host_port.h"

#include <string.h>

static const uint32_t SECTORS[HAL_AREAS] = {HOST_SLOT_SECTORS, HOST_SLOT_SECTORS, HOST_RECORD_SECTORS,
                                            HOST_JOURNAL_SECTORS, HOST_FACTORY_SECTORS};

size_t host_area_offset(hal_area area) {
  size_t offset = 0;
  for (unsigned before = 0; before < (unsigned)area; before++) {
    offset += (size_t)SECTORS[before] * HOST_SECTOR;
  }
  return offset;
}

static uint64_t now_ms(void *context) {
  const host_port *port = context;
  return port->now_ms;
}

static int entropy(void *context, void *to, size_t size) {
  host_port *port = context;
  uint8_t *bytes = to;
  for (size_t i = 0; i < size; i++) {
    port->chance = port->chance * 1664525u + 1013904223u;
    bytes[i] = (uint8_t)(port->chance >> 24);
  }
  return 0;
}

static size_t read_channel(void *context, hal_channel channel, uint8_t *to, size_t capacity) {
  host_port *port = context;
  return port->reader == NULL ? 0u : port->reader(port, channel, to, capacity);
}

static size_t write_channel(void *context, hal_channel channel, const uint8_t *bytes, size_t size) {
  host_port *port = context;
  return port->writer == NULL ? size : port->writer(port, channel, bytes, size);
}

static const hal_geometry *geometry(void *context, hal_area area) {
  const host_port *port = context;
  return &port->geometry[area];
}

static int flash_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  host_port *port = context;
  return host_flash_read(&port->areas[area], offset, to, size);
}

static int flash_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  host_port *port = context;
  return host_flash_program(&port->areas[area], offset, from, size);
}

static int flash_erase(void *context, hal_area area, uint32_t offset) {
  host_port *port = context;
  return host_flash_erase(&port->areas[area], offset);
}

static int power(void *context, hal_power *now) {
  const host_port *port = context;
  *now = port->power;
  return 0;
}

static const hal_image *image(void *context) {
  const host_port *port = context;
  return &port->image;
}

static hal_reset_reason reset_reason(void *context) {
  const host_port *port = context;
  return port->reason;
}

static void watchdog(void *context) { (void)context; }

static void wait(void *context, uint32_t ms) {
  host_port *port = context;
  if (port->waiter != NULL) {
    port->waiter(port, ms);
  } else {
    port->now_ms += ms;
  }
}

static void reset(void *context) {
  host_port *port = context;
  port->resets++;
}

void host_port_init(host_port *port, uint8_t *flash) {
  (void)memset(port, 0, sizeof *port);
  port->chance = 1u;
  port->power = (hal_power){.docked = false, .battery_percent = 90};
  port->hal = (hal){.context = port,
                    .now_ms = now_ms,
                    .entropy = entropy,
                    .read = read_channel,
                    .write = write_channel,
                    .geometry = geometry,
                    .flash_read = flash_read,
                    .flash_program = flash_program,
                    .flash_erase = flash_erase,
                    .power = power,
                    .image = image,
                    .reset_reason = reset_reason,
                    .watchdog = watchdog,
                    .wait = wait,
                    .reset = reset};
  for (unsigned area = 0; area < HAL_AREAS; area++) {
    host_flash_adopt(&port->areas[area], flash + host_area_offset((hal_area)area), HOST_SECTOR, SECTORS[area], HOST_UNIT);
    port->geometry[area] = (hal_geometry){.sector = HOST_SECTOR, .unit = HOST_UNIT, .sectors = SECTORS[area]};
  }
}
