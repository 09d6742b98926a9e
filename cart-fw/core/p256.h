/**
 * ECDSA over NIST P-256 (FIPS 186-5, 6.4.2; SP 800-186, 3.2.1.3), verification only. Everything it sees is public, so
 * it need not run in constant time. Signing is the secure element's.
 */
#ifndef CART_CORE_P256_H
#define CART_CORE_P256_H

#include "bytes.h"

#define P256_POINT_SIZE ((size_t)65)     /* uncompressed: 04, x, y (SEC 1, 2.3.3) */
#define P256_SIGNATURE_SIZE ((size_t)64) /* r, s: 32 bytes each, big-endian (RFC 9053, 2.1) */

/** The verdicts differ in every bit and neither is 0 or all ones, so that a glitched word is hardly one of them. */
#define P256_VALID ((uint32_t)0x6B9DA3C5u)
#define P256_INVALID ((uint32_t)0x94625C3Au)

/**
 * Whether `signature` was made over `digest` with the key of `point`. High-S is accepted, as secure elements make it.
 * A point that is not on the curve, and r or s outside 1..n-1, is P256_INVALID. Stack: under 2 KB.
 */
uint32_t p256_verify(const uint8_t point[P256_POINT_SIZE], const uint8_t digest[32],
                     const uint8_t signature[P256_SIGNATURE_SIZE]);

#endif
