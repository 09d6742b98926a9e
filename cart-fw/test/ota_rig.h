/*
 * A cart's flash with two slots and boot records, and releases to put into it, for tests of updates and of booting.
 *
 * Signing needs no private arithmetic here: with the private key d and the nonce 1, a signature's r is the generator's x
 * and its s is e + d r, so the points 3 G, 5 G, … are public keys whose signatures are a few additions. Nobody else
 * could want to.
 */
#ifndef CARTWRIGHT_TEST_OTA_RIG_H
#define CARTWRIGHT_TEST_OTA_RIG_H

#include <stdlib.h>
#include <string.h>

#include "cbor.h"
#include "ota.h"
#include "port/host/flash.h"

#define RIG_HARDWARE 7u
#define RIG_SLOT_SECTORS_MAX 16u
#define RIG_BYTES ((size_t)(2u * RIG_SLOT_SECTORS_MAX + 2u) * 8192u)
#define RIG_IMAGE_MAX ((size_t)20000)

/* --- keys and signatures ------------------------------------------------------------------------------------------ */

static const uint8_t rig_points[3][65] = {
    /* 3 G */
    {0x04, 0x5E, 0xCB, 0xE4, 0xD1, 0xA6, 0x33, 0x0A, 0x44, 0xC8, 0xF7, 0xEF, 0x95, 0x1D, 0x4B, 0xF1, 0x65,
     0xE6, 0xC6, 0xB7, 0x21, 0xEF, 0xAD, 0xA9, 0x85, 0xFB, 0x41, 0x66, 0x1B, 0xC6, 0xE7, 0xFD, 0x6C, 0x87,
     0x34, 0x64, 0x0C, 0x49, 0x98, 0xFF, 0x7E, 0x37, 0x4B, 0x06, 0xCE, 0x1A, 0x64, 0xA2, 0xEC, 0xD8, 0x2A,
     0xB0, 0x36, 0x38, 0x4F, 0xB8, 0x3D, 0x9A, 0x79, 0xB1, 0x27, 0xA2, 0x7D, 0x50, 0x32},
    /* 5 G */
    {0x04, 0x51, 0x59, 0x0B, 0x7A, 0x51, 0x51, 0x40, 0xD2, 0xD7, 0x84, 0xC8, 0x56, 0x08, 0x66, 0x8F, 0xDF,
     0xEF, 0x8C, 0x82, 0xFD, 0x1F, 0x5B, 0xE5, 0x24, 0x21, 0x55, 0x4A, 0x0D, 0xC3, 0xD0, 0x33, 0xED, 0xE0,
     0xC1, 0x7D, 0xA8, 0x90, 0x4A, 0x72, 0x7D, 0x8A, 0xE1, 0xBF, 0x36, 0xBF, 0x8A, 0x79, 0x26, 0x0D, 0x01,
     0x2F, 0x00, 0xD4, 0xD8, 0x08, 0x88, 0xD1, 0xD0, 0xBB, 0x44, 0xFD, 0xA1, 0x6D, 0xA4},
    /* 6 G */
    {0x04, 0xB0, 0x1A, 0x17, 0x2A, 0x76, 0xA4, 0x60, 0x2C, 0x92, 0xD3, 0x24, 0x2C, 0xB8, 0x97, 0xDD, 0xE3,
     0x02, 0x4C, 0x74, 0x0D, 0xEB, 0xB2, 0x15, 0xB4, 0xC6, 0xB0, 0xAA, 0xE9, 0x3C, 0x22, 0x91, 0xA9, 0xE8,
     0x5C, 0x10, 0x74, 0x32, 0x37, 0xDA, 0xD5, 0x6F, 0xEC, 0x0E, 0x2D, 0xFB, 0xA7, 0x03, 0x79, 0x1C, 0x00,
     0xF7, 0x70, 0x1C, 0x7E, 0x16, 0xBD, 0xFD, 0x7C, 0x48, 0x53, 0x8F, 0xC7, 0x7F, 0xE2},
};
static const uint8_t rig_private[3] = {3, 5, 6};
static const uint8_t rig_r[32] = {0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6,
                                  0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB,
                                  0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96};
static const uint8_t rig_order[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
                                      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
                                      0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

/** sum = sum + b modulo the order, big-endian; sum below twice the order. */
static inline void rig_add(uint8_t sum[32], const uint8_t b[32]) {
  unsigned carry = 0;
  for (int i = 31; i >= 0; i--) {
    carry += (unsigned)sum[i] + b[i];
    sum[i] = (uint8_t)carry;
    carry >>= 8;
  }
  if (carry != 0u || memcmp(sum, rig_order, 32) >= 0) {
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
      const int difference = (int)sum[i] - (int)rig_order[i] - borrow;
      sum[i] = (uint8_t)difference;
      borrow = difference < 0 ? 1 : 0;
    }
  }
}

