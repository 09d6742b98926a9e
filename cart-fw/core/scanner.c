#include "scanner.h"

#include <string.h>

#include "bytes.h"

/* The QR text that a person's phone shows (workers/identity/pairing-code.ts). */
static const char PAIRING_PREFIX[] = "cartwright:pair:1:";
#define PAIRING_PREFIX_SIZE (sizeof PAIRING_PREFIX - 1u)
/* cart.cddl, identity-body. */
#define PAIRING_MIN 8u
#define PAIRING_MAX 64u

#define GROUP_SEPARATOR 0x1Du

void scanner_init(scanner_line *line)
{
  scanner_wipe(line);
}

void scanner_wipe(scanner_line *line)
{
  fw_wipe(line->bytes, sizeof line->bytes);
  line->used = 0;
  line->spoiled = false;
}

static bool has_aim(const scanner_line *line)
{
  return line->used > SCANNER_AIM_SIZE && line->bytes[0] == (uint8_t)']';
}

static scanner_event whole(scanner_line *line)
{
  scanner_event event = {SCANNER_UNREADABLE, NULL, NULL, 0};
  if (line->spoiled || !has_aim(line)) {
    scanner_wipe(line);
    return event;
  }
  event.kind = SCANNER_CODE;
  event.aim = (const char *)line->bytes;
  event.text = line->bytes + SCANNER_AIM_SIZE;
  event.size = line->used - SCANNER_AIM_SIZE;
  /* The line's bytes stay for the caller; the next byte begins a new line. */
  line->used = 0;
  if (event.size < PAIRING_PREFIX_SIZE || memcmp(event.text, PAIRING_PREFIX, PAIRING_PREFIX_SIZE) != 0) {
    return event;
  }
  event.kind = SCANNER_PAIRING;
  event.text += PAIRING_PREFIX_SIZE;
  event.size -= PAIRING_PREFIX_SIZE;
  if (event.size < PAIRING_MIN || event.size > PAIRING_MAX) {
    scanner_wipe(line);
    event.kind = SCANNER_UNREADABLE;
    event.aim = NULL;
    event.text = NULL;
    event.size = 0;
  }
  return event;
}

scanner_event scanner_feed(scanner_line *line, uint8_t byte)
{
  const scanner_event nothing = {SCANNER_NOTHING, NULL, NULL, 0};
  if (byte == (uint8_t)'\r') {
    return whole(line);
  }
  /* Some scanners end a line with CR LF. */
  if (byte == (uint8_t)'\n' && line->used == 0u) {
    return nothing;
  }
  if (line->used == 0u && !line->spoiled) {
    /* A code before this one may have been a person's. */
    fw_wipe(line->bytes, sizeof line->bytes);
  }
  const bool printable = byte >= 0x20u && byte <= 0x7Eu;
  if (line->used == sizeof line->bytes || (!printable && byte != GROUP_SEPARATOR)) {
    line->spoiled = true;
    return nothing;
  }
  line->bytes[line->used] = byte;
  line->used++;
  return nothing;
}
