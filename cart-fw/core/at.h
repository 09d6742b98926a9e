/**
 * Text of an AT modem (3GPP TS 27.007, V.250), cut into what a client acts on: lines, the prompt of a data mode, and
 * raw bytes where a line announced some. It knows no command.
 */
#ifndef CART_CORE_AT_H
#define CART_CORE_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line that means something here is a URC of about 40 characters. */
#define AT_LINE_MAX 96u

typedef enum {
  AT_NOTHING,
  /* text, size: a line without its CR LF; never empty. */
  AT_LINE,
  /* `> ` at a line's start: data is awaited. */
  AT_PROMPT,
  /* byte: one of those asked for by at_expect_data. */
  AT_DATA
} at_token_kind;

typedef struct {
  at_token_kind kind;
  const char *text;
  size_t size;
  uint8_t byte;
} at_token;

typedef struct {
  char bytes[AT_LINE_MAX];
  size_t used;
  size_t data_left;
  /* The line was longer than AT_LINE_MAX, or held bytes that no line has; it is passed over whole. */
  bool spoiled;
  /* A line feed that comes now belongs to the line end before it, not to data. */
  bool after_return;
} at_lexer;

void at_init(at_lexer *lexer);
at_token at_push(at_lexer *lexer, uint8_t byte);
/** The next `size` bytes are data, whatever they are. */
void at_expect_data(at_lexer *lexer, size_t size);

/** Overwrites what earlier lines left in the buffer. */
void at_wipe(at_lexer *lexer);

bool at_is(const at_token *line, const char *text);
bool at_starts(const at_token *line, const char *prefix);
/** Decimal field number `index` (0: the first) of the comma-separated list after the prefix; false when it is none. */
bool at_field(const at_token *line, const char *prefix, unsigned index, uint32_t *value);

#endif
