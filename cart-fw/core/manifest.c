#include "manifest.h"

#include <string.h>

#include "messages_parts.h"

fw_status manifest_decode(fw_bytes payload, manifest *out) {
  cbor_reader reader = msg_open(payload, MANIFEST_PAYLOAD_MAX);
  (void)msg_get_map(&reader, 6u, 6u);
  const fw_bytes version = msg_get_text_field(&reader, 1, 1u, MANIFEST_VERSION_MAX);
  out->security_counter = (uint32_t)msg_get_uint_field(&reader, 2, 0u, UINT32_MAX);
  out->image_size = (uint32_t)msg_get_uint_field(&reader, 3, 1u, UINT32_MAX);
  msg_get_bytes_field(&reader, 4, out->digest, SHA256_SIZE);
  out->hardware = (uint16_t)msg_get_uint_field(&reader, 5, 0u, UINT16_MAX);
  out->released_ms = msg_get_time_field(&reader, 6);
  const fw_status status = cbor_end(&reader);
  out->version_size = 0u;
  if (status == FW_OK) {
    (void)memcpy(out->version, version.data, version.size);
    out->version_size = version.size;
  }
  return status;
}

static bool has_kid(const uint8_t *point, fw_bytes kid) {
  uint8_t own[COSE_KID_SIZE];
  if (point == NULL) {
    return false;
  }
  cose_kid_of_point(point, own);
  return memcmp(own, kid.data, sizeof own) == 0;
}

/* The pinned point that the kid selects, or null. */
static const uint8_t *find_point(const manifest_signer_keys *keys, fw_bytes kid) {
  if (has_kid(keys->current, kid)) {
    return keys->current;
  }
  return has_kid(keys->next, kid) ? keys->next : NULL;
}

/* A frame taken apart, and the two pinned points that must have signed it. */
typedef struct {
  cose_sign parts;
  const uint8_t *build;
  const uint8_t *release;
} signed_manifest;

static fw_status find_signers(fw_bytes frame, const manifest_keys *keys, signed_manifest *found) {
  const fw_status form = cose_sign_decode(frame, &found->parts);
  if (form != FW_OK) {
    return form;
  }
  found->build = find_point(&keys->build, found->parts.signers[0].kid);
  found->release = find_point(&keys->release, found->parts.signers[1].kid);
  if ((found->build == NULL) || (found->release == NULL)) {
    return FW_ERR_UNKNOWN_KEY;
  }
  return (memcmp(found->build, found->release, P256_POINT_SIZE) == 0) ? FW_ERR_SIGNERS : FW_OK;
}

static uint32_t verdict_of(const signed_manifest *found) {
  uint8_t digest[SHA256_SIZE];
  const fw_bytes purpose = fw_bytes_of_text(COSE_PURPOSE_FIRMWARE_MANIFEST);
  cose_sign_digest(found->parts.payload, purpose, digest);
  const uint32_t build = p256_verify(found->build, digest, found->parts.signers[0].signature.data);
  const uint32_t release = p256_verify(found->release, digest, found->parts.signers[1].signature.data);
  /* The verdicts are complements: anything but two good ones leaves another word than P256_VALID. No branch to skip. */
  return build & release;
}

fw_status manifest_verify(fw_bytes frame, const manifest_keys *keys, manifest *out) {
  signed_manifest found;
  const fw_status signers = find_signers(frame, keys, &found);
  if (signers != FW_OK) {
    return signers;
  }
  if (verdict_of(&found) != P256_VALID) {
    return FW_ERR_SIGNATURE;
  }
  return manifest_decode(found.parts.payload, out);
}

uint32_t manifest_verdict(fw_bytes frame, const manifest_keys *keys) {
  signed_manifest found;
  return (find_signers(frame, keys, &found) == FW_OK) ? verdict_of(&found) : P256_INVALID;
}

fw_status manifest_admit(const manifest *claims, const manifest_policy *policy) {
  if (claims->hardware != policy->hardware) {
    return FW_ERR_HARDWARE;
  }
  if (claims->security_counter < policy->least_security_counter) {
    return FW_ERR_DOWNGRADE;
  }
  return (claims->image_size <= policy->slot_capacity) ? FW_OK : FW_ERR_IMAGE_SIZE;
}
