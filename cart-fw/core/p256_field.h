/**
 * Numbers of 256 bits, and those below P-256's two moduli, for p256.c. Everything here depends on public data only.
 *
 * What decides about a signature is inline in p256.c, in p256_verify and has_x, whose every instruction a test skips.
 */
#ifndef CARTWRIGHT_P256_FIELD_H
#define CARTWRIGHT_P256_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define P256_LIMBS 8u

/* A number below 2^256, least limb first. */
typedef struct {
  uint32_t limb[P256_LIMBS];
} p256_number;

/* An odd modulus above 2^255, with what Montgomery's multiplication needs; R = 2^256. */
typedef struct {
  p256_number m;
  p256_number r;         /* R mod m: one, in the Montgomery domain */
  p256_number r_squared; /* R^2 mod m: takes a number into the domain */
  uint32_t inverse;      /* -1/m mod 2^32; 1 for p */
} p256_modulus;

/** The field's prime p, and the order n of the base point. */
extern const p256_modulus P256_FIELD;
extern const p256_modulus P256_ORDER;

static inline bool p256_is_zero(const p256_number *a) {
  uint32_t any = 0u;
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    any |= a->limb[i];
  }
  return any == 0u;
}

static inline bool p256_is_equal(const p256_number *a, const p256_number *b) {
  return memcmp(a->limb, b->limb, sizeof a->limb) == 0;
}

/* r = a + b mod 2^256; the carry. r may be a or b. */
static inline uint32_t p256_add(p256_number *r, const p256_number *a, const p256_number *b) {
  uint64_t sum = 0u;
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    sum += (uint64_t)a->limb[i] + b->limb[i];
    r->limb[i] = (uint32_t)sum;
    sum >>= 32;
  }
  return (uint32_t)sum;
}

/* r = a - b mod 2^256; the borrow, 1 when a < b. r may be a or b. */
static inline uint32_t p256_subtract(p256_number *r, const p256_number *a, const p256_number *b) {
  uint32_t borrow = 0u;
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    const uint64_t difference = (uint64_t)a->limb[i] - b->limb[i] - borrow;
    r->limb[i] = (uint32_t)difference;
    borrow = (uint32_t)(difference >> 32) & 1u;
  }
  return borrow;
}

static inline bool p256_is_below(const p256_number *a, const p256_number *b) {
  p256_number unused;
  return p256_subtract(&unused, a, b) == 1u;
}

/* From carry * 2^256 + a, which is below 2m, to below m. */
static inline void p256_reduce_once(p256_number *a, uint32_t carry, const p256_modulus *mod) {
  if ((carry != 0u) || !p256_is_below(a, &mod->m)) {
    (void)p256_subtract(a, a, &mod->m);
  }
}

static inline uint32_t p256_bit_of(const p256_number *a, size_t bit) {
  return (a->limb[bit / 32u] >> (bit % 32u)) & 1u;
}

/** Big-endian. */
p256_number p256_read(const uint8_t bytes[32]);
/** Sum and difference of two numbers below p, modulo p. r may be a or b. */
void p256_field_add(p256_number *r, const p256_number *a, const p256_number *b);
void p256_field_subtract(p256_number *r, const p256_number *a, const p256_number *b);
/** r = a * b / R mod m. r may be a or b. @param mod &P256_FIELD or &P256_ORDER. */
void p256_multiply(p256_number *r, const p256_number *a, const p256_number *b, const p256_modulus *mod);

static inline void p256_square(p256_number *r, const p256_number *a, const p256_modulus *mod) {
  p256_multiply(r, a, a, mod);
}

#endif
