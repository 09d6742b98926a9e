#include "check.h"
#include "serial_frame.h"

static uint8_t buffer[40];
static serial_frame_reader reader;
static serial_frame frame;

static unsigned feed(const uint8_t *bytes, size_t size)
{
  unsigned frames = 0;
  for (size_t i = 0; i < size; i++) {
    if (serial_frame_push(&reader, bytes[i], &frame)) {
      frames++;
    }
  }
  return frames;
}

int main(void)
{
  uint8_t wire[64];

  IT("computes CRC-16/CCITT-FALSE, by its published check value") {
    CHECK_EQ(serial_frame_crc((const uint8_t *)"123456789", 9), 0x29B1);
  }

  IT("reads what it wrote") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    const size_t size = serial_frame_write(wire, sizeof wire, 7, (const uint8_t *)"hello", 5);
    CHECK_EQ(size, 11);
    CHECK_EQ(feed(wire, size), 1);
    CHECK_EQ(frame.type, 7);
    CHECK_EQ(frame.size, 5);
    CHECK_BYTES(frame.payload, "hello", 5);
    CHECK_EQ(reader.dropped, 0);
  }

  IT("reads frames back to back, empty ones and the longest that fits too") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    uint8_t payload[34];
    memset(payload, 0xA5, sizeof payload);
    size_t size = serial_frame_write(wire, sizeof wire, 1, NULL, 0);
    size += serial_frame_write(wire + size, sizeof wire - size, 2, payload, sizeof payload);
    CHECK_EQ(feed(wire, size), 2);
    CHECK_EQ(frame.type, 2);
    CHECK_EQ(frame.size, 34);
    CHECK_BYTES(frame.payload, payload, 34);
  }

  IT("finds the frame behind noise, behind a start that was none, and behind a frame with a wrong CRC") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    const uint8_t noise[] = {1, 2, 0xA5, 9, 0xFF, 0xFF, 3};
    CHECK_EQ(feed(noise, sizeof noise), 0);
    const size_t size = serial_frame_write(wire, sizeof wire, 4, (const uint8_t *)"xy", 2);
    wire[size - 1u] ^= 1u;
    CHECK_EQ(feed(wire, size), 0);
    wire[size - 1u] ^= 1u;
    CHECK_EQ(feed(wire, size), 1);
    CHECK_EQ(reader.dropped, sizeof noise + size);
    CHECK_BYTES(frame.payload, "xy", 2);
  }

  IT("finds a whole frame inside one whose announced size was noise") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    const uint8_t lie[] = {0xA5, 1, 20, 0};
    CHECK_EQ(feed(lie, sizeof lie), 0);
    const size_t size = serial_frame_write(wire, sizeof wire, 4, (const uint8_t *)"abc", 3);
    unsigned frames = feed(wire, size);
    uint8_t zeros[26] = {0};
    frames += feed(zeros, sizeof zeros);
    CHECK_EQ(frames, 1);
    CHECK_EQ(frame.type, 4);
  }

  IT("leaves nothing behind when it is wiped") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    const size_t size = serial_frame_write(wire, sizeof wire, 4, (const uint8_t *)"secret", 6);
    CHECK_EQ(feed(wire, size), 1);
    serial_frame_wipe(&reader);
    for (size_t i = 0; i < sizeof buffer; i++) {
      CHECK_EQ(buffer[i], 0);
    }
    CHECK_EQ(feed(wire, size), 1);
  }

  IT("clears a frame out of its buffer when the next byte comes") {
    serial_frame_init(&reader, buffer, sizeof buffer);
    const size_t size = serial_frame_write(wire, sizeof wire, 4, (const uint8_t *)"secret", 6);
    CHECK_EQ(feed(wire, size), 1);
    CHECK_EQ(feed((const uint8_t *)"\xA5", 1), 0);
    for (size_t i = 1; i < sizeof buffer; i++) {
      CHECK_EQ(buffer[i], 0);
    }
  }

  IT("writes nothing where it does not fit") {
    CHECK_EQ(serial_frame_write(wire, 10, 7, (const uint8_t *)"hello", 5), 0);
    CHECK_EQ(serial_frame_write(wire, SIZE_MAX, 7, wire, 0x10000u), 0);
  }

  return check_report("serial_frame");
}
