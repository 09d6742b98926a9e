#include "p256.h"

#include <string.h>

#define LIMBS 8u

/* A number below 2^256, least limb first. */
typedef struct {
  uint32_t limb[LIMBS];
} number;

/* An odd modulus above 2^255, with what Montgomery's multiplication needs; R = 2^256. */
typedef struct {
  number m;
  number r;         /* R mod m: one, in the Montgomery domain */
  number r_squared; /* R^2 mod m: takes a number into the domain */
  uint32_t inverse; /* -1/m mod 2^32; 1 for p */
} modulus;

/* A point in Jacobian coordinates in the Montgomery domain: x = X/Z^2, y = Y/Z^3; Z = 0 is the point at infinity. */
typedef struct {
  number x;
  number y;
  number z;
} point;

/* SP 800-186, 3.2.1.3: p = 2^256 - 2^224 + 2^192 + 2^96 - 1. */
static const modulus FIELD = {
  {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000001u, 0xffffffffu}},
  {{0x00000001u, 0x00000000u, 0x00000000u, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xfffffffeu, 0x00000000u}},
  {{0x00000003u, 0x00000000u, 0xffffffffu, 0xfffffffbu, 0xfffffffeu, 0xffffffffu, 0xfffffffdu, 0x00000004u}},
  0x00000001u,
};
/* The order n of the base point. */
static const modulus ORDER = {
  {{0xfc632551u, 0xf3b9cac2u, 0xa7179e84u, 0xbce6faadu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0xffffffffu}},
  {{0x039cdaafu, 0x0c46353du, 0x58e8617bu, 0x43190552u, 0x00000000u, 0x00000000u, 0xffffffffu, 0x00000000u}},
  {{0xbe79eea2u, 0x83244c95u, 0x49bd6fa6u, 0x4699799cu, 0x2b6bec59u, 0x2845b239u, 0xf3d95620u, 0x66e12d94u}},
  0xee00bc4fu,
};
static const number ORDER_MINUS_2 = {
  {0xfc63254fu, 0xf3b9cac2u, 0xa7179e84u, 0xbce6faadu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0xffffffffu}};
/* p - n: the r below which r + n is a coordinate as well. */
static const number FIELD_MINUS_ORDER = {
  {0x039cdaaeu, 0x0c46353du, 0x58e8617bu, 0x43190553u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}};
/* b of y^2 = x^3 - 3x + b, in the Montgomery domain. */
static const number CURVE_B = {
  {0x29c4bddfu, 0xd89cdf62u, 0x78843090u, 0xacf005cdu, 0xf7212ed6u, 0xe5a220abu, 0x04874834u, 0xdc30061du}};
/* The base point G, in the Montgomery domain. */
static const point BASE = {
  {{0x18a9143cu, 0x79e730d4u, 0x5fedb601u, 0x75ba95fcu, 0x77622510u, 0x79fb732bu, 0xa53755c6u, 0x18905f76u}},
  {{0xce95560au, 0xddf25357u, 0xba19e45cu, 0x8b4ab8e4u, 0xdd21f325u, 0xd2e88688u, 0x25885d85u, 0x8571ff18u}},
  {{0x00000001u, 0x00000000u, 0x00000000u, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xfffffffeu, 0x00000000u}},
};

/* --- numbers --- */

static number read_number(const uint8_t bytes[32]) {
  number value;
  for (size_t i = 0u; i < LIMBS; i++) {
    const uint8_t *four = &bytes[28u - (4u * i)];
    value.limb[i] =
      ((uint32_t)four[0] << 24) | ((uint32_t)four[1] << 16) | ((uint32_t)four[2] << 8) | (uint32_t)four[3];
  }
  return value;
}

static bool is_zero(const number *a) {
  uint32_t any = 0u;
  for (size_t i = 0u; i < LIMBS; i++) {
    any |= a->limb[i];
  }
  return any == 0u;
}

static bool is_equal(const number *a, const number *b) {
  return memcmp(a->limb, b->limb, sizeof a->limb) == 0;
}

