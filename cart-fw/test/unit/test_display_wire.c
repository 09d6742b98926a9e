#include "check.h"
#include "display_wire.h"

static display_wire_line line;

static display_wire_event feed(uint8_t type, const char *payload, size_t size)
{
  uint8_t wire[100];
  const size_t written = serial_frame_write(wire, sizeof wire, type, (const uint8_t *)payload, size);
  display_wire_event event = {DISPLAY_KEY_NONE, NULL, 0};
  for (size_t i = 0; i < written; i++) {
    event = display_wire_feed(&line, wire[i]);
  }
  return event;
}

int main(void)
{
  uint8_t wire[DISPLAY_WIRE_PICTURE_MAX];
  display_wire_writer writer;
  display_wire_init(&line);

  IT("writes a picture as one frame of rows") {
    display_wire_begin(&writer, wire, sizeof wire, DISPLAY_TONE_WARN);
    display_wire_row(&writer, DISPLAY_TITLE, "Hi", 2);
    display_wire_row(&writer, DISPLAY_PLAIN, "", 0);
    const size_t size = display_wire_end(&writer);
    CHECK_EQ(size, 6 + 1 + 4 + 2);
    CHECK_BYTES(wire, "\xA5\x81\x07\x00\x02\x01\x02Hi\x00\x00", 11);
    CHECK_EQ(serial_frame_crc(wire + 1, size - 3u), wire[size - 2u] | (wire[size - 1u] << 8));
  }

  IT("cuts a row between characters, never inside one") {
    char text[60];
    memset(text, 'a', sizeof text);
    memcpy(text + 46, "\xE2\x82\xAC", 3);
    display_wire_begin(&writer, wire, sizeof wire, DISPLAY_TONE_NONE);
    display_wire_row(&writer, DISPLAY_PLAIN, text, sizeof text);
    CHECK_EQ(wire[6], 46);
    memset(text, 0x80, sizeof text);
    display_wire_begin(&writer, wire, sizeof wire, DISPLAY_TONE_NONE);
    display_wire_row(&writer, DISPLAY_PLAIN, text, sizeof text);
    CHECK_EQ(wire[6], 0);
  }

  IT("shows twelve rows at most") {
    char text[48];
    memset(text, 'a', sizeof text);
    display_wire_begin(&writer, wire, sizeof wire, DISPLAY_TONE_NONE);
    for (unsigned i = 0; i < 14u; i++) {
      display_wire_row(&writer, DISPLAY_PLAIN, text, sizeof text);
    }
    CHECK_EQ(display_wire_end(&writer), DISPLAY_WIRE_PICTURE_MAX);
  }

  IT("writes no picture into a buffer that is too small, and never over its end") {
    display_wire_begin(&writer, wire, 6, DISPLAY_TONE_NONE);
    display_wire_row(&writer, DISPLAY_PLAIN, "a", 1);
    CHECK_EQ(display_wire_end(&writer), 0);
    display_wire_begin(&writer, wire, 9, DISPLAY_TONE_NONE);
    display_wire_row(&writer, DISPLAY_PLAIN, "a", 1);
    display_wire_row(&writer, DISPLAY_PLAIN, "", 0);
    CHECK_EQ(display_wire_end(&writer), 0);
    display_wire_begin(&writer, wire, 10, DISPLAY_TONE_NONE);
    display_wire_row(&writer, DISPLAY_PLAIN, "a", 1);
    CHECK_EQ(display_wire_end(&writer), 10);
  }

  IT("tells keys, with what was typed for them") {
    display_wire_event event = feed(DISPLAY_WIRE_FRAME_KEY, "\x08", 1);
    CHECK_EQ(event.key, DISPLAY_KEY_PAY);
    CHECK_EQ(event.size, 0);
    event = feed(DISPLAY_WIRE_FRAME_KEY, "\x03" "9810000000012", 14);
    CHECK_EQ(event.key, DISPLAY_KEY_LOYALTY);
    CHECK_EQ(event.size, 13);
    CHECK_BYTES(event.typed, "9810000000012", 13);
    display_wire_wipe(&line);
    for (size_t i = 0; i < sizeof line.bytes; i++) {
      CHECK_EQ(line.bytes[i], 0);
    }
  }

  IT("takes no other frames for keys") {
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "", 0).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "\x00", 1).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "\x0B", 1).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "\x03" "98\n1", 5).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "\x03" "98\x7F", 4).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(0x02, "\x03", 1).key, DISPLAY_KEY_NONE);
    CHECK_EQ(feed(DISPLAY_WIRE_FRAME_KEY, "\x01", 1).key, DISPLAY_KEY_OK);
  }

  return check_report("display_wire");
}
