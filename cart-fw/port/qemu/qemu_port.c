#include "qemu_port.h"

#include <string.h>

#include "cfi.h"
#include "flash_areas.h"
#include "machine.h"
#include "uart.h"

static board_facts facts;

static uint64_t now_ms(void *context) {
  (void)context;
  return machine_now_ms();
}

static int entropy(void *context, void *to, size_t size) {
  (void)context;
  uint8_t *bytes = to;
  uint64_t state = machine_clock_ns() ^ (machine_now_us() << 32);
  for (size_t i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    bytes[i] = (uint8_t)(state >> 32);
  }
  return 0;
}

static size_t read_channel(void *context, hal_channel channel, uint8_t *to, size_t capacity) {
  (void)context;
  return uart_read((unsigned)channel, to, capacity);
}

/** Each FIFO that is offered takes 16 bytes; the emulator empties it at once unless the other side does not read. */
#define OFFERS_MOST 64u

static size_t write_channel(void *context, hal_channel channel, const uint8_t *bytes, size_t size) {
  (void)context;
  size_t taken = 0;
  for (unsigned offers = 0; offers < OFFERS_MOST && taken < size; offers++) {
    taken += uart_write((unsigned)channel, bytes + taken, size - taken);
  }
  return taken;
}

/** The machine stands on its dock, fully charged: it has no supply that could be anything else. */
static int power(void *context, hal_power *now) {
  (void)context;
  now->docked = true;
  now->battery_percent = 100;
  return 0;
}

static const hal_image *image(void *context) {
  (void)context;
  return handover_image();
}

static hal_reset_reason reset_reason(void *context) {
  (void)context;
  return handover_reason();
}

static void watchdog(void *context) {
  (void)context;
  machine_kick();
}

static void wait(void *context, uint32_t ms) {
  (void)context;
  machine_wait(ms);
}

static void reset(void *context) {
  (void)context;
  machine_reset(HAL_RESET_SOFTWARE);
}

const hal *qemu_port_init(void) {
  static const hal port = {
      .now_ms = now_ms,
      .entropy = entropy,
      .read = read_channel,
      .write = write_channel,
      .geometry = flash_geometry,
      .flash_read = flash_area_read,
      .flash_program = flash_area_program,
      .flash_erase = flash_area_erase,
      .power = power,
      .image = image,
      .reset_reason = reset_reason,
      .watchdog = watchdog,
      .wait = wait,
      .reset = reset,
  };
  uart_init();
  if (cfi_probe() != 0 || !board_read_facts(&facts)) {
    return NULL;
  }
  return handover_image() == NULL ? NULL : &port;
}

const board_facts *qemu_port_facts(void) {
  return &facts;
}
