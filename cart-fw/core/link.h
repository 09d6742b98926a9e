/** When a request is sent again. The policy of tools/cart/retry.ts: doubling pauses, half of each by chance. */
#ifndef CARTWRIGHT_LINK_H
#define CARTWRIGHT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#define LINK_FIRST_PAUSE_MS 200u
#define LINK_LONGEST_PAUSE_MS 8000u
/** Attempts without an answer after which a trip counts as offline. */
#define LINK_ATTEMPTS_BEFORE_HOLD 3u
/** What a server may ask for at most is honoured up to this. */
#define LINK_LONGEST_ASKED_MS 60000u

/** xorshift32; for spreading a fleet's attempts, for nothing secret. */
uint32_t link_chance(uint32_t *seed);
/**
 * @param attempt 0 for the pause after the first one.
 * @param asked_s what Retry-After said, 0: nothing. A cart waits at least so long, within LINK_LONGEST_ASKED_MS.
 */
uint32_t link_pause_ms(uint32_t attempt, uint32_t asked_s, uint32_t chance);
/** Answers that another attempt may change: the frame was not judged. */
bool link_is_passing(uint16_t status);

#endif
