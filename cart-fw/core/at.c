#include "at.h"

#include <string.h>

#include "bytes.h"

void at_init(at_lexer *lexer)
{
  lexer->used = 0;
  lexer->data_left = 0;
  lexer->spoiled = false;
  lexer->after_return = false;
}

void at_wipe(at_lexer *lexer)
{
  fw_wipe(lexer->bytes + lexer->used, sizeof lexer->bytes - lexer->used);
}

void at_expect_data(at_lexer *lexer, size_t size)
{
  lexer->data_left = size;
}

static at_token line_end(at_lexer *lexer)
{
  at_token token = {AT_NOTHING, NULL, 0, 0};
  if (lexer->used != 0u && !lexer->spoiled) {
    token.kind = AT_LINE;
    token.text = lexer->bytes;
    token.size = lexer->used;
  }
  lexer->used = 0;
  lexer->spoiled = false;
  return token;
}

at_token at_push(at_lexer *lexer, uint8_t byte)
{
  at_token token = {AT_NOTHING, NULL, 0, 0};
  const bool ends_line = lexer->after_return && byte == (uint8_t)'\n';
  lexer->after_return = false;
  if (ends_line) {
    return token;
  }
  if (lexer->data_left != 0u) {
    lexer->data_left--;
    token.kind = AT_DATA;
    token.byte = byte;
    return token;
  }
  /* CR alone ends a line too: an echo has no LF. */
  if (byte == (uint8_t)'\n' || byte == (uint8_t)'\r') {
    lexer->after_return = byte == (uint8_t)'\r';
    return line_end(lexer);
  }
  if (byte < 0x20u || byte > 0x7Eu || lexer->used == sizeof lexer->bytes) {
    lexer->spoiled = true;
    return token;
  }
  lexer->bytes[lexer->used] = (char)byte;
  lexer->used++;
  if (lexer->used == 2u && lexer->bytes[0] == '>' && lexer->bytes[1] == ' ' && !lexer->spoiled) {
    lexer->used = 0;
    token.kind = AT_PROMPT;
  }
  return token;
}

bool at_is(const at_token *line, const char *text)
{
  return strlen(text) == line->size && memcmp(line->text, text, line->size) == 0;
}

bool at_starts(const at_token *line, const char *prefix)
{
  const size_t size = strlen(prefix);
  return size <= line->size && memcmp(line->text, prefix, size) == 0;
}

bool at_field(const at_token *line, const char *prefix, unsigned index, uint32_t *value)
{
  if (!at_starts(line, prefix)) {
    return false;
  }
  size_t at = strlen(prefix);
  for (unsigned field = 0; field < index; field++) {
    while (at < line->size && line->text[at] != ',') {
      at++;
    }
    if (at == line->size) {
      return false;
    }
    at++;
  }
  uint32_t number = 0;
  const size_t begin = at;
  while (at < line->size && line->text[at] >= '0' && line->text[at] <= '9') {
    /* Nine digits hold every number that a modem says, and fit. */
    if (at - begin == 9u) {
      return false;
    }
    number = (number * 10u) + (uint32_t)(line->text[at] - '0');
    at++;
  }
  if (at == begin || (at < line->size && line->text[at] != ',')) {
    return false;
  }
  *value = number;
  return true;
}
