/**
 * COSE_Sign1 (RFC 9052, 4.2) and COSE_Sign with two signers (4.1), ES256 (RFC 9053, 2.1), each in the one shape that
 * protocol/cart.cddl has. The private key is never here: making a frame has two phases with the secure element between.
 */
#ifndef CART_CORE_COSE_H
#define CART_CORE_COSE_H

#include "bytes.h"
#include "p256.h"
#include "sha256.h"

#define COSE_KID_SIZE ((size_t)8)
#define COSE_SIGNATURE_SIZE P256_SIGNATURE_SIZE
/** Bytes before the payload, at most: tag, array, protected, unprotected, head of the payload. */
#define COSE_SIGN1_HEAD_MAX ((size_t)20)
/** Bytes of a frame besides its payload, at most. */
#define COSE_SIGN1_OVERHEAD_MAX (COSE_SIGN1_HEAD_MAX + 2u + COSE_SIGNATURE_SIZE)

/** What a signature is for (external_aad, RFC 9052, 4.3); one purpose never passes for another. */
#define COSE_PURPOSE_STORE_BEACON "cartwright/1 store-beacon"
#define COSE_PURPOSE_STORE_ATTESTATION "cartwright/1 store-attestation"
#define COSE_PURPOSE_CELL_KEY "cartwright/1 cell-key"
#define COSE_PURPOSE_FIRMWARE_MANIFEST "cartwright/1 firmware-manifest"
/** Followed by the path, e.g. "/cart/v1/sessions". */
#define COSE_PURPOSE_POST "cartwright/1 POST "

/* --- making a COSE_Sign1 ------------------------------------------------------------------------------------------ */

/**
 * Phase one: writes everything but the signature and answers the SHA-256 of Sig_structure (RFC 9052, 4.4), which the
 * secure element then signs.
 * @param out takes the frame from its current size on; needs payload.size + COSE_SIGN1_OVERHEAD_MAX bytes.
 * @param payload may lie in `out`'s own memory, COSE_SIGN1_HEAD_MAX bytes or more behind the current size: it is moved
 *   into place, so no second buffer is needed.
 * @param purpose external_aad, e.g. "cartwright/1 POST " and the path.
 * @return FW_OK, or FW_ERR_SPACE with nothing useful in `out`.
 */
fw_status cose_sign1_begin(fw_buffer *out, const uint8_t kid[COSE_KID_SIZE], fw_bytes payload, fw_bytes purpose,
                           uint8_t digest[SHA256_SIZE]);
/** Phase two: appends the secure element's r and s; `out` then holds the whole frame. */
fw_status cose_sign1_finish(fw_buffer *out, const uint8_t signature[COSE_SIGNATURE_SIZE]);

/* --- reading a COSE_Sign1 ----------------------------------------------------------------------------------------- */

/** The parts, borrowed from the frame. */
typedef struct {
  fw_bytes kid; /* 8 bytes; not authenticated: it only selects a key */
  fw_bytes payload;
  fw_bytes signature; /* 64 bytes. Both s and n-s verify, so signature bytes are never an identity */
} cose_sign1;

/** Takes a frame apart. Checks the form only, in the order and with the reasons of protocol/cart/cose.ts. */
fw_status cose_sign1_decode(fw_bytes frame, cose_sign1 *parts);
/** FW_OK when the parts were signed with this key for this purpose, else FW_ERR_SIGNATURE. */
fw_status cose_sign1_verify(const cose_sign1 *parts, const uint8_t point[P256_POINT_SIZE], fw_bytes purpose);
/** SHA-256 of Sig_structure of a COSE_Sign1: for verifying in another way as well (secure element, bootloader). */
void cose_sign1_digest(fw_bytes payload, fw_bytes purpose, uint8_t digest[SHA256_SIZE]);

/* --- reading a COSE_Sign with exactly two signers (the firmware manifest) --- */

#define COSE_SIGN_SIGNERS ((size_t)2)

typedef struct {
  fw_bytes kid;
  fw_bytes signature;
} cose_signer;

typedef struct {
  fw_bytes payload;
  cose_signer signers[2];
} cose_sign;

/** Takes a COSE_Sign apart; form only. */
fw_status cose_sign_decode(fw_bytes frame, cose_sign *parts);
/** SHA-256 of Sig_structure of a COSE_Sign: one digest for both signers, as their headers are the same. */
void cose_sign_digest(fw_bytes payload, fw_bytes purpose, uint8_t digest[SHA256_SIZE]);

/** The first 8 bytes of SHA-256 over a public point: the kid of keys without a certificate. */
void cose_kid_of_point(const uint8_t point[P256_POINT_SIZE], uint8_t kid[COSE_KID_SIZE]);

#endif
