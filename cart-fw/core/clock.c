#include "clock.h"

void clock_set(cell_clock *clock, uint64_t cell_ms, uint64_t now_ms) {
  clock->known = cell_ms > now_ms;
  clock->started_ms = clock->known ? cell_ms - now_ms : 0u;
}

uint64_t clock_at(const cell_clock *clock, uint64_t now_ms) { return clock->known ? clock->started_ms + now_ms : 0u; }
