#include "ota.h"

#include <string.h>

#define PATH_PREFIX "/cart/v1/firmware/"
#define HTTP_PARTIAL 206u
#define HTTP_NOT_FOUND 404u
#define HTTP_GONE 410u

static fw_status end(ota *update, fw_status why) {
  update->phase = OTA_IDLE;
  update->in_range = false;
  update->status = why;
  return why;
}

void ota_init(ota *update, const ota_config *config) {
  memset(update, 0, sizeof *update);
  update->config = config;
  update->status = FW_OK;
}

/* --- taking a manifest ------------------------------------------------------------------------------------------------ */

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

/* --- where a download goes on ----------------------------------------------------------------------------------------- */

static fw_status keep_progress(ota *update, uint32_t offset) {
  memcpy(update->record.download, update->claims.digest, OTA_NAME_SIZE);
  update->record.download_offset = offset;
  return ota_record_write(update->config->port, &update->record, &update->place);
}

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

/** Bytes that are in the slot for good. Within a sector only where what follows can still be programmed. */
static uint32_t resumed_at(const ota *update) {
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

static fw_status install(ota *update);

static fw_status start_download(ota *update) {
  const hal *port = update->config->port;
  const fw_status status = ota_slot_forget(port, update->slot);
  if (status != FW_OK) {
    return end(update, status);
  }
  update->written = resumed_at(update);
  if (update->written == 0u && update->record.download_offset != 0u) {
    /* What another download left is about to be erased. */
    const fw_status kept = keep_progress(update, 0);
    if (kept != FW_OK) {
      return end(update, kept);
    }
  }
  update->page_used = 0;
  update->phase = OTA_DOWNLOAD;
  return update->written == update->claims.image_size ? install(update) : FW_OK;
}

fw_status ota_begin(ota *update, fw_bytes frame) {
  const ota_config *config = update->config;
  ota_init(update, config);
  if (frame.size > MANIFEST_FRAME_MAX) {
    return end(update, FW_ERR_CBOR_SIZE);
  }
  const fw_status status = take_manifest(update, frame);
  if (status != FW_OK) {
    return end(update, status);
  }
  name_path(update);
  update->phase = OTA_ELEMENT;
  update->status = FW_PENDING;
  return FW_OK;
}

/* --- wishes ------------------------------------------------------------------------------------------------------------ */

static ota_wish wish_for_range(const ota *update) {
  const uint32_t at = update->written + (uint32_t)update->page_used;
  const uint32_t left = update->claims.image_size - at;
  const ota_wish wish = {
      .kind = OTA_WISH_RANGE,
      .path = FW_BYTES(update->path, OTA_PATH_SIZE),
      .first = at,
      .last = at + (left < OTA_RANGE_SIZE ? left : OTA_RANGE_SIZE) - 1u,
  };
  return wish;
}

ota_wish ota_next(const ota *update) {
  static const ota_wish_kind wishes[] = {
      [OTA_IDLE] = OTA_WISH_NOTHING,
      [OTA_ELEMENT] = OTA_WISH_VERIFY,
      [OTA_DOWNLOAD] = OTA_WISH_RANGE,
      [OTA_READY] = OTA_WISH_RESET,
  };
  if (update->phase == OTA_DOWNLOAD) {
    return wish_for_range(update);
  }
  const ota_wish wish = {.kind = wishes[update->phase], .path = {NULL, 0}, .first = 0, .last = 0};
  return wish;
}

ota_verification ota_verification_of(const ota *update) {
  const size_t which = update->verified < 2u ? update->verified : 1u;
  const ota_verification asked = {
      .digest = update->signed_digest,
      .signature = update->signatures[which],
      .point = update->points[which] == NULL ? NULL : update->points[which] + 1,
  };
  return asked;
}

fw_status ota_element(ota *update, bool valid) {
  if (update->phase != OTA_ELEMENT) {
    return FW_ERR_ARGUMENT;
  }
  if (!valid) {
    return end(update, FW_ERR_SIGNATURE);
  }
  update->verified++;
  return update->verified < 2u ? FW_OK : start_download(update);
}

/* --- the download ------------------------------------------------------------------------------------------------------ */

fw_status ota_head(ota *update, const http1_answer *answer) {
  const ota_wish wish = ota_next(update);
  if (wish.kind != OTA_WISH_RANGE) {
    return FW_ERR_ARGUMENT;
  }
  update->in_range = false;
  if (answer->status == HTTP_NOT_FOUND || answer->status == HTTP_GONE) {
    return end(update, FW_ERR_NO_IMAGE);
  }
  if (answer->status != HTTP_PARTIAL || !answer->has_range || answer->range_first != wish.first) {
    return FW_ERR_RANGE;
  }
  if (answer->range_last > wish.last || answer->range_total != update->claims.image_size) {
    return FW_ERR_RANGE;
  }
  update->in_range = true;
  return FW_OK;
}

/** Programs the page that was gathered, erasing its sector first where it begins one. */
static fw_status program_page(ota *update) {
  const hal *port = update->config->port;
  const hal_geometry *area = port->geometry(port->context, update->slot);
  /* The last page of an image is filled up with what erased flash holds. */
  const size_t padded = (update->page_used + area->unit - 1u) / area->unit * area->unit;
  memset(update->page + update->page_used, 0xFF, padded - update->page_used);
  if (update->written % area->sector == 0u) {
    if (port->flash_erase(port->context, update->slot, update->written) != 0) {
      return FW_ERR_FLASH;
    }
  }
  if (port->flash_program(port->context, update->slot, update->written, update->page, padded) != 0) {
    return FW_ERR_FLASH;
  }
  update->written += (uint32_t)update->page_used;
  update->page_used = 0;
  return update->written % OTA_STEP_SIZE == 0u ? keep_progress(update, update->written) : FW_OK;
}

static bool is_page_whole(const ota *update) {
  return update->page_used == OTA_PAGE_SIZE ||
         update->written + (uint32_t)update->page_used == update->claims.image_size;
}

fw_status ota_body(ota *update, fw_bytes part) {
  if (!update->in_range) {
    return FW_ERR_ARGUMENT;
  }
  for (size_t at = 0; at < part.size;) {
    const size_t left = part.size - at;
    const size_t room = OTA_PAGE_SIZE - update->page_used;
    const size_t wanted = (size_t)(update->claims.image_size - update->written) - update->page_used;
    const size_t fits = room < wanted ? room : wanted;
    const size_t take = left < fits ? left : fits;
    if (take == 0u) {
      return end(update, FW_ERR_RANGE);
    }
    memcpy(update->page + update->page_used, part.data + at, take);
    update->page_used += take;
    at += take;
    const fw_status status = is_page_whole(update) ? program_page(update) : FW_OK;
    if (status != FW_OK) {
      return end(update, status);
    }
  }
  return FW_OK;
}

/** The image is whole: reads it back, writes its manifest, and asks for its trial, in this order. */
static fw_status install(ota *update) {
  const hal *port = update->config->port;
  uint8_t digest[SHA256_SIZE];
  fw_status status = ota_slot_digest(port, update->slot, update->claims.image_size, digest);
  if (status != FW_OK) {
    return end(update, status);
  }
  if (memcmp(digest, update->claims.digest, sizeof digest) != 0) {
    status = keep_progress(update, 0);
    return end(update, status == FW_OK ? FW_ERR_DIGEST : status);
  }
  status = ota_slot_seal(port, update->slot, FW_BYTES(update->frame, update->frame_size));
  if (status != FW_OK) {
    return end(update, status);
  }
  update->record.active = ota_other_slot(update->slot);
  update->record.trial = true;
  update->record.trial_boots = 0;
  update->record.trial_power_ons = 0;
  update->record.download_offset = 0;
  memset(update->record.download, 0, OTA_NAME_SIZE);
  status = ota_record_write(port, &update->record, &update->place);
  if (status != FW_OK) {
    return end(update, status);
  }
  update->phase = OTA_READY;
  update->status = FW_OK;
  return FW_OK;
}

fw_status ota_range_end(ota *update) {
  update->in_range = false;
  if (update->phase != OTA_DOWNLOAD) {
    return update->status;
  }
  return update->written == update->claims.image_size ? install(update) : FW_OK;
}

fw_status ota_status(const ota *update) {
  return update->status;
}

uint32_t ota_percent(const ota *update) {
  if (update->phase == OTA_READY) {
    return 100u;
  }
  if (update->phase != OTA_DOWNLOAD) {
    return 0;
  }
  return (uint32_t)((uint64_t)update->written * 100u / update->claims.image_size);
}
