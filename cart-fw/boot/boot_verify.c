#include "boot_verify.h"

#include "ota_slot.h"

#include <string.h>

/* What each step adds to the count of steps; their sum is what a whole pass has. */
#define STEP_MANIFEST ((uint32_t)0x00001B57u)
#define STEP_SIGNATURES ((uint32_t)0x003A6D00u)
#define STEP_ADMITTED ((uint32_t)0x0C5E0000u)
#define STEP_DIGEST ((uint32_t)0x71000000u)
#define STEPS (STEP_MANIFEST + STEP_SIGNATURES + STEP_ADMITTED + STEP_DIGEST)

/** The claims of a frame whose signatures are checked apart. */
static fw_status read_claims(fw_bytes frame, manifest *claims) {
  cose_sign parts;
  const fw_status status = cose_sign_decode(frame, &parts);
  return status == FW_OK ? manifest_decode(parts.payload, claims) : status;
}

static fw_status admit(const boot_context *boot, hal_area slot, uint32_t least_counter, const manifest *claims) {
  const uint32_t capacity = ota_slot_capacity(boot->port, slot);
  const manifest_policy policy = {
      .hardware = boot->hardware,
      .least_security_counter = least_counter,
      .slot_capacity = capacity < boot->load_capacity ? capacity : boot->load_capacity,
  };
  return manifest_admit(claims, &policy);
}

/** All bits in which two digests differ. */
static uint32_t difference(const uint8_t a[SHA256_SIZE], const uint8_t b[SHA256_SIZE]) {
  volatile uint32_t bits = 0;
  for (size_t i = 0; i < SHA256_SIZE; i++) {
    bits |= (uint32_t)(a[i] ^ b[i]);
  }
  return bits;
}

/** Every bit set when the counter is too low: the borrow of the subtraction, as there is no branch to skip in it. */
static uint32_t shortfall(uint32_t counter, uint32_t least) {
  const volatile uint32_t mine = counter;
  return (uint32_t)(((uint64_t)mine - (uint64_t)least) >> 32);
}

static void describe(hal_image *image, const manifest *claims, hal_area slot) {
  memset(image, 0, sizeof *image);
  memcpy(image->digest, claims->digest, sizeof image->digest);
  memcpy(image->version, claims->version, claims->version_size);
  image->security_counter = claims->security_counter;
  image->hardware = claims->hardware;
  image->slot = slot;
}

uint32_t boot_verify(const boot_context *boot, hal_area slot, uint32_t least_counter, hal_image *image) {
  uint8_t bytes[MANIFEST_FRAME_MAX];
  uint8_t digest[SHA256_SIZE];
  manifest claims;
  fw_buffer frame = fw_buffer_over(bytes, sizeof bytes);
  volatile uint32_t steps = 0;
  if (ota_slot_manifest(boot->port, slot, &frame) != FW_OK ||
      read_claims(fw_bytes_written(&frame), &claims) != FW_OK) {
    return BOOT_NO;
  }
  steps += STEP_MANIFEST;
  const volatile uint32_t verdict = manifest_verdict(fw_bytes_written(&frame), boot->keys);
  if (verdict != P256_VALID) {
    return BOOT_NO;
  }
  steps += STEP_SIGNATURES;
  if (admit(boot, slot, least_counter, &claims) != FW_OK) {
    return BOOT_NO;
  }
  steps += STEP_ADMITTED;
  if (boot->port->flash_read(boot->port->context, slot, 0, boot->load, claims.image_size) != 0) {
    return BOOT_NO;
  }
  sha256(FW_BYTES(boot->load, (size_t)claims.image_size), digest);
  const volatile uint32_t wrong = difference(digest, claims.digest);
  if (wrong != 0u) {
    return BOOT_NO;
  }
  steps += STEP_DIGEST;
  describe(image, &claims, slot);
  return BOOT_YES ^ verdict ^ P256_VALID ^ wrong ^ steps ^ STEPS ^ shortfall(claims.security_counter, least_counter);
}
