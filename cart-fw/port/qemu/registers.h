/** Device registers of the machine. */
#ifndef CARTWRIGHT_QEMU_REGISTERS_H
#define CARTWRIGHT_QEMU_REGISTERS_H

#include <stdint.h>

static inline uint8_t register8(uint32_t address) {
  return *(volatile uint8_t *)(uintptr_t)address;
}
static inline void set_register8(uint32_t address, uint8_t value) {
  *(volatile uint8_t *)(uintptr_t)address = value;
}
static inline uint32_t register32(uint32_t address) {
  return *(volatile uint32_t *)(uintptr_t)address;
}
static inline void set_register32(uint32_t address, uint32_t value) {
  *(volatile uint32_t *)(uintptr_t)address = value;
}

#endif
