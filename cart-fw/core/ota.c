#include "ota_internal.h"

#include <string.h>

#define HTTP_PARTIAL 206u
#define HTTP_NOT_FOUND 404u
#define HTTP_GONE 410u

fw_status ota_end(ota *update, fw_status why) {
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

static fw_status keep_progress(ota *update, uint32_t offset) {
  memcpy(update->record.download, update->claims.digest, OTA_NAME_SIZE);
  update->record.download_offset = offset;
  return ota_record_write(update->config->port, &update->record, &update->place);
}

static fw_status install(ota *update);

static fw_status start_download(ota *update) {
  const hal *port = update->config->port;
  const fw_status status = ota_slot_forget(port, update->slot);
  if (status != FW_OK) {
    return ota_end(update, status);
  }
  update->written = ota_resumed_at(update);
  if (update->written == 0u && update->record.download_offset != 0u) {
    /* What another download left is about to be erased. */
    const fw_status kept = keep_progress(update, 0);
    if (kept != FW_OK) {
      return ota_end(update, kept);
    }
  }
  update->page_used = 0;
  update->phase = OTA_DOWNLOAD;
  return update->written == update->claims.image_size ? install(update) : FW_OK;
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
  static const ota_wish_kind wishes[4] = {
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
    return ota_end(update, FW_ERR_SIGNATURE);
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
    return ota_end(update, FW_ERR_NO_IMAGE);
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
  size_t at = 0;
  while (at < part.size) {
    const size_t left = part.size - at;
    const size_t room = OTA_PAGE_SIZE - update->page_used;
    const size_t wanted = (size_t)(update->claims.image_size - update->written) - update->page_used;
    const size_t fits = room < wanted ? room : wanted;
    const size_t take = left < fits ? left : fits;
    if (take == 0u) {
      return ota_end(update, FW_ERR_RANGE);
    }
    memcpy(update->page + update->page_used, part.data + at, take);
    update->page_used += take;
    at += take;
    const fw_status status = is_page_whole(update) ? program_page(update) : FW_OK;
    if (status != FW_OK) {
      return ota_end(update, status);
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
    return ota_end(update, status);
  }
  if (memcmp(digest, update->claims.digest, sizeof digest) != 0) {
    status = keep_progress(update, 0);
    return ota_end(update, status == FW_OK ? FW_ERR_DIGEST : status);
  }
  status = ota_slot_seal(port, update->slot, FW_BYTES(update->frame, update->frame_size));
  if (status != FW_OK) {
    return ota_end(update, status);
  }
  update->record.active = ota_other_slot(update->slot);
  update->record.trial = true;
  update->record.trial_boots = 0;
  update->record.trial_power_ons = 0;
  update->record.download_offset = 0;
  memset(update->record.download, 0, OTA_NAME_SIZE);
  status = ota_record_write(port, &update->record, &update->place);
  if (status != FW_OK) {
    return ota_end(update, status);
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