static inline void rig_sign(unsigned key, const uint8_t digest[32], uint8_t signature[64]) {
  memcpy(signature, rig_r, 32);
  memset(signature + 32, 0, 32);
  rig_add(signature + 32, digest);
  for (unsigned i = 0; i < rig_private[key]; i++) {
    rig_add(signature + 32, rig_r);
  }
}

static const manifest_keys rig_keys = {
    .build = {.current = rig_points[0], .next = NULL},
    .release = {.current = rig_points[1], .next = rig_points[2]},
};

/* --- releases ------------------------------------------------------------------------------------------------------- */

typedef struct {
  uint8_t image[RIG_IMAGE_MAX];
  manifest claims;
  uint8_t frame[MANIFEST_FRAME_MAX];
  size_t frame_size;
} rig_release;

/** The frame over any payload, signed with the keys of these numbers. */
static inline void rig_frame(rig_release *release, fw_bytes payload, unsigned build, unsigned second) {
  static const uint8_t header[3] = {0xA1, 0x01, 0x26};
  const unsigned keys[2] = {build, second};
  uint8_t digest[32];
  fw_buffer out = fw_buffer_over(release->frame, sizeof release->frame);
  cose_sign_digest(payload, fw_bytes_of_text(COSE_PURPOSE_FIRMWARE_MANIFEST), digest);
  cbor_put_head(&out, CBOR_TAG, 98);
  cbor_put_array(&out, 4);
  cbor_put_bytes(&out, FW_BYTES(header, (size_t)0));
  cbor_put_map(&out, 0);
  cbor_put_bytes(&out, payload);
  cbor_put_array(&out, 2);
  for (int i = 0; i < 2; i++) {
    uint8_t kid[8];
    uint8_t signature[64];
    cose_kid_of_point(rig_points[keys[i]], kid);
    rig_sign(keys[i], digest, signature);
    cbor_put_array(&out, 3);
    cbor_put_bytes(&out, FW_BYTES(header, sizeof header));
    cbor_put_map(&out, 1);
    cbor_put_uint(&out, 4);
    cbor_put_bytes(&out, FW_BYTES(kid, sizeof kid));
    cbor_put_bytes(&out, FW_BYTES(signature, sizeof signature));
  }
  release->frame_size = out.status == FW_OK ? out.size : 0u;
}

/** Signs `claims` as they stand. */
static inline void rig_sign_claims(rig_release *release, unsigned build, unsigned second) {
  uint8_t bytes[MANIFEST_PAYLOAD_MAX];
  const manifest *claims = &release->claims;
  fw_buffer payload = fw_buffer_over(bytes, sizeof bytes);
  cbor_put_map(&payload, 6);
  cbor_put_uint(&payload, 1);
  cbor_put_text(&payload, FW_BYTES(claims->version, claims->version_size));
  cbor_put_uint(&payload, 2);
  cbor_put_uint(&payload, claims->security_counter);
  cbor_put_uint(&payload, 3);
  cbor_put_uint(&payload, claims->image_size);
  cbor_put_uint(&payload, 4);
  cbor_put_bytes(&payload, FW_BYTES(claims->digest, sizeof claims->digest));
  cbor_put_uint(&payload, 5);
  cbor_put_uint(&payload, claims->hardware);
  cbor_put_uint(&payload, 6);
  cbor_put_uint(&payload, claims->released_ms);
  rig_frame(release, fw_bytes_written(&payload), build, second);
}

/** A release whose image of `size` bytes is made from `seed`. */
static inline void rig_build(rig_release *release, uint32_t seed, uint32_t counter, uint32_t size) {
  memset(release, 0, sizeof *release);
  uint32_t state = seed * 2654435761u + 1u;
  for (uint32_t i = 0; i < size; i++) {
    state = state * 1664525u + 1013904223u;
    release->image[i] = (uint8_t)(state >> 24);
  }
  manifest *claims = &release->claims;
  memcpy(claims->version, "1.2.3", 5);
  claims->version_size = 5;
  claims->security_counter = counter;
  claims->image_size = size;
  claims->hardware = RIG_HARDWARE;
  claims->released_ms = 1;
  sha256(FW_BYTES(release->image, (size_t)size), claims->digest);
  rig_sign_claims(release, 0, 1);
}

/* --- the board ------------------------------------------------------------------------------------------------------ */

typedef struct {
  host_flash flash;
  uint8_t bytes[RIG_BYTES];
  hal_geometry slot;
  hal_geometry records;
  hal_image image;
  hal port;
  ota_config config;
} rig;

static inline uint32_t rig_base(const rig *board, hal_area area) {
  const uint32_t slot = board->slot.sector * board->slot.sectors;
  return area == HAL_SLOT_A ? 0u : area == HAL_SLOT_B ? slot : 2u * slot;
}

