#include "serial_frame.h"

#include <string.h>

#include "bytes.h"

#define HEADER_SIZE 4u

uint16_t serial_frame_crc(const uint8_t *bytes, size_t size)
{
  uint16_t crc = 0xFFFFu;
  for (size_t i = 0; i < size; i++) {
    crc = (uint16_t)(crc ^ (uint16_t)(bytes[i] << 8));
    for (unsigned bit = 0; bit < 8u; bit++) {
      const unsigned carry = crc & 0x8000u;
      crc = (uint16_t)(crc << 1);
      if (carry != 0u) {
        crc ^= 0x1021u;
      }
    }
  }
  return crc;
}

void serial_frame_init(serial_frame_reader *reader, uint8_t *bytes, size_t capacity)
{
  reader->bytes = bytes;
  reader->capacity = capacity;
  reader->used = 0;
  reader->dropped = 0;
  reader->taken = false;
  memset(bytes, 0, capacity);
}

/* Drops `count` bytes and everything up to the next start. What moves leaves no copy behind. */
static void resync(serial_frame_reader *reader, size_t count, bool frame)
{
  size_t from = count;
  while (from < reader->used && reader->bytes[from] != SERIAL_FRAME_START) {
    from++;
  }
  reader->dropped += (uint32_t)(frame ? from - count : from);
  const size_t left = reader->used - from;
  memmove(reader->bytes, reader->bytes + from, left);
  memset(reader->bytes + left, 0, from);
  reader->used = left;
}

static size_t announced(const serial_frame_reader *reader)
{
  return (size_t)reader->bytes[2] | ((size_t)reader->bytes[3] << 8);
}

bool serial_frame_push(serial_frame_reader *reader, uint8_t byte, serial_frame *frame)
{
  if (reader->taken) {
    /* The frame that was given out last is done with. */
    reader->taken = false;
    resync(reader, announced(reader) + SERIAL_FRAME_OVERHEAD, true);
  }
  reader->bytes[reader->used] = byte;
  reader->used++;
  if (reader->bytes[0] != SERIAL_FRAME_START) {
    resync(reader, 1, false);
  }
  while (reader->used >= HEADER_SIZE) {
    const size_t payload = announced(reader);
    const size_t whole = payload + SERIAL_FRAME_OVERHEAD;
    if (whole > reader->capacity) {
      resync(reader, 1, false);
      continue;
    }
    if (reader->used < whole) {
      return false;
    }
    const uint8_t *crc = reader->bytes + HEADER_SIZE + payload;
    if (serial_frame_crc(reader->bytes + 1, payload + 3u) != (uint16_t)(crc[0] | (uint16_t)(crc[1] << 8))) {
      resync(reader, 1, false);
      continue;
    }
    frame->type = reader->bytes[1];
    frame->payload = reader->bytes + HEADER_SIZE;
    frame->size = payload;
    reader->taken = true;
    return true;
  }
  return false;
}

void serial_frame_wipe(serial_frame_reader *reader)
{
  fw_wipe(reader->bytes, reader->capacity);
  reader->used = 0;
  reader->taken = false;
}

size_t serial_frame_write(uint8_t *out, size_t capacity, uint8_t type, const uint8_t *payload, size_t size)
{
  if (size > 0xFFFFu || capacity < size + SERIAL_FRAME_OVERHEAD) {
    return 0;
  }
  out[0] = SERIAL_FRAME_START;
  out[1] = type;
  out[2] = (uint8_t)(size & 0xFFu);
  out[3] = (uint8_t)(size >> 8);
  if (size != 0u) {
    memmove(out + HEADER_SIZE, payload, size);
  }
  const uint16_t crc = serial_frame_crc(out + 1, size + 3u);
  out[HEADER_SIZE + size] = (uint8_t)(crc & 0xFFu);
  out[HEADER_SIZE + size + 1u] = (uint8_t)(crc >> 8);
  return size + SERIAL_FRAME_OVERHEAD;
}
