/**
 * A release of the firmware, signed by two people with two keys: COSE_Sign (RFC 9052, 4.1) with exactly two signers.
 * The build signer's signature stands first, the release signer's second.
 */
#ifndef CART_CORE_MANIFEST_H
#define CART_CORE_MANIFEST_H

#include "bytes.h"
#include "cose.h"

#define MANIFEST_VERSION_MAX ((size_t)32)
#define MANIFEST_PAYLOAD_MAX ((size_t)97)
/** The longest manifest frame in bytes: what a boot record has to hold. */
#define MANIFEST_FRAME_MAX ((size_t)269)

typedef struct {
  uint8_t version[32]; /* text, version_size bytes, e.g. "1.4.2"; for people */
  size_t version_size;
  uint32_t security_counter;
  uint32_t image_size; /* bytes, 1 or more */
  uint8_t digest[32];  /* SHA-256 of the image */
  uint16_t hardware;   /* hardware revision that it is for */
  uint64_t released_ms;
} manifest;

/** The keys of one signer: the current one and, for rotation, the next. Uncompressed points; null where none is. */
typedef struct {
  const uint8_t *current;
  const uint8_t *next;
} manifest_signer_keys;

/** Pinned in the bootloader and the application. No point may stand for both signers. */
typedef struct {
  manifest_signer_keys build;
  manifest_signer_keys release;
} manifest_keys;

/** What this device takes. */
typedef struct {
  uint16_t hardware;
  uint32_t least_security_counter;
  uint32_t slot_capacity; /* bytes */
} manifest_policy;

/** Reads the payload of a manifest. FW_ERR_FORM, FW_ERR_FIELD or an FW_ERR_CBOR_… when it is none. */
fw_status manifest_decode(fw_bytes payload, manifest *out);
/**
 * Decodes a frame and verifies both signatures. Nothing of `out` may be used unless FW_OK came back.
 * @return FW_OK; a form's error; FW_ERR_UNKNOWN_KEY when a kid is not that signer's; FW_ERR_SIGNERS when both are one
 *   key; FW_ERR_SIGNATURE.
 */
fw_status manifest_verify(fw_bytes frame, const manifest_keys *keys, manifest *out);
/**
 * The same two verifications as one word, for the hardened boot path: P256_VALID only if both signatures are good.
 * Finds keys and digest anew, so that two calls are two independent computations.
 */
uint32_t manifest_verdict(fw_bytes frame, const manifest_keys *keys);
/** Whether this device may run the image: FW_ERR_HARDWARE, FW_ERR_DOWNGRADE, FW_ERR_IMAGE_SIZE. */
fw_status manifest_admit(const manifest *claims, const manifest_policy *policy);

#endif
