#include "display_text.h"

#include "utf8.h"

typedef struct {
  uint32_t first;
  uint32_t last;
} range;

/*
 * What no display text needs and what could turn, hide or split it: Cc, Cf, Zl and Zp of Unicode 15, with the tag
 * characters. U+200C and U+200D are left out too, so an emoji of several persons shows as several.
 */
static const range HIDDEN[] = {
  {0x0000u, 0x001Fu},   {0x007Fu, 0x009Fu},   {0x00ADu, 0x00ADu},   {0x0600u, 0x0605u},   {0x061Cu, 0x061Cu},
  {0x06DDu, 0x06DDu},   {0x070Fu, 0x070Fu},   {0x0890u, 0x0891u},   {0x08E2u, 0x08E2u},   {0x180Eu, 0x180Eu},
  {0x200Bu, 0x200Fu},   {0x2028u, 0x202Eu},   {0x2060u, 0x206Fu},   {0xFEFFu, 0xFEFFu},   {0xFFF9u, 0xFFFBu},
  {0x110BDu, 0x110BDu}, {0x110CDu, 0x110CDu}, {0x13430u, 0x1343Fu}, {0x1BCA0u, 0x1BCA3u}, {0x1D173u, 0x1D17Au},
  {0xE0000u, 0xE0FFFu},
};

static bool may_be_shown(uint32_t code_point) {
  for (size_t i = 0u; i < (sizeof(HIDDEN) / sizeof(HIDDEN[0])); i++) {
    if ((code_point >= HIDDEN[i].first) && (code_point <= HIDDEN[i].last)) {
      return false;
    }
  }
  return true;
}

void display_text_put(fw_buffer *out, fw_bytes utf8, size_t characters) {
  size_t at = 0u;
  size_t start = 0u;
  size_t left = characters;
  uint32_t code_point = 0u;
  if (!utf8_is_valid(utf8)) {
    return;
  }
  while ((left > 0u) && (at < utf8.size)) {
    (void)utf8_next(utf8, &at, &code_point);
    const fw_bytes character = fw_bytes_view(&utf8.data[start], at - start);
    start = at;
    if (!may_be_shown(code_point)) {
      continue;
    }
    if (character.size > (out->capacity - out->size)) {
      return;
    }
    fw_buffer_put(out, character);
    left--;
  }
}

void display_nickname_set(display_nickname *nickname, fw_bytes utf8) {
  fw_buffer out = fw_buffer_over(nickname->utf8, sizeof nickname->utf8);
  display_nickname_wipe(nickname);
  display_text_put(&out, utf8, DISPLAY_NICKNAME_CHARACTERS);
  nickname->size = out.size;
}

void display_nickname_wipe(display_nickname *nickname) {
  fw_wipe(nickname, sizeof *nickname);
}
