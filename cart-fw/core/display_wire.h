/**
 * The display's line: a text panel of DISPLAY_WIRE_ROWS rows with a few keys below it. A picture is one frame, so the
 * panel never shows half of one; a key is one frame back.
 *
 *   PICTURE   tone(1) then rows, each: style(1) text(length byte, UTF-8)      at most DISPLAY_WIRE_ROWS
 *   KEY       key(1), then what was typed for it (0 to DISPLAY_WIRE_TYPED_MAX printable characters)
 */
#ifndef CART_CORE_DISPLAY_WIRE_H
#define CART_CORE_DISPLAY_WIRE_H

#include "serial_frame.h"

#define DISPLAY_WIRE_ROWS 12u
#define DISPLAY_WIRE_ROW_MAX 48u
#define DISPLAY_WIRE_TYPED_MAX 64u
#define DISPLAY_WIRE_PICTURE_MAX (1u + DISPLAY_WIRE_ROWS * (2u + DISPLAY_WIRE_ROW_MAX) + SERIAL_FRAME_OVERHEAD)
#define DISPLAY_WIRE_BUFFER_SIZE (1u + DISPLAY_WIRE_TYPED_MAX + SERIAL_FRAME_OVERHEAD)

#define DISPLAY_WIRE_FRAME_PICTURE 0x81u
#define DISPLAY_WIRE_FRAME_KEY 0x01u

typedef enum { DISPLAY_TONE_NONE = 0, DISPLAY_TONE_OK = 1, DISPLAY_TONE_WARN = 2, DISPLAY_TONE_ALARM = 3 } display_tone;

typedef enum { DISPLAY_PLAIN = 0, DISPLAY_TITLE = 1, DISPLAY_STRONG = 2, DISPLAY_FAINT = 3 } display_style;

typedef enum {
  DISPLAY_KEY_NONE = 0,
  /* "I want to start", "yes". */
  DISPLAY_KEY_OK = 1,
  /* "Back", "no". */
  DISPLAY_KEY_CANCEL = 2,
  /* The next scan is my loyalty card; typed: its number. */
  DISPLAY_KEY_LOYALTY = 3,
  /* I tap a card to be known. */
  DISPLAY_KEY_CARD = 4,
  /* The next scan is my phone; typed: the code. */
  DISPLAY_KEY_PAIR = 5,
  DISPLAY_KEY_UNLINK = 6,
  /* typed: the line's number; empty: the last line. */
  DISPLAY_KEY_REMOVE = 7,
  DISPLAY_KEY_PAY = 8,
  DISPLAY_KEY_HELP = 9,
  /* Ends a trip without goods. */
  DISPLAY_KEY_END = 10
} display_key;

#define DISPLAY_KEY_LAST DISPLAY_KEY_END

/** Writes one picture row by row; what does not fit is cut at a character's border, never overruns. */
typedef struct {
  uint8_t *out;
  size_t capacity;
  size_t used;
  unsigned rows;
  bool full;
} display_wire_writer;

void display_wire_begin(display_wire_writer *writer, uint8_t *out, size_t capacity, display_tone tone);
void display_wire_row(display_wire_writer *writer, display_style style, const char *text, size_t size);
/** @return the frame's size, 0 when the buffer was too small for it. */
size_t display_wire_end(display_wire_writer *writer);

typedef struct {
  display_key key;
  /* May be a loyalty number or a pairing code: for secret_take, then display_wire_wipe. */
  uint8_t *typed;
  size_t size;
} display_wire_event;

typedef struct {
  serial_frame_reader reader;
  uint8_t bytes[DISPLAY_WIRE_BUFFER_SIZE];
} display_wire_line;

void display_wire_init(display_wire_line *line);

/** One byte from the panel; key is DISPLAY_KEY_NONE until a whole, well-formed frame came. */
display_wire_event display_wire_feed(display_wire_line *line, uint8_t byte);

void display_wire_wipe(display_wire_line *line);

#endif
