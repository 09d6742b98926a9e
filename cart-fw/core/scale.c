#include "scale.h"

/* <S|D|O|F> <+|-><6 digits> g CR: the size without CR. */
#define LINE_SIZE 11u
#define DIGITS_AT 3u
#define DIGITS 6u
#define NO_TROUBLE '\0'

void scale_init(scale_line *line)
{
  line->used = 0;
  line->spoiled = false;
  line->lowest = 0;
  line->highest = 0;
  line->told = 0;
  line->stable = 0;
  line->has_told = false;
  line->trouble = NO_TROUBLE;
}

void scale_ask(scale_line *line)
{
  line->has_told = false;
}

static bool has_form(const uint8_t *bytes, size_t size)
{
  if (size != LINE_SIZE || bytes[1] != (uint8_t)' ' || bytes[9] != (uint8_t)' ' || bytes[10] != (uint8_t)'g') {
    return false;
  }
  if (bytes[2] != (uint8_t)'+' && bytes[2] != (uint8_t)'-') {
    return false;
  }
  for (size_t i = DIGITS_AT; i < DIGITS_AT + DIGITS; i++) {
    if (bytes[i] < (uint8_t)'0' || bytes[i] > (uint8_t)'9') {
      return false;
    }
  }
  return true;
}

static int32_t grams_of(const uint8_t *bytes)
{
  int32_t grams = 0;
  for (size_t i = DIGITS_AT; i < DIGITS_AT + DIGITS; i++) {
    grams = (grams * 10) + (int32_t)(bytes[i] - (uint8_t)'0');
  }
  return bytes[2] == (uint8_t)'-' ? -grams : grams;
}

/* Trouble is told once; a good line ends it. */
static scale_event trouble(scale_line *line, uint8_t what)
{
  const scale_event event = {what == (uint8_t)'O' ? SCALE_OVERLOAD : SCALE_FAULT, 0};
  const scale_event nothing = {SCALE_NOTHING, 0};
  const bool told = line->trouble == (char)what;
  line->trouble = (char)what;
  line->stable = 0;
  return told ? nothing : event;
}

static int32_t distance(int32_t a, int32_t b)
{
  return a > b ? a - b : b - a;
}

static scale_event settle(scale_line *line, int32_t grams)
{
  scale_event event = {SCALE_NOTHING, grams};
  if (line->trouble != NO_TROUBLE) {
    /* What lies there after an overload is news, even when it is what lay there before. */
    line->trouble = NO_TROUBLE;
    line->has_told = false;
  }
  const int32_t lowest = line->stable == 0u || grams < line->lowest ? grams : line->lowest;
  const int32_t highest = line->stable == 0u || grams > line->highest ? grams : line->highest;
  if (distance(highest, lowest) > SCALE_SPREAD_GRAMS) {
    line->stable = 1;
    line->lowest = grams;
    line->highest = grams;
    return event;
  }
  line->lowest = lowest;
  line->highest = highest;
  if (line->stable < SCALE_SETTLE_COUNT) {
    line->stable++;
  }
  if (line->stable < SCALE_SETTLE_COUNT) {
    return event;
  }
  if (line->has_told && distance(grams, line->told) <= SCALE_STEP_GRAMS) {
    return event;
  }
  line->told = grams;
  line->has_told = true;
  event.kind = SCALE_WEIGHT;
  return event;
}

static scale_event whole(scale_line *line)
{
  const scale_event malformed = {SCALE_MALFORMED, 0};
  const scale_event nothing = {SCALE_NOTHING, 0};
  const bool good = !line->spoiled && has_form(line->bytes, line->used);
  line->used = 0;
  line->spoiled = false;
  if (!good) {
    line->stable = 0;
    return malformed;
  }
  switch (line->bytes[0]) {
  case 'S':
    return settle(line, grams_of(line->bytes));
  case 'D':
    line->stable = 0;
    return nothing;
  case 'O':
  case 'F':
    return trouble(line, line->bytes[0]);
  default:
    line->stable = 0;
    return malformed;
  }
}

scale_event scale_feed(scale_line *line, uint8_t byte)
{
  const scale_event nothing = {SCALE_NOTHING, 0};
  if (byte == (uint8_t)'\r') {
    return whole(line);
  }
  if (byte == (uint8_t)'\n' && line->used == 0u) {
    return nothing;
  }
  if (line->used == sizeof line->bytes) {
    line->spoiled = true;
    return nothing;
  }
  line->bytes[line->used] = byte;
  line->used++;
  return nothing;
}
