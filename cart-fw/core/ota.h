/**
 * An update over the air, as wishes and answers: this asks for a range, a verification or a reset, the runtime has the
 * modem and the secure element. It writes the slot that does not run.
 *
 *   ota_begin      a manifest's frame: verified in software, admitted, not refused here before
 *   ota_next       what is to be done next, until OTA_WISH_RESET or OTA_WISH_NOTHING
 *   ota_element    the secure element's verdict on one signature
 *   ota_head, ota_body, ota_range_end    the answer to a range, piece by piece
 *
 * A download that was cut, by the network or by power, goes on where flash and record say; ota_begin with the same
 * manifest is all it takes. Nothing is started before the whole image has been read back and has the manifest's digest.
 */
#ifndef CARTWRIGHT_OTA_H
#define CARTWRIGHT_OTA_H

#include "http1.h"
#include "ota_record.h"
#include "ota_slot.h"

/** Bytes asked for at once: the head of a request and its answer is then 2 % of what is sent. */
#define OTA_RANGE_SIZE ((uint32_t)32768)
/** Progress is kept in a record whenever so many bytes more are in flash. */
#define OTA_STEP_SIZE ((uint32_t)4096)
/** Length of "/cart/v1/firmware/" and 64 hex digits. */
#define OTA_PATH_SIZE ((size_t)82)

typedef struct {
  const hal *port;
  const manifest_keys *keys; /* pinned */
  uint16_t hardware;
  uint32_t least_counter; /* what the secure element has counted to: a floor besides the record's and the image's */
} ota_config;

typedef enum {
  OTA_WISH_NOTHING, /* idle or failed: ota_status says why */
  OTA_WISH_VERIFY,  /* ota_verification → ota_element */
  OTA_WISH_RANGE,   /* GET path, bytes first..last → ota_head, ota_body …, ota_range_end */
  OTA_WISH_RESET    /* the image is in place and the bootloader will try it */
} ota_wish_kind;

typedef struct {
  ota_wish_kind kind;
  fw_bytes path; /* text, for OTA_WISH_RANGE; borrowed from the ota */
  uint32_t first;
  uint32_t last;
} ota_wish;

/** One signature of the manifest for the secure element. Borrowed from the ota and from its configuration. */
typedef struct {
  const uint8_t *digest;    /* 32 bytes: what was signed */
  const uint8_t *signature; /* 64 */
  const uint8_t *point;     /* 64: X and Y, without the 04 */
} ota_verification;

typedef enum { OTA_IDLE, OTA_ELEMENT, OTA_DOWNLOAD, OTA_READY } ota_phase;

typedef struct {
  const ota_config *config;
  ota_phase phase;
  fw_status status;
  hal_area slot;
  ota_record record;
  ota_record_place place;
  manifest claims;
  uint8_t frame[MANIFEST_FRAME_MAX];
  size_t frame_size;
  uint8_t signed_digest[SHA256_SIZE];
  uint8_t signatures[2][COSE_SIGNATURE_SIZE];
  const uint8_t *points[2];
  uint8_t verified; /* signatures that the secure element has accepted */
  bool in_range;    /* ota_head took an answer that is not at its end */
  uint32_t written; /* bytes of the image in flash, programmed in this life or before */
  uint8_t page[OTA_PAGE_SIZE];
  size_t page_used;
  char path[OTA_PATH_SIZE];
} ota;

void ota_init(ota *update, const ota_config *config);
/**
 * Takes a manifest as the platform answered it. Whatever was under way is given up, and goes on only if it is the same
 * image.
 * @return FW_OK: ask ota_next. Else the update does not begin: manifest_verify's and manifest_admit's reasons;
 *   FW_ERR_SAME_IMAGE: it is what runs; FW_ERR_IMAGE_REFUSED: it failed its trial on this cart; FW_ERR_TRIAL: what runs
 *   is not confirmed yet, or an image waits for the reset; FW_ERR_FLASH.
 */
fw_status ota_begin(ota *update, fw_bytes frame);
/** Stays the same until it is answered. */
ota_wish ota_next(const ota *update);
ota_verification ota_verification_of(const ota *update);
/** @param valid the secure element's answer to ota_verification_of. One refusal ends the update: FW_ERR_SIGNATURE. */
fw_status ota_element(ota *update, bool valid);

/**
 * The head of the answer to a range. FW_ERR_RANGE: not 206, or another range than the one asked for; the body is then
 * not to be given to ota_body. 404 and 410 end the update, as the release is gone: FW_ERR_NO_IMAGE.
 */
fw_status ota_head(ota *update, const http1_answer *answer);
/** Bytes of the body in their order. FW_ERR_FLASH ends the update. */
fw_status ota_body(ota *update, fw_bytes part);
/**
 * The answer is over, whole or broken off. What came is kept up to the last page. After the last byte the image is read
 * back and the manifest is written: FW_ERR_DIGEST when it is another image, and the download begins anew next time.
 */
fw_status ota_range_end(ota *update);

/** FW_PENDING while an update is under way, FW_OK when it is installed, else why it ended. */
fw_status ota_status(const ota *update);
/** 0..100 of the image. */
uint32_t ota_percent(const ota *update);

/** Says that a signed round trip with the platform was accepted; any other word confirms nothing. */
#define OTA_ROUND_TRIP_ACCEPTED ((uint32_t)0x3C96A5E1u)
/**
 * The running image has proved itself: what was tried becomes the active slot and, with it, the security counter rises.
 * Nothing is written when there is nothing to confirm.
 * @param evidence OTA_ROUND_TRIP_ACCEPTED.
 * @param security_counter the counter that holds from now on, for the secure element's own; may be null.
 * @return FW_OK; FW_ERR_ARGUMENT without evidence; FW_ERR_FLASH.
 */
fw_status ota_confirm(const hal *port, uint32_t evidence, uint32_t *security_counter);

#endif
