#include "uart.h"

#include <string.h>

#include "map.h"
#include "registers.h"

/* 16550 registers. */
enum { DATA = 0, INTERRUPTS = 1, FIFO_CONTROL = 2, LINE_CONTROL = 3, LINE_STATUS = 5 };
#define DIVISOR_ACCESS 0x80u
#define EIGHT_BITS 0x03u
/* FIFOs on and reset, told at 14 bytes: at 1 the emulator moves a seventh as many bytes a second. */
#define FIFOS 0xC7u
#define HAS_DATA 0x01u
#define CAN_SEND 0x20u
#define FIFO_SIZE 16u

#define RED_HAT 0x1B36u
#define PCI_DEVICES 32u
#define PCI_COMMAND 0x04u
#define PCI_BAR0 0x10u
#define PCI_IO_ENABLE 1u

static uint32_t bases[UART_CHANNELS];
static unsigned opened;

static void open_at(uint32_t base) {
  set_register8(base + INTERRUPTS, 0);
  set_register8(base + LINE_CONTROL, DIVISOR_ACCESS);
  set_register8(base + DATA, 1);
  set_register8(base + INTERRUPTS, 0);
  set_register8(base + LINE_CONTROL, EIGHT_BITS);
  set_register8(base + FIFO_CONTROL, FIFOS);
  bases[opened] = base;
  opened++;
}

/** UARTs on a PCI device: QEMU's pci-serial, pci-serial-2x and pci-serial-4x have the ids 2, 3 and 4. */
static unsigned uarts_of(uint32_t id) {
  if ((id & 0xFFFFu) != RED_HAT) {
    return 0;
  }
  switch (id >> 16) {
    case 2:
      return 1;
    case 3:
      return 2;
    case 4:
      return 4;
    default:
      return 0;
  }
}

void uart_init_log(void) {
  opened = 0;
  open_at(MAP_UART0);
}

void uart_init(void) {
  uint32_t io = 0x1000;
  uart_init_log();
  for (uint32_t device = 0; device < PCI_DEVICES; device++) {
    const uint32_t config = MAP_PCI_ECAM + (device << 15);
    const unsigned uarts = uarts_of(register32(config));
    if (uarts == 0u) {
      continue;
    }
    set_register32(config + PCI_BAR0, io);
    set_register32(config + PCI_COMMAND, (register32(config + PCI_COMMAND) & 0xFFFF0000u) | PCI_IO_ENABLE);
    for (unsigned i = 0; i < uarts && opened < UART_CHANNELS; i++) {
      open_at(MAP_PCI_IO + io + 8u * i);
    }
    io += 0x100u;
  }
  for (unsigned channel = 1; channel < opened; channel++) {
    (void)uart_write(channel, (const uint8_t *)"READY\n", 6);
  }
}

size_t uart_read(unsigned channel, uint8_t *to, size_t capacity) {
  size_t size = 0;
  if (channel >= opened) {
    return 0;
  }
  while (size < capacity && (register8(bases[channel] + LINE_STATUS) & HAS_DATA) != 0u) {
    to[size] = register8(bases[channel] + DATA);
    size++;
  }
  return size;
}

size_t uart_write(unsigned channel, const uint8_t *bytes, size_t size) {
  if (channel >= opened || (register8(bases[channel] + LINE_STATUS) & CAN_SEND) == 0u) {
    return channel >= opened ? size : 0u;
  }
  const size_t take = size < FIFO_SIZE ? size : FIFO_SIZE;
  for (size_t i = 0; i < take; i++) {
    set_register8(bases[channel] + DATA, bytes[i]);
  }
  return take;
}

bool uart_is_waiting(void) {
  for (unsigned channel = 0; channel < opened; channel++) {
    if ((register8(bases[channel] + LINE_STATUS) & HAS_DATA) != 0u) {
      return true;
    }
  }
  return false;
}

void uart_say(const char *text) {
  const size_t size = strlen(text);
  for (size_t at = 0; at < size;) {
    at += uart_write(0, (const uint8_t *)text + at, size - at);
  }
}
