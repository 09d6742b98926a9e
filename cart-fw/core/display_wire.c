#include "display_wire.h"

#include <string.h>

#include "bytes.h"

#define FRAME_HEADER 4u
#define FRAME_CRC 2u

void display_wire_begin(display_wire_writer *writer, uint8_t *out, size_t capacity, display_tone tone)
{
  writer->out = out;
  writer->capacity = capacity;
  writer->used = FRAME_HEADER;
  writer->rows = 0;
  writer->full = capacity < FRAME_HEADER + 1u + FRAME_CRC;
  if (!writer->full) {
    out[FRAME_HEADER] = (uint8_t)tone;
    writer->used++;
  }
}

/* At most `most` bytes of the text, ending where a character ends: UTF-8's other bytes are 10xxxxxx. */
static size_t cut(const char *text, size_t size, size_t most)
{
  if (size <= most) {
    return size;
  }
  size_t end = most;
  while (end > 0u && ((uint8_t)text[end] & 0xC0u) == 0x80u) {
    end--;
  }
  return end;
}

void display_wire_row(display_wire_writer *writer, display_style style, const char *text, size_t size)
{
  const size_t shown = cut(text, size, DISPLAY_WIRE_ROW_MAX);
  if (writer->rows == DISPLAY_WIRE_ROWS || writer->full) {
    return;
  }
  if (writer->used + 2u + shown + FRAME_CRC > writer->capacity) {
    writer->full = true;
    return;
  }
  writer->out[writer->used] = (uint8_t)style;
  writer->out[writer->used + 1u] = (uint8_t)shown;
  if (shown != 0u) {
    memcpy(writer->out + writer->used + 2u, text, shown);
  }
  writer->used += 2u + shown;
  writer->rows++;
}

size_t display_wire_end(display_wire_writer *writer)
{
  if (writer->full) {
    return 0;
  }
  return serial_frame_write(writer->out, writer->capacity, DISPLAY_WIRE_FRAME_PICTURE, writer->out + FRAME_HEADER,
                            writer->used - FRAME_HEADER);
}

void display_wire_init(display_wire_line *line)
{
  serial_frame_init(&line->reader, line->bytes, sizeof line->bytes);
}

void display_wire_wipe(display_wire_line *line)
{
  serial_frame_wipe(&line->reader);
}

static bool is_key(const serial_frame *frame)
{
  if (frame->type != DISPLAY_WIRE_FRAME_KEY || frame->size == 0u) {
    return false;
  }
  if (frame->payload[0] == (uint8_t)DISPLAY_KEY_NONE || frame->payload[0] > (uint8_t)DISPLAY_KEY_LAST) {
    return false;
  }
  for (size_t i = 1; i < frame->size; i++) {
    if (frame->payload[i] < 0x20u || frame->payload[i] > 0x7Eu) {
      return false;
    }
  }
  return true;
}

display_wire_event display_wire_feed(display_wire_line *line, uint8_t byte)
{
  display_wire_event event = {DISPLAY_KEY_NONE, NULL, 0};
  serial_frame frame;
  if (!serial_frame_push(&line->reader, byte, &frame)) {
    return event;
  }
  if (!is_key(&frame)) {
    display_wire_wipe(line);
    return event;
  }
  event.key = (display_key)frame.payload[0];
  event.typed = frame.payload + 1;
  event.size = frame.size - 1u;
  return event;
}
