#include "check.h"
#include "scanner.h"

static scanner_line line;

static scanner_event feed(const char *text)
{
  scanner_event event = {SCANNER_NOTHING, NULL, NULL, 0};
  for (size_t i = 0; text[i] != '\0'; i++) {
    event = scanner_feed(&line, (uint8_t)text[i]);
  }
  return event;
}

int main(void)
{
  char big[128];
  scanner_init(&line);

  IT("reads a code with its symbology") {
    const scanner_event event = feed("]E04006381333931\r");
    CHECK_EQ(event.kind, SCANNER_CODE);
    CHECK_BYTES(event.aim, "]E0", 3);
    CHECK_EQ(event.size, 13);
    CHECK_BYTES(event.text, "4006381333931", 13);
  }

  IT("takes CR LF, and GS1's group separator") {
    const scanner_event event = feed("\n]C1010400638133393110A\x1d" "15251231\r");
    CHECK_EQ(event.kind, SCANNER_CODE);
    CHECK_EQ(event.size, 28);
  }

  IT("knows a phone's code by its prefix and hands on what is behind it") {
    const scanner_event event = feed("]Q3cartwright:pair:1:0123456789ABCDEFGHJKMNPQRS\r");
    CHECK_EQ(event.kind, SCANNER_PAIRING);
    CHECK_EQ(event.size, 26);
    CHECK_BYTES(event.text, "0123456789ABCDEFGHJKMNPQRS", 26);
  }

  IT("refuses a phone's code that is too short or too long, and forgets it") {
    CHECK_EQ(feed("]Q3cartwright:pair:1:0123456\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(line.bytes[3], 0);
    (void)memset(big, 'A', sizeof big);
    (void)memcpy(big, "]Q3cartwright:pair:1:", 21);
    big[21 + 65] = '\r';
    big[21 + 66] = '\0';
    CHECK_EQ(feed(big).kind, SCANNER_UNREADABLE);
    big[21 + 64] = '\r';
    big[21 + 65] = '\0';
    CHECK_EQ(feed(big).kind, SCANNER_PAIRING);
  }

  IT("takes a long code that only looks like a phone's for a code") {
    CHECK_EQ(feed("]Q3cartwright:pear:1:0123456789ABCDEFGHJKMNPQRS\r").kind, SCANNER_CODE);
  }

  IT("reads 100 characters and refuses 101") {
    (void)memset(big, '7', sizeof big);
    (void)memcpy(big, "]d2", 3);
    big[103] = '\r';
    big[104] = '\0';
    CHECK_EQ(feed(big).size, 100);
    big[103] = '7';
    big[104] = '\r';
    big[105] = '\0';
    CHECK_EQ(feed(big).kind, SCANNER_UNREADABLE);
  }

  IT("refuses what has no symbology, no data, or bytes that no symbol has") {
    CHECK_EQ(feed("4006381333931\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("]E0\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("]E0400\x01" "6381333931\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("]E0400\x80" "6381333931\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("\x02]E04006381333931\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("]E0400\n6381333931\r").kind, SCANNER_UNREADABLE);
    CHECK_EQ(feed("]E04006381333931\r").kind, SCANNER_CODE);
  }

  IT("clears the line before when the next begins, and all of it when wiped") {
    CHECK_EQ(feed("]E09810000000012\r").kind, SCANNER_CODE);
    CHECK_EQ(feed("]").kind, SCANNER_NOTHING);
    for (size_t i = 1; i < sizeof line.bytes; i++) {
      CHECK_EQ(line.bytes[i], 0);
    }
    scanner_wipe(&line);
    CHECK_EQ(line.bytes[0], 0);
    CHECK_EQ(line.used, 0);
  }

  return check_report("scanner");
}
