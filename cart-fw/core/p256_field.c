#include "p256_field.h"

/* SP 800-186, 3.2.1.3: p = 2^256 - 2^224 + 2^192 + 2^96 - 1. */
const p256_modulus P256_FIELD = {
  {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000001u, 0xffffffffu}},
  {{0x00000001u, 0x00000000u, 0x00000000u, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xfffffffeu, 0x00000000u}},
  {{0x00000003u, 0x00000000u, 0xffffffffu, 0xfffffffbu, 0xfffffffeu, 0xffffffffu, 0xfffffffdu, 0x00000004u}},
  0x00000001u,
};
/* The order n of the base point. */
const p256_modulus P256_ORDER = {
  {{0xfc632551u, 0xf3b9cac2u, 0xa7179e84u, 0xbce6faadu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0xffffffffu}},
  {{0x039cdaafu, 0x0c46353du, 0x58e8617bu, 0x43190552u, 0x00000000u, 0x00000000u, 0xffffffffu, 0x00000000u}},
  {{0xbe79eea2u, 0x83244c95u, 0x49bd6fa6u, 0x4699799cu, 0x2b6bec59u, 0x2845b239u, 0xf3d95620u, 0x66e12d94u}},
  0xee00bc4fu,
};

p256_number p256_read(const uint8_t bytes[32]) {
  p256_number value;
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    const uint8_t *four = &bytes[28u - (4u * i)];
    value.limb[i] =
      ((uint32_t)four[0] << 24) | ((uint32_t)four[1] << 16) | ((uint32_t)four[2] << 8) | (uint32_t)four[3];
  }
  return value;
}

void p256_field_add(p256_number *r, const p256_number *a, const p256_number *b) {
  const uint32_t carry = p256_add(r, a, b);
  p256_reduce_once(r, carry, &P256_FIELD);
}

void p256_field_subtract(p256_number *r, const p256_number *a, const p256_number *b) {
  if (p256_subtract(r, a, b) != 0u) {
    (void)p256_add(r, r, &P256_FIELD.m);
  }
}

/* t += a * word, t of P256_LIMBS + 1 limbs; what does not fit comes back (0 or 1). */
static uint32_t add_product(uint32_t t[P256_LIMBS + 1u], const p256_number *a, uint32_t word) {
  uint64_t sum = 0u;
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    sum += ((uint64_t)a->limb[i] * word) + t[i];
    t[i] = (uint32_t)sum;
    sum >>= 32;
  }
  sum += t[P256_LIMBS];
  t[P256_LIMBS] = (uint32_t)sum;
  return (uint32_t)(sum >> 32);
}

/* t = (top * 2^288 + t + q n) / 2^32, with the q that makes it whole. */
static void divide_in_order(uint32_t t[P256_LIMBS + 1u], uint32_t top) {
  const uint32_t carry = add_product(t, &P256_ORDER.m, t[0] * P256_ORDER.inverse);
  (void)memmove(&t[0], &t[1], P256_LIMBS * sizeof t[0]);
  t[P256_LIMBS] = top + carry;
}

/* One limb of a sum: writes it and leaves the carry. */
static uint64_t put_limb(uint32_t *limb, uint64_t sum) {
  *limb = (uint32_t)sum;
  return sum >> 32;
}

/*
 * The same for p, where q is t[0] and no multiplication is needed: (t + q p) / 2^32 is
 * (t - q) / 2^32 + q (2^224 - 2^192 + 2^160 + 2^64). What is taken away at limb 6 is lent by limb 7.
 */
static void divide_in_field(uint32_t t[P256_LIMBS + 1u], uint32_t top) {
  const uint64_t q = t[0];
  uint64_t sum;
  t[0] = t[1];
  t[1] = t[2];
  sum = put_limb(&t[2], q + t[3]);
  sum = put_limb(&t[3], sum + t[4]);
  sum = put_limb(&t[4], sum + t[5]);
  sum = put_limb(&t[5], sum + q + t[6]);
  sum = put_limb(&t[6], sum + (0x100000000u - q) + t[7]);
  sum = put_limb(&t[7], sum + (q - 1u) + t[8]);
  t[P256_LIMBS] = top + (uint32_t)sum;
}

/* r = a * b / R mod m (Montgomery, coarsely integrated operand scanning). r may be a or b. */
void p256_multiply(p256_number *r, const p256_number *a, const p256_number *b, const p256_modulus *mod) {
  uint32_t t[P256_LIMBS + 1u] = {0u};
  for (size_t i = 0u; i < P256_LIMBS; i++) {
    const uint32_t top = add_product(t, a, b->limb[i]);
    if (mod == &P256_FIELD) {
      divide_in_field(t, top);
    } else {
      divide_in_order(t, top);
    }
  }
  (void)memcpy(r->limb, t, sizeof r->limb);
  p256_reduce_once(r, t[P256_LIMBS], mod);
}