static inline const hal_geometry *rig_geometry(void *context, hal_area area) {
  const rig *board = context;
  if (area == HAL_BOOT_RECORDS) {
    return board->records.sectors == 0u ? NULL : &board->records;
  }
  return board->slot.sectors == 0u ? NULL : &board->slot;
}

static inline int rig_read(void *context, hal_area area, uint32_t offset, void *to, size_t size) {
  rig *board = context;
  return host_flash_read(&board->flash, rig_base(board, area) + offset, to, size);
}

static inline int rig_program(void *context, hal_area area, uint32_t offset, const void *from, size_t size) {
  rig *board = context;
  return host_flash_program(&board->flash, rig_base(board, area) + offset, from, size);
}

static inline int rig_erase(void *context, hal_area area, uint32_t offset) {
  rig *board = context;
  return host_flash_erase(&board->flash, rig_base(board, area) + offset);
}

static inline const hal_image *rig_image(void *context) {
  return &((rig *)context)->image;
}

static inline void rig_init(rig *board, uint32_t sector, uint32_t unit, uint32_t slot_sectors) {
  memset(board, 0, sizeof *board);
  board->slot = (hal_geometry){.sector = sector, .unit = unit, .sectors = slot_sectors};
  board->records = (hal_geometry){.sector = sector, .unit = unit, .sectors = 2};
  host_flash_init(&board->flash, board->bytes, sector, 2u * slot_sectors + 2u, unit);
  board->port.context = board;
  board->port.geometry = rig_geometry;
  board->port.flash_read = rig_read;
  board->port.flash_program = rig_program;
  board->port.flash_erase = rig_erase;
  board->port.image = rig_image;
  board->image.hardware = RIG_HARDWARE;
  board->image.slot = HAL_SLOT_A;
  board->config = (ota_config){.port = &board->port, .keys = &rig_keys, .hardware = RIG_HARDWARE};
}

/** Puts a whole release into a slot, as the factory's station does. */
static inline void rig_install(rig *board, hal_area slot, const rig_release *release) {
  memset(board->bytes + rig_base(board, slot), 0xFF, (size_t)board->slot.sector * board->slot.sectors);
  memcpy(board->bytes + rig_base(board, slot), release->image, release->claims.image_size);
  (void)ota_slot_seal(&board->port, slot, FW_BYTES(release->frame, release->frame_size));
}

/** The board runs this release now. */
static inline void rig_run(rig *board, hal_area slot, const rig_release *release) {
  memcpy(board->image.digest, release->claims.digest, 32);
  board->image.security_counter = release->claims.security_counter;
  board->image.slot = slot;
}

/* --- a platform that answers ranges ------------------------------------------------------------------------------------ */

static inline http1_answer rig_partial(const rig_release *release, uint32_t first, uint32_t last) {
  http1_answer answer;
  memset(&answer, 0, sizeof answer);
  answer.status = 206;
  answer.has_length = true;
  answer.length = last - first + 1u;
  answer.has_range = true;
  answer.range_first = first;
  answer.range_last = last;
  answer.range_total = release->claims.image_size;
  return answer;
}

/** Answers one wish in parts of `part` bytes. @return false when the update has nothing more to wish. */
static inline bool rig_serve(ota *update, const rig_release *release, size_t part) {
  const ota_wish wish = ota_next(update);
  if (wish.kind == OTA_WISH_VERIFY) {
    const ota_verification asked = ota_verification_of(update);
    uint8_t point[65] = {4};
    memcpy(point + 1, asked.point, 64);
    (void)ota_element(update, p256_verify(point, asked.digest, asked.signature) == P256_VALID);
    return true;
  }
  if (wish.kind != OTA_WISH_RANGE) {
    return false;
  }
  const http1_answer answer = rig_partial(release, wish.first, wish.last);
  if (ota_head(update, &answer) != FW_OK) {
    return false;
  }
  for (uint32_t at = wish.first; at <= wish.last; at += (uint32_t)part) {
    const size_t left = (size_t)(wish.last - at) + 1u;
    if (ota_body(update, FW_BYTES(release->image + at, left < part ? left : part)) != FW_OK) {
      return true;
    }
  }
  (void)ota_range_end(update);
  return true;
}

/** The whole update, from the manifest to the wish for a reset. */
static inline fw_status rig_update(rig *board, ota *update, const rig_release *release, size_t part) {
  ota_init(update, &board->config);
  const fw_status begun = ota_begin(update, FW_BYTES(release->frame, release->frame_size));
  if (begun != FW_OK) {
    return begun;
  }
  while (rig_serve(update, release, part)) {
  }
  return ota_status(update);
}

#endif
