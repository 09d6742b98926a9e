/**
 * The barcode scanner's line: an AIM symbology identifier (`]E0`, ISO/IEC 15424), the data, CR. Data may hold a group
 * separator (GS1's FNC1, 0x1D) and is otherwise printable ASCII, which all symbols of retail are.
 */
#ifndef CART_CORE_SCANNER_H
#define CART_CORE_SCANNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an event of the protocol holds (cart.cddl: scan). */
#define SCANNER_DATA_MAX 100u
#define SCANNER_AIM_SIZE 3u

typedef enum {
  SCANNER_NOTHING,
  /* aim, text, size. May be a loyalty number: the caller moves it away and calls scanner_wipe. */
  SCANNER_CODE,
  /* text, size: the code of a person's phone, without its prefix. A secret from the first byte. */
  SCANNER_PAIRING,
  /* Too long, empty, or of bytes that no symbol of retail has. */
  SCANNER_UNREADABLE
} scanner_event_kind;

typedef struct {
  scanner_event_kind kind;
  const char *aim;
  /* Not const: secret_take wipes what it took. */
  uint8_t *text;
  size_t size;
} scanner_event;

typedef struct {
  uint8_t bytes[SCANNER_AIM_SIZE + SCANNER_DATA_MAX];
  size_t used;
  bool spoiled;
} scanner_line;

void scanner_init(scanner_line *line);

/** One byte from the line. Pointers of the event stay valid until the next call. */
scanner_event scanner_feed(scanner_line *line, uint8_t byte);

void scanner_wipe(scanner_line *line);

#endif
