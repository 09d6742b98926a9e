#include "ota_internal.h"

#include <string.h>

#define PATH_PREFIX "/cart/v1/firmware/"

static const uint8_t *pinned(const manifest_signer_keys *keys, fw_bytes kid) {
  const uint8_t *points[2] = {keys->current, keys->next};
  for (size_t i = 0; i < 2u; i++) {
    uint8_t known[COSE_KID_SIZE];
    if (points[i] == NULL) {
      continue;
    }
    cose_kid_of_point(points[i], known);
    if (fw_bytes_equal(kid, FW_BYTES(known, COSE_KID_SIZE))) {
      return points[i];
    }
  }
  return NULL;
}

/** Keeps what the secure element is to verify: the same signatures that are verified in software. */
static fw_status keep_signatures(ota *update, fw_bytes frame) {
  cose_sign parts;
  const fw_status status = cose_sign_decode(frame, &parts);
  if (status != FW_OK) {
    return status;
  }
  const manifest_signer_keys *roles[2] = {&update->config->keys->build, &update->config->keys->release};
  cose_sign_digest(parts.payload, fw_bytes_of_text(COSE_PURPOSE_FIRMWARE_MANIFEST), update->signed_digest);
  for (size_t i = 0; i < 2u; i++) {
    update->points[i] = pinned(roles[i], parts.signers[i].kid);
    if (update->points[i] == NULL) {
      return FW_ERR_UNKNOWN_KEY;
    }
    memcpy(update->signatures[i], parts.signers[i].signature.data, COSE_SIGNATURE_SIZE);
  }
  return FW_OK;
}

static fw_status admit(const ota *update) {
  const hal *port = update->config->port;
  const hal_image *running = port->image(port->context);
  const uint32_t here = update->record.security_counter > running->security_counter ? update->record.security_counter
                                                                                    : running->security_counter;
  const uint32_t counted = update->config->least_counter;
  const manifest_policy policy = {
      .hardware = update->config->hardware,
      .least_security_counter = counted > here ? counted : here,
      .slot_capacity = ota_slot_capacity(port, update->slot),
  };
  if (memcmp(update->claims.digest, running->digest, SHA256_SIZE) == 0) {
    return FW_ERR_SAME_IMAGE;
  }
  if (memcmp(update->claims.digest, update->record.refused, OTA_NAME_SIZE) == 0) {
    return FW_ERR_IMAGE_REFUSED;
  }
  return manifest_admit(&update->claims, &policy);
}

static void name_path(ota *update) {
  fw_buffer path = fw_buffer_over((uint8_t *)update->path, sizeof update->path);
  fw_buffer_put_text(&path, PATH_PREFIX);
  fw_buffer_put_hex(&path, FW_BYTES(update->claims.digest, SHA256_SIZE));
}

static fw_status take_manifest(ota *update, fw_bytes frame) {
  const ota_config *config = update->config;
  fw_status status = keep_signatures(update, frame);
  if (status != FW_OK) {
    return status;
  }
  status = manifest_verify(frame, config->keys, &update->claims);
  if (status != FW_OK) {
    return status;
  }
  update->slot = ota_other_slot(config->port->image(config->port->context)->slot);
  status = ota_record_read(config->port, &update->record, &update->place);
  if (status != FW_OK) {
    return status;
  }
  status = admit(update);
  if (status != FW_OK) {
    return status;
  }
  if (update->record.trial) {
    return FW_ERR_TRIAL;
  }
  memcpy(update->frame, frame.data, frame.size);
  update->frame_size = frame.size;
  return FW_OK;
}

fw_status ota_begin(ota *update, fw_bytes frame) {
  const ota_config *config = update->config;
  ota_init(update, config);
  if (frame.size > MANIFEST_FRAME_MAX) {
    return ota_end(update, FW_ERR_CBOR_SIZE);
  }
  const fw_status status = take_manifest(update, frame);
  if (status != FW_OK) {
    return ota_end(update, status);
  }
  name_path(update);
  update->phase = OTA_ELEMENT;
  update->status = FW_PENDING;
  return FW_OK;
}

/* --- where a download goes on ----------------------------------------------------------------------------------------- */

/** Whether nothing is programmed from `offset` to the end of its sector; what can't be read counts as programmed. */
static bool is_blank_from(const hal *port, hal_area slot, uint32_t offset, uint32_t sector) {
  const uint32_t stop = offset - offset % sector + sector;
  for (uint32_t at = offset; at < stop; at += (uint32_t)OTA_PAGE_SIZE) {
    uint8_t bytes[OTA_PAGE_SIZE];
    uint8_t all = 0xFFu;
    if (port->flash_read(port->context, slot, at, bytes, sizeof bytes) != 0) {
      return false;
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
      all &= bytes[i];
    }
    if (all != 0xFFu) {
      return false;
    }
  }
  return true;
}

uint32_t ota_resumed_at(const ota *update) {
  const hal *port = update->config->port;
  const hal_geometry *area = port->geometry(port->context, update->slot);
  const uint32_t offset = update->record.download_offset;
  if (memcmp(update->record.download, update->claims.digest, OTA_NAME_SIZE) != 0 || offset > update->claims.image_size) {
    return 0;
  }
  if (offset == update->claims.image_size || offset % area->sector == 0u) {
    return offset;
  }
  return is_blank_from(port, update->slot, offset, area->sector) ? offset : offset - offset % area->sector;
}
