#include "link.h"

#define TOO_MANY 429u
#define SERVER_ERROR 500u

uint32_t link_chance(uint32_t *seed) {
  uint32_t x = *seed == 0u ? 1u : *seed;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  *seed = x;
  return x;
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

uint32_t link_pause_ms(uint32_t attempt, uint32_t asked_s, uint32_t chance) {
  /* Doubled more often it is beyond the longest pause anyway. */
  uint32_t doublings = smaller(attempt, 16u);
  uint32_t full = smaller(LINK_FIRST_PAUSE_MS << doublings, LINK_LONGEST_PAUSE_MS);
  uint32_t half = full / 2u;
  uint32_t pause = half + chance % (half + 1u);
  uint32_t asked = smaller(asked_s, LINK_LONGEST_ASKED_MS / 1000u) * 1000u;
  return pause < asked ? asked : pause;
}

bool link_is_passing(uint16_t status) { return status == TOO_MANY || status >= SERVER_ERROR; }
