/**
 * Text for the display. The one string about a person is a nickname of 12 characters; nothing on the display may be
 * steered by control characters or by marks that turn the reading direction (Unicode TR36, 2; UAX 9, 2).
 */
#ifndef CART_CORE_DISPLAY_TEXT_H
#define CART_CORE_DISPLAY_TEXT_H

#include "bytes.h"

#define DISPLAY_NICKNAME_CHARACTERS ((size_t)12)
#define DISPLAY_NICKNAME_SIZE ((size_t)48) /* bytes: 12 characters of 4 */

/** The display model's only field for a person. RAM only: wiped with the trip. */
typedef struct {
  uint8_t utf8[48];
  size_t size; /* bytes; 0: nobody */
} display_nickname;

/** Copies what may be shown of a name, 12 characters at most. Not UTF-8: nobody. */
void display_nickname_set(display_nickname *nickname, fw_bytes utf8);
void display_nickname_wipe(display_nickname *nickname);
/**
 * Appends what may be shown of a text: without control (Cc), format and bidirectional characters (Cf), line and
 * paragraph separators, at most `characters` characters and only whole ones as far as `out` has room.
 * What is not UTF-8 is left out whole.
 */
void display_text_put(fw_buffer *out, fw_bytes utf8, size_t characters);

#endif
