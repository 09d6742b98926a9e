/**
 * A slot of the flash: the image from its first byte on, and in its last sector the manifest that two signers signed.
 * That sector is erased before the first byte of a new image is written, and written after the last one was checked.
 *
 *   "CWM1"  size of the manifest(2)  zeros(2)  CRC-32C of the manifest(4)  manifest, padded with FF to the unit
 */
#ifndef CARTWRIGHT_OTA_SLOT_H
#define CARTWRIGHT_OTA_SLOT_H

#include "hal.h"
#include "manifest.h"
#include "sha256.h"

#define OTA_SLOT_HEAD_SIZE ((size_t)12)
/** Flash is programmed in pages of so many bytes at most, and a sector is a multiple of it. */
#define OTA_PAGE_SIZE ((size_t)256)
/** Head and manifest, up to the largest unit. */
#define OTA_SLOT_TAIL_MAX ((size_t)288)

/** Bytes that an image in this slot may have: all but the last sector. 0: the port has no such slot. */
uint32_t ota_slot_capacity(const hal *port, hal_area slot);
/**
 * The manifest of a slot, unverified.
 * @param frame takes MANIFEST_FRAME_MAX bytes.
 * @return FW_OK; FW_ERR_NO_IMAGE when there is none; FW_ERR_FLASH.
 */
fw_status ota_slot_manifest(const hal *port, hal_area slot, fw_buffer *frame);
/** Erases the manifest's sector unless it is blank. */
fw_status ota_slot_forget(const hal *port, hal_area slot);
/** Writes the manifest into its blank sector. */
fw_status ota_slot_seal(const hal *port, hal_area slot, fw_bytes frame);
/** SHA-256 of the first `size` bytes of a slot. */
fw_status ota_slot_digest(const hal *port, hal_area slot, uint32_t size, uint8_t digest[SHA256_SIZE]);

#endif