/* r = a + b mod 2^256; the carry. r may be a or b. */
static uint32_t add(number *r, const number *a, const number *b) {
  uint64_t sum = 0u;
  for (size_t i = 0u; i < LIMBS; i++) {
    sum += (uint64_t)a->limb[i] + b->limb[i];
    r->limb[i] = (uint32_t)sum;
    sum >>= 32;
  }
  return (uint32_t)sum;
}

/* r = a - b mod 2^256; the borrow, 1 when a < b. r may be a or b. */
static uint32_t subtract(number *r, const number *a, const number *b) {
  uint32_t borrow = 0u;
  for (size_t i = 0u; i < LIMBS; i++) {
    const uint64_t difference = (uint64_t)a->limb[i] - b->limb[i] - borrow;
    r->limb[i] = (uint32_t)difference;
    borrow = (uint32_t)(difference >> 32) & 1u;
  }
  return borrow;
}

static bool is_below(const number *a, const number *b) {
  number unused;
  return subtract(&unused, a, b) == 1u;
}

/* From carry * 2^256 + a, which is below 2m, to below m. */
static void reduce_once(number *a, uint32_t carry, const modulus *mod) {
  if ((carry != 0u) || !is_below(a, &mod->m)) {
    (void)subtract(a, a, &mod->m);
  }
}

/* --- numbers below a modulus --- */

static void mod_add(number *r, const number *a, const number *b, const modulus *mod) {
  const uint32_t carry = add(r, a, b);
  reduce_once(r, carry, mod);
}

static void mod_subtract(number *r, const number *a, const number *b, const modulus *mod) {
  if (subtract(r, a, b) != 0u) {
    (void)add(r, r, &mod->m);
  }
}

/* t += a * word, t of LIMBS + 1 limbs; what does not fit comes back (0 or 1). */
static uint32_t add_product(uint32_t t[LIMBS + 1u], const number *a, uint32_t word) {
  uint64_t sum = 0u;
  for (size_t i = 0u; i < LIMBS; i++) {
    sum += ((uint64_t)a->limb[i] * word) + t[i];
    t[i] = (uint32_t)sum;
    sum >>= 32;
  }
  sum += t[LIMBS];
  t[LIMBS] = (uint32_t)sum;
  return (uint32_t)(sum >> 32);
}

/* t = (top * 2^288 + t + q n) / 2^32, with the q that makes it whole. */
static void divide_in_order(uint32_t t[LIMBS + 1u], uint32_t top) {
  const uint32_t carry = add_product(t, &ORDER.m, t[0] * ORDER.inverse);
  (void)memmove(&t[0], &t[1], LIMBS * sizeof t[0]);
  t[LIMBS] = top + carry;
}

/*
 * The same for p, where q is t[0] and no multiplication is needed: (t + q p) / 2^32 is
 * (t - q) / 2^32 + q (2^224 - 2^192 + 2^160 + 2^64). What is taken away at limb 6 is lent by limb 7.
 */
/* One limb of a sum: writes it and leaves the carry. */
static uint64_t put_limb(uint32_t *limb, uint64_t sum) {
  *limb = (uint32_t)sum;
  return sum >> 32;
}

static void divide_in_field(uint32_t t[LIMBS + 1u], uint32_t top) {
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
  t[LIMBS] = top + (uint32_t)sum;
}

/* r = a * b / R mod m (Montgomery, coarsely integrated operand scanning). r may be a or b. */
static void mod_multiply(number *r, const number *a, const number *b, const modulus *mod) {
  uint32_t t[LIMBS + 1u] = {0u};
  for (size_t i = 0u; i < LIMBS; i++) {
    const uint32_t top = add_product(t, a, b->limb[i]);
    if (mod == &FIELD) {
      divide_in_field(t, top);
    } else {
      divide_in_order(t, top);
    }
  }
  (void)memcpy(r->limb, t, sizeof r->limb);
  reduce_once(r, t[LIMBS], mod);
}

static void square(number *r, const number *a, const modulus *mod) {
  mod_multiply(r, a, a, mod);
}

static uint32_t bit_of(const number *a, size_t bit) {
  return (a->limb[bit / 32u] >> (bit % 32u)) & 1u;
}

