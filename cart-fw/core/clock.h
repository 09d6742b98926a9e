/**
 * Cell time from time since power-on. There is no battery clock: after a power loss the time is unknown until the cell
 * has said it, and never taken from anywhere else.
 */
#ifndef CARTWRIGHT_CLOCK_H
#define CARTWRIGHT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool known;
  uint64_t started_ms; /* cell time at power-on, since the epoch */
} cell_clock;

/** @param cell_ms since the epoch, as the cell said it just now. A time before the cart's own uptime is none. */
void clock_set(cell_clock *clock, uint64_t cell_ms, uint64_t now_ms);
/** ms since the epoch; 0 while unknown. */
uint64_t clock_at(const cell_clock *clock, uint64_t now_ms);

#endif
