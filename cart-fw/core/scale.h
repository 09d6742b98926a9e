/**
 * The scale's line and its filter. The scale writes a line ten times a second:
 *
 *   <S|D|O|F> <+|-><6 digits> g CR LF       stable, in motion, overload, fault
 *
 * The basket swings while the cart rolls, so one stable reading is not a weight: SCALE_SETTLE_COUNT of them within
 * SCALE_SPREAD_GRAMS are, and only a weight that differs from the one told before is told.
 */
#ifndef CART_CORE_SCALE_H
#define CART_CORE_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCALE_LINE_MAX 16u
#define SCALE_SETTLE_COUNT 3u
#define SCALE_SPREAD_GRAMS 4
/* Differences up to this are the load cell's own noise. */
#define SCALE_STEP_GRAMS 5

typedef enum {
  SCALE_NOTHING,
  /* grams: settled, and another than before. */
  SCALE_WEIGHT,
  /* The first overload after a weight. */
  SCALE_OVERLOAD,
  /* The scale says it is broken; once until it answers again. */
  SCALE_FAULT,
  /* A line of another form. */
  SCALE_MALFORMED
} scale_event_kind;

typedef struct {
  scale_event_kind kind;
  /* Below zero: the basket was lifted off, or the tare is wrong. */
  int32_t grams;
} scale_event;

typedef struct {
  uint8_t bytes[SCALE_LINE_MAX];
  size_t used;
  bool spoiled;
  int32_t lowest;
  int32_t highest;
  int32_t told;
  unsigned stable;
  bool has_told;
  char trouble;
} scale_line;

void scale_init(scale_line *line);

scale_event scale_feed(scale_line *line, uint8_t byte);

/** The next settled weight is told even when it is the one told before. */
void scale_ask(scale_line *line);

#endif
