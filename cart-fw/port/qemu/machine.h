/** Time, sleep, watchdog, reset. */
#ifndef CARTWRIGHT_QEMU_MACHINE_H
#define CARTWRIGHT_QEMU_MACHINE_H

#include <stdint.h>

#include "hal.h"

/** A cart whose loop has not come round for so long is reset. */
#define MACHINE_WATCHDOG_MS 8000u

uint64_t machine_now_ms(void);
/** Microseconds since power-on. */
uint64_t machine_now_us(void);
/** Nanoseconds of the host's clock: chance for pauses between attempts. */
uint64_t machine_clock_ns(void);
/** Starts the watchdog, or gives it its time again. */
void machine_kick(void);
/** Sleeps until a byte waits or the time is over. */
void machine_wait(uint32_t ms);
_Noreturn void machine_reset(hal_reset_reason reason);
/** Ends the emulator with this status: where there is nothing to boot. */
_Noreturn void machine_halt(uint32_t status);
/** From start.S. */
void trap(uint32_t cause, uint32_t pc, uint32_t value);

#endif