/* r = 1/a mod n by Fermat, in and out of the Montgomery domain alike. r is not a. */
static void order_invert(number *r, const number *a) {
  *r = ORDER.r;
  for (size_t bit = 256u; bit > 0u; bit--) {
    square(r, r, &ORDER);
    if (bit_of(&ORDER_MINUS_2, bit - 1u) != 0u) {
      mod_multiply(r, r, a, &ORDER);
    }
  }
}

/* --- points --- */

static void field_double(number *r, const number *a) {
  mod_add(r, a, a, &FIELD);
}

/* r = 2r (Explicit-Formulas Database, dbl-2001-b, for a = -3). Infinity stays infinity. */
static void point_double(point *r) {
  number delta;
  number gamma;
  number beta;
  number alpha;
  number t;
  square(&delta, &r->z, &FIELD);
  square(&gamma, &r->y, &FIELD);
  mod_multiply(&beta, &r->x, &gamma, &FIELD);
  mod_subtract(&t, &r->x, &delta, &FIELD);
  mod_add(&alpha, &r->x, &delta, &FIELD);
  mod_multiply(&t, &t, &alpha, &FIELD);
  field_double(&alpha, &t);
  mod_add(&alpha, &alpha, &t, &FIELD); /* 3 (X - Z^2) (X + Z^2) */
  mod_add(&t, &r->y, &r->z, &FIELD);
  square(&t, &t, &FIELD);
  mod_subtract(&t, &t, &gamma, &FIELD);
  mod_subtract(&r->z, &t, &delta, &FIELD);
  field_double(&beta, &beta);
  field_double(&beta, &beta); /* 4 beta */
  square(&r->x, &alpha, &FIELD);
  mod_subtract(&r->x, &r->x, &beta, &FIELD);
  mod_subtract(&r->x, &r->x, &beta, &FIELD);
  mod_subtract(&t, &beta, &r->x, &FIELD);
  mod_multiply(&r->y, &alpha, &t, &FIELD);
  square(&gamma, &gamma, &FIELD);
  field_double(&gamma, &gamma);
  field_double(&gamma, &gamma);
  field_double(&gamma, &gamma); /* 8 gamma^2 */
  mod_subtract(&r->y, &r->y, &gamma, &FIELD);
}

/* r += b for two points that are neither infinite nor of one x (add-1998-cmo-2): h = U2 - U1, w = S2 - S1. */
static void add_distinct(point *r, const point *b, const number *u1, const number *s1, const number *h,
                         const number *w) {
  number hh;
  number hhh;
  number v;
  square(&hh, h, &FIELD);
  mod_multiply(&hhh, &hh, h, &FIELD);
  mod_multiply(&v, u1, &hh, &FIELD);
  mod_multiply(&r->z, &r->z, &b->z, &FIELD);
  mod_multiply(&r->z, &r->z, h, &FIELD);
  square(&r->x, w, &FIELD);
  mod_subtract(&r->x, &r->x, &hhh, &FIELD);
  mod_subtract(&r->x, &r->x, &v, &FIELD);
  mod_subtract(&r->x, &r->x, &v, &FIELD);
  mod_subtract(&v, &v, &r->x, &FIELD);
  mod_multiply(&v, w, &v, &FIELD);
  mod_multiply(&hhh, s1, &hhh, &FIELD);
  mod_subtract(&r->y, &v, &hhh, &FIELD);
}

/* u = x z^2 and s = y z^3: two points' coordinates over one denominator. */
static void scale_by(number *u, number *s, const point *a, const number *z) {
  number zz;
  if (is_equal(z, &FIELD.r)) { /* as it is for G and Q: they are the addends most of the time */
    *u = a->x;
    *s = a->y;
    return;
  }
  square(&zz, z, &FIELD);
  mod_multiply(u, &a->x, &zz, &FIELD);
  mod_multiply(&zz, &zz, z, &FIELD);
  mod_multiply(s, &a->y, &zz, &FIELD);
}

static void point_add(point *r, const point *b) {
  number u1;
  number u2;
  number s1;
  number s2;
  if (is_zero(&b->z)) {
    return;
  }
  if (is_zero(&r->z)) {
    *r = *b;
    return;
  }
  scale_by(&u1, &s1, r, &b->z);
  scale_by(&u2, &s2, b, &r->z);
  mod_subtract(&u2, &u2, &u1, &FIELD);
  mod_subtract(&s2, &s2, &s1, &FIELD);
  if (!is_zero(&u2)) {
    add_distinct(r, b, &u1, &s1, &u2, &s2);
  } else if (is_zero(&s2)) {
    point_double(r);
  } else {
    (void)memset(r, 0, sizeof *r); /* a point and its negative */
  }
}

