/* Reproducible randomness (splitmix64), and how many cases a run has. */
#ifndef CARTWRIGHT_TEST_RANDOM_H
#define CARTWRIGHT_TEST_RANDOM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint64_t random_next(uint64_t *state)
{
  *state += 0x9E3779B97F4A7C15u;
  uint64_t z = *state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

static inline size_t random_below(uint64_t *state, size_t bound)
{
  return (size_t)(random_next(state) % bound);
}

static inline void random_bytes(uint64_t *state, uint8_t *to, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    to[i] = (uint8_t)random_next(state);
  }
}

/* CARTWRIGHT_CASES, or 100,000. */
static inline size_t case_count(void)
{
  const char *text = getenv("CARTWRIGHT_CASES");
  const unsigned long count = text == NULL ? 0ul : strtoul(text, NULL, 10);
  return count == 0ul ? 100000u : (size_t)count;
}

#endif
