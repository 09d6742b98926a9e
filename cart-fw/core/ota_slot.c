#include "ota_slot.h"

#include "crc32c.h"

#include <string.h>

#define MAGIC_SIZE ((size_t)4)

static const uint8_t magic[MAGIC_SIZE] = {'C', 'W', 'M', '1'};

static uint32_t tail_offset(const hal_geometry *area) {
  return area->sector * (area->sectors - 1u);
}

/** The slot's geometry; null: the port has none that an image and its manifest could be in. */
static const hal_geometry *geometry_of(const hal *port, hal_area slot) {
  const hal_geometry *area = port->geometry(port->context, slot);
  if (area == NULL || area->sectors < 2u || area->sector < OTA_SLOT_TAIL_MAX) {
    return NULL;
  }
  if (area->unit == 0u || OTA_SLOT_TAIL_MAX % area->unit != 0u) {
    return NULL;
  }
  return area->sector % OTA_PAGE_SIZE == 0u ? area : NULL;
}

uint32_t ota_slot_capacity(const hal *port, hal_area slot) {
  const hal_geometry *area = geometry_of(port, slot);
  return area == NULL ? 0u : tail_offset(area);
}

static void encode_head(fw_bytes frame, uint8_t head[OTA_SLOT_HEAD_SIZE]) {
  const uint32_t crc = crc32c(0, frame.data, frame.size);
  memcpy(head, magic, MAGIC_SIZE);
  head[4] = (uint8_t)frame.size;
  head[5] = (uint8_t)(frame.size >> 8);
  head[6] = 0;
  head[7] = 0;
  for (size_t i = 0; i < 4u; i++) {
    head[8u + i] = (uint8_t)(crc >> (8u * i));
  }
}

fw_status ota_slot_manifest(const hal *port, hal_area slot, fw_buffer *frame) {
  const hal_geometry *area = geometry_of(port, slot);
  uint8_t tail[OTA_SLOT_TAIL_MAX];
  uint8_t head[OTA_SLOT_HEAD_SIZE];
  if (area == NULL) {
    return FW_ERR_ARGUMENT;
  }
  if (port->flash_read(port->context, slot, tail_offset(area), tail, sizeof tail) != 0) {
    return FW_ERR_FLASH;
  }
  const size_t size = (size_t)tail[4] | ((size_t)tail[5] << 8);
  if (size == 0u || size > MANIFEST_FRAME_MAX) {
    return FW_ERR_NO_IMAGE;
  }
  const fw_bytes stored = FW_BYTES(tail + OTA_SLOT_HEAD_SIZE, size);
  encode_head(stored, head);
  if (memcmp(head, tail, sizeof head) != 0) {
    return FW_ERR_NO_IMAGE;
  }
  fw_buffer_put(frame, stored);
  return frame->status;
}

fw_status ota_slot_forget(const hal *port, hal_area slot) {
  const hal_geometry *area = geometry_of(port, slot);
  uint8_t tail[OTA_SLOT_TAIL_MAX];
  uint8_t all = 0xFFu;
  if (area == NULL) {
    return FW_ERR_ARGUMENT;
  }
  if (port->flash_read(port->context, slot, tail_offset(area), tail, sizeof tail) != 0) {
    return FW_ERR_FLASH;
  }
  for (size_t i = 0; i < sizeof tail; i++) {
    all &= tail[i];
  }
  if (all == 0xFFu) {
    return FW_OK;
  }
  return port->flash_erase(port->context, slot, tail_offset(area)) == 0 ? FW_OK : FW_ERR_FLASH;
}

fw_status ota_slot_seal(const hal *port, hal_area slot, fw_bytes frame) {
  const hal_geometry *area = geometry_of(port, slot);
  uint8_t tail[OTA_SLOT_TAIL_MAX];
  uint8_t back[OTA_SLOT_TAIL_MAX];
  if (area == NULL || frame.size == 0u || frame.size > MANIFEST_FRAME_MAX) {
    return FW_ERR_ARGUMENT;
  }
  memset(tail, 0xFF, sizeof tail);
  encode_head(frame, tail);
  memcpy(tail + OTA_SLOT_HEAD_SIZE, frame.data, frame.size);
  if (port->flash_program(port->context, slot, tail_offset(area), tail, sizeof tail) != 0) {
    return FW_ERR_FLASH;
  }
  if (port->flash_read(port->context, slot, tail_offset(area), back, sizeof back) != 0) {
    return FW_ERR_FLASH;
  }
  return memcmp(tail, back, sizeof tail) == 0 ? FW_OK : FW_ERR_FLASH;
}

fw_status ota_slot_digest(const hal *port, hal_area slot, uint32_t size, uint8_t digest[SHA256_SIZE]) {
  sha256_context hash;
  uint8_t bytes[OTA_PAGE_SIZE];
  sha256_begin(&hash);
  for (uint32_t at = 0; at < size;) {
    const uint32_t left = size - at;
    const uint32_t take = left < (uint32_t)sizeof bytes ? left : (uint32_t)sizeof bytes;
    if (port->flash_read(port->context, slot, at, bytes, take) != 0) {
      return FW_ERR_FLASH;
    }
    sha256_update(&hash, FW_BYTES(bytes, (size_t)take));
    at += take;
  }
  sha256_end(&hash, digest);
  return FW_OK;
}