/* --- ECDSA --- */

/* Whether y^2 = x^3 - 3x + b. */
static bool is_on_curve(const point *q) {
  number left;
  number right;
  square(&left, &q->y, &FIELD);
  square(&right, &q->x, &FIELD);
  for (unsigned i = 0u; i < 3u; i++) {
    mod_subtract(&right, &right, &FIELD.r, &FIELD); /* x^2 - 3 */
  }
  mod_multiply(&right, &right, &q->x, &FIELD);
  mod_add(&right, &right, &CURVE_B, &FIELD);
  return is_equal(&left, &right);
}

/* SEC 1, 2.3.4 and 3.2.2.1: uncompressed, coordinates below p, on the curve. The cofactor is 1. */
static bool read_point(const uint8_t bytes[P256_POINT_SIZE], point *q) {
  q->x = read_number(&bytes[1]);
  q->y = read_number(&bytes[33]);
  q->z = FIELD.r;
  if ((bytes[0] != 0x04u) || !is_below(&q->x, &FIELD.m) || !is_below(&q->y, &FIELD.m)) {
    return false;
  }
  mod_multiply(&q->x, &q->x, &FIELD.r_squared, &FIELD);
  mod_multiply(&q->y, &q->y, &FIELD.r_squared, &FIELD);
  return is_on_curve(q);
}

static bool is_scalar(const number *a) {
  return !is_zero(a) && is_below(a, &ORDER.m);
}

/* u1 G + u2 Q, both at once (Shamir's trick). */
static void combine(point *sum, const number *u1, const number *u2, const point *q) {
  point both = BASE;
  const point *const addends[4] = {NULL, &BASE, q, &both};
  point_add(&both, q);
  (void)memset(sum, 0, sizeof *sum);
  for (size_t bit = 256u; bit > 0u; bit--) {
    const uint32_t choice = bit_of(u1, bit - 1u) | (bit_of(u2, bit - 1u) << 1);
    point_double(sum);
    if (choice != 0u) {
      point_add(sum, addends[choice]);
    }
  }
}

/* Whether the point's x is `candidate`: X = candidate * Z^2, so that nothing need be inverted. */
static bool has_x(const point *a, const number *candidate) {
  number scaled;
  number zz;
  square(&zz, &a->z, &FIELD);
  mod_multiply(&scaled, candidate, &FIELD.r_squared, &FIELD);
  mod_multiply(&scaled, &scaled, &zz, &FIELD);
  return is_equal(&scaled, &a->x);
}

/* Whether x mod n is r. As p > n, x is r, or r + n where that is below p. */
static bool has_x_mod_order(const point *a, const number *r) {
  number other;
  if (is_zero(&a->z)) {
    return false;
  }
  if (has_x(a, r)) {
    return true;
  }
  (void)add(&other, r, &ORDER.m);
  return is_below(r, &FIELD_MINUS_ORDER) && has_x(a, &other);
}

uint32_t p256_verify(const uint8_t point_bytes[P256_POINT_SIZE], const uint8_t digest[32],
                     const uint8_t signature[P256_SIGNATURE_SIZE]) {
  const number r = read_number(signature);
  number s = read_number(&signature[32]);
  number e = read_number(digest);
  number w;
  number u2;
  point q;
  point sum;
  if (!is_scalar(&r) || !is_scalar(&s) || !read_point(point_bytes, &q)) {
    return P256_INVALID;
  }
  reduce_once(&e, 0u, &ORDER);
  mod_multiply(&s, &s, &ORDER.r_squared, &ORDER);
  order_invert(&w, &s);
  /* One factor in the domain, one out of it: the products are out of it. */
  mod_multiply(&e, &e, &w, &ORDER);
  mod_multiply(&u2, &r, &w, &ORDER);
  combine(&sum, &e, &u2, &q);
  return has_x_mod_order(&sum, &r) ? P256_VALID : P256_INVALID;
}
