/**
 * The frame on the cart's short lines (NFC module, display, BLE module):
 *
 *   A5  type  size (2 bytes, little endian)  payload  CRC-16/CCITT-FALSE over type, size and payload (little endian)
 *
 * A reader that met noise finds the next frame by itself: what does not check out loses its first byte and is looked
 * at again.
 */
#ifndef CART_CORE_SERIAL_FRAME_H
#define CART_CORE_SERIAL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_FRAME_START 0xA5u
/* Start, type, size and CRC. */
#define SERIAL_FRAME_OVERHEAD 6u

typedef struct {
  uint8_t *bytes;
  size_t capacity;
  size_t used;
  /* Bytes that belonged to no frame, since init. */
  uint32_t dropped;
  bool taken;
} serial_frame_reader;

typedef struct {
  uint8_t type;
  /* Not const: secret_take wipes what it took. */
  uint8_t *payload;
  size_t size;
} serial_frame;

/** @param bytes the caller's, for the reader's life; the longest payload that passes is capacity - overhead. */
void serial_frame_init(serial_frame_reader *reader, uint8_t *bytes, size_t capacity);

/** @return true when `byte` completed a frame: `frame` points into the reader until the next push or wipe. */
bool serial_frame_push(serial_frame_reader *reader, uint8_t byte, serial_frame *frame);

/** Forgets what was read, for good: the frame may have held a token. */
void serial_frame_wipe(serial_frame_reader *reader);

/** @return bytes written, or 0 when they do not fit or the payload is longer than 65,535. */
size_t serial_frame_write(uint8_t *out, size_t capacity, uint8_t type, const uint8_t *payload, size_t size);

uint16_t serial_frame_crc(const uint8_t *bytes, size_t size);

#endif
