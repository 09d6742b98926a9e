#include "check.h"
#include "nfc.h"

static nfc_line line;

static nfc_event feed(uint8_t type, const char *payload, size_t size)
{
  uint8_t wire[80];
  const size_t written = serial_frame_write(wire, sizeof wire, type, (const uint8_t *)payload, size);
  nfc_event event = {NFC_NOTHING, NULL, 0, 0};
  for (size_t i = 0; i < written; i++) {
    event = nfc_feed(&line, wire[i]);
  }
  return event;
}

static int is_blank(void)
{
  for (size_t i = 0; i < sizeof line.bytes; i++) {
    if (line.bytes[i] != 0u) {
      return 0;
    }
  }
  return 1;
}

int main(void)
{
  nfc_init(&line);

  IT("hands over a token of 24 letters and digits, and forgets it when told to") {
    const nfc_event event = feed(NFC_FRAME_TOKEN, "AZ09azkLmNoPqRsTuVwXyZ12", 24);
    CHECK_EQ(event.kind, NFC_TOKEN);
    CHECK_EQ(event.size, 24);
    CHECK_BYTES(event.text, "AZ09azkLmNoPqRsTuVwXyZ12", 24);
    nfc_wipe(&line);
    CHECK(is_blank());
  }

  IT("refuses a token of another size or with another character, and keeps nothing of it") {
    const char *refused[] = {"AZ09azkLmNoPqRsTuVwXyZ1",  "AZ09azkLmNoPqRsTuVwXyZ123", "AZ09azkLmNoPqRsTuVwXyZ1=",
                             "AZ09azkLmNoPqRsTuVwXyZ1/", "AZ09azkLmNoPqRsTuVwXyZ1:",  "AZ09azkLmNoPqRsTuVwXyZ1@",
                             "AZ09azkLmNoPqRsTuVwXyZ1[", "AZ09azkLmNoPqRsTuVwXyZ1`",  "AZ09azkLmNoPqRsTuVwXyZ1{"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
      CHECK_EQ(feed(NFC_FRAME_TOKEN, refused[i], strlen(refused[i])).kind, NFC_MALFORMED);
      CHECK(is_blank());
    }
  }

  IT("refuses digits alone: they may be a card's number") {
    CHECK_EQ(feed(NFC_FRAME_TOKEN, "424242424242424212345678", 24).kind, NFC_MALFORMED);
    CHECK(is_blank());
  }

  IT("reads the module's serial of 1 to 32 printable characters") {
    const nfc_event event = feed(NFC_FRAME_SERIAL, "READER-1", 8);
    CHECK_EQ(event.kind, NFC_SERIAL);
    CHECK_BYTES(event.text, "READER-1", 8);
    CHECK_EQ(feed(NFC_FRAME_SERIAL, "01234567890123456789012345678901", 32).kind, NFC_SERIAL);
    CHECK_EQ(feed(NFC_FRAME_SERIAL, "", 0).kind, NFC_MALFORMED);
    CHECK_EQ(feed(NFC_FRAME_SERIAL, "A B", 3).kind, NFC_MALFORMED);
    CHECK_EQ(feed(NFC_FRAME_SERIAL, "A\x7F", 2).kind, NFC_MALFORMED);
    CHECK_EQ(feed(NFC_FRAME_SERIAL, "012345678901234567890123456789012", 33).kind, NFC_NOTHING);
    nfc_init(&line);
  }

  IT("tells refusals with their reason, and an opened case") {
    const nfc_event event = feed(NFC_FRAME_REFUSED, "\x05", 1);
    CHECK_EQ(event.kind, NFC_REFUSED);
    CHECK_EQ(event.reason, 5);
    CHECK_EQ(feed(NFC_FRAME_REFUSED, "", 0).kind, NFC_MALFORMED);
    CHECK_EQ(feed(NFC_FRAME_TAMPER, "", 0).kind, NFC_TAMPER);
    CHECK_EQ(feed(NFC_FRAME_TAMPER, "x", 1).kind, NFC_MALFORMED);
  }

  IT("takes no frame of another type, the cart's own neither") {
    CHECK_EQ(feed(NFC_FRAME_ARM, "", 0).kind, NFC_MALFORMED);
    CHECK_EQ(feed(0x55, "4242424242424242", 16).kind, NFC_MALFORMED);
    CHECK(is_blank());
  }

  IT("writes what the module is to do") {
    uint8_t wire[8];
    CHECK_EQ(nfc_write_arm(wire, sizeof wire, true), 6);
    CHECK_EQ(wire[1], NFC_FRAME_ARM);
    CHECK_EQ(nfc_write_arm(wire, sizeof wire, false), 6);
    CHECK_EQ(wire[1], NFC_FRAME_DISARM);
    CHECK_EQ(nfc_write_ask_serial(wire, sizeof wire), 6);
    CHECK_EQ(wire[1], NFC_FRAME_ASK_SERIAL);
    CHECK_EQ(nfc_write_arm(wire, 5, true), 0);
  }

  return check_report("nfc");
}
