#include "p256.h"

#include "p256_field.h"

/* A point in Jacobian coordinates in the Montgomery domain: x = X/Z^2, y = Y/Z^3; Z = 0 is the point at infinity. */
typedef struct {
  p256_number x;
  p256_number y;
  p256_number z;
} point;

static const p256_number ORDER_MINUS_2 = {
  {0xfc63254fu, 0xf3b9cac2u, 0xa7179e84u, 0xbce6faadu, 0xffffffffu, 0xffffffffu, 0x00000000u, 0xffffffffu}};
/* p - n: the r below which r + n is a coordinate as well. */
static const p256_number FIELD_MINUS_ORDER = {
  {0x039cdaaeu, 0x0c46353du, 0x58e8617bu, 0x43190553u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u}};
/* b of y^2 = x^3 - 3x + b, in the Montgomery domain. */
static const p256_number CURVE_B = {
  {0x29c4bddfu, 0xd89cdf62u, 0x78843090u, 0xacf005cdu, 0xf7212ed6u, 0xe5a220abu, 0x04874834u, 0xdc30061du}};
/* The base point G, in the Montgomery domain. */
static const point BASE = {
  {{0x18a9143cu, 0x79e730d4u, 0x5fedb601u, 0x75ba95fcu, 0x77622510u, 0x79fb732bu, 0xa53755c6u, 0x18905f76u}},
  {{0xce95560au, 0xddf25357u, 0xba19e45cu, 0x8b4ab8e4u, 0xdd21f325u, 0xd2e88688u, 0x25885d85u, 0x8571ff18u}},
  {{0x00000001u, 0x00000000u, 0x00000000u, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xfffffffeu, 0x00000000u}},
};

/* --- numbers below the order --- */

/* r = 1/a mod n by Fermat, in and out of the Montgomery domain alike. r is not a. */
static void order_invert(p256_number *r, const p256_number *a) {
  *r = P256_ORDER.r;
  for (size_t bit = 256u; bit > 0u; bit--) {
    p256_square(r, r, &P256_ORDER);
    if (p256_bit_of(&ORDER_MINUS_2, bit - 1u) != 0u) {
      p256_multiply(r, r, a, &P256_ORDER);
    }
  }
}

/* --- points --- */

static void field_double(p256_number *r, const p256_number *a) {
  p256_field_add(r, a, a);
}

/* r = 2r (Explicit-Formulas Database, dbl-2001-b, for a = -3). Infinity stays infinity. */
static void point_double(point *r) {
  p256_number delta;
  p256_number gamma;
  p256_number beta;
  p256_number alpha;
  p256_number t;
  p256_square(&delta, &r->z, &P256_FIELD);
  p256_square(&gamma, &r->y, &P256_FIELD);
  p256_multiply(&beta, &r->x, &gamma, &P256_FIELD);
  p256_field_subtract(&t, &r->x, &delta);
  p256_field_add(&alpha, &r->x, &delta);
  p256_multiply(&t, &t, &alpha, &P256_FIELD);
  field_double(&alpha, &t);
  p256_field_add(&alpha, &alpha, &t); /* 3 (X - Z^2) (X + Z^2) */
  p256_field_add(&t, &r->y, &r->z);
  p256_square(&t, &t, &P256_FIELD);
  p256_field_subtract(&t, &t, &gamma);
  p256_field_subtract(&r->z, &t, &delta);
  field_double(&beta, &beta);
  field_double(&beta, &beta); /* 4 beta */
  p256_square(&r->x, &alpha, &P256_FIELD);
  p256_field_subtract(&r->x, &r->x, &beta);
  p256_field_subtract(&r->x, &r->x, &beta);
  p256_field_subtract(&t, &beta, &r->x);
  p256_multiply(&r->y, &alpha, &t, &P256_FIELD);
  p256_square(&gamma, &gamma, &P256_FIELD);
  field_double(&gamma, &gamma);
  field_double(&gamma, &gamma);
  field_double(&gamma, &gamma); /* 8 gamma^2 */
  p256_field_subtract(&r->y, &r->y, &gamma);
}

/* r += b for two points that are neither infinite nor of one x (add-1998-cmo-2): h = U2 - U1, w = S2 - S1. */
static void add_distinct(point *r, const point *b, const p256_number *u1, const p256_number *s1, const p256_number *h,
                         const p256_number *w) {
  p256_number hh;
  p256_number hhh;
  p256_number v;
  p256_square(&hh, h, &P256_FIELD);
  p256_multiply(&hhh, &hh, h, &P256_FIELD);
  p256_multiply(&v, u1, &hh, &P256_FIELD);
  p256_multiply(&r->z, &r->z, &b->z, &P256_FIELD);
  p256_multiply(&r->z, &r->z, h, &P256_FIELD);
  p256_square(&r->x, w, &P256_FIELD);
  p256_field_subtract(&r->x, &r->x, &hhh);
  p256_field_subtract(&r->x, &r->x, &v);
  p256_field_subtract(&r->x, &r->x, &v);
  p256_field_subtract(&v, &v, &r->x);
  p256_multiply(&v, w, &v, &P256_FIELD);
  p256_multiply(&hhh, s1, &hhh, &P256_FIELD);
  p256_field_subtract(&r->y, &v, &hhh);
}

/* u = x z^2 and s = y z^3: two points' coordinates over one denominator. */
static void scale_by(p256_number *u, p256_number *s, const point *a, const p256_number *z) {
  p256_number zz;
  if (p256_is_equal(z, &P256_FIELD.r)) { /* as it is for G and Q: they are the addends most of the time */
    *u = a->x;
    *s = a->y;
    return;
  }
  p256_square(&zz, z, &P256_FIELD);
  p256_multiply(u, &a->x, &zz, &P256_FIELD);
  p256_multiply(&zz, &zz, z, &P256_FIELD);
  p256_multiply(s, &a->y, &zz, &P256_FIELD);
}

static void point_add(point *r, const point *b) {
  p256_number u1;
  p256_number u2;
  p256_number s1;
  p256_number s2;
  if (p256_is_zero(&b->z)) {
    return;
  }
  if (p256_is_zero(&r->z)) {
    *r = *b;
    return;
  }
  scale_by(&u1, &s1, r, &b->z);
  scale_by(&u2, &s2, b, &r->z);
  p256_field_subtract(&u2, &u2, &u1);
  p256_field_subtract(&s2, &s2, &s1);
  if (!p256_is_zero(&u2)) {
    add_distinct(r, b, &u1, &s1, &u2, &s2);
  } else if (p256_is_zero(&s2)) {
    point_double(r);
  } else {
    (void)memset(r, 0, sizeof *r); /* a point and its negative */
  }
}

/* --- ECDSA --- */

/* Whether y^2 = x^3 - 3x + b. */
static bool is_on_curve(const point *q) {
  p256_number left;
  p256_number right;
  p256_square(&left, &q->y, &P256_FIELD);
  p256_square(&right, &q->x, &P256_FIELD);
  for (unsigned i = 0u; i < 3u; i++) {
    p256_field_subtract(&right, &right, &P256_FIELD.r); /* x^2 - 3 */
  }
  p256_multiply(&right, &right, &q->x, &P256_FIELD);
  p256_field_add(&right, &right, &CURVE_B);
  return p256_is_equal(&left, &right);
}

/* SEC 1, 2.3.4 and 3.2.2.1: uncompressed, coordinates below p, on the curve. The cofactor is 1. */
static bool read_point(const uint8_t bytes[P256_POINT_SIZE], point *q) {
  q->x = p256_read(&bytes[1]);
  q->y = p256_read(&bytes[33]);
  q->z = P256_FIELD.r;
  if ((bytes[0] != 0x04u) || !p256_is_below(&q->x, &P256_FIELD.m) || !p256_is_below(&q->y, &P256_FIELD.m)) {
    return false;
  }
  p256_multiply(&q->x, &q->x, &P256_FIELD.r_squared, &P256_FIELD);
  p256_multiply(&q->y, &q->y, &P256_FIELD.r_squared, &P256_FIELD);
  return is_on_curve(q);
}

/* Inline like the comparisons: p256_field.h says why. */
static inline bool is_scalar(const p256_number *a) {
  return !p256_is_zero(a) && p256_is_below(a, &P256_ORDER.m);
}

/* u1 G + u2 Q, both at once (Shamir's trick). */
static void combine(point *sum, const p256_number *u1, const p256_number *u2, const point *q) {
  point both = BASE;
  const point *const addends[4] = {NULL, &BASE, q, &both};
  point_add(&both, q);
  (void)memset(sum, 0, sizeof *sum);
  for (size_t bit = 256u; bit > 0u; bit--) {
    const uint32_t choice = p256_bit_of(u1, bit - 1u) | (p256_bit_of(u2, bit - 1u) << 1);
    point_double(sum);
    if (choice != 0u) {
      point_add(sum, addends[choice]);
    }
  }
}

/* Whether the point's x is `candidate`: X = candidate * Z^2, so that nothing need be inverted. */
static bool has_x(const point *a, const p256_number *candidate) {
  p256_number scaled;
  p256_number zz;
  p256_square(&zz, &a->z, &P256_FIELD);
  p256_multiply(&scaled, candidate, &P256_FIELD.r_squared, &P256_FIELD);
  p256_multiply(&scaled, &scaled, &zz, &P256_FIELD);
  return p256_is_equal(&scaled, &a->x);
}

/* Whether x mod n is r. As p > n, x is r, or r + n where that is below p. */
static bool has_x_mod_order(const point *a, const p256_number *r) {
  p256_number other;
  if (p256_is_zero(&a->z)) {
    return false;
  }
  if (has_x(a, r)) {
    return true;
  }
  (void)p256_add(&other, r, &P256_ORDER.m);
  return p256_is_below(r, &FIELD_MINUS_ORDER) && has_x(a, &other);
}

uint32_t p256_verify(const uint8_t point_bytes[P256_POINT_SIZE], const uint8_t digest[32],
                     const uint8_t signature[P256_SIGNATURE_SIZE]) {
  const p256_number r = p256_read(signature);
  p256_number s = p256_read(&signature[32]);
  p256_number e = p256_read(digest);
  p256_number w;
  p256_number u2;
  point q;
  point sum;
  if (!is_scalar(&r) || !is_scalar(&s) || !read_point(point_bytes, &q)) {
    return P256_INVALID;
  }
  p256_reduce_once(&e, 0u, &P256_ORDER);
  p256_multiply(&s, &s, &P256_ORDER.r_squared, &P256_ORDER);
  order_invert(&w, &s);
  /* One factor in the domain, one out of it: the products are out of it. */
  p256_multiply(&e, &e, &w, &P256_ORDER);
  p256_multiply(&u2, &r, &w, &P256_ORDER);
  combine(&sum, &e, &u2, &q);
  return has_x_mod_order(&sum, &r) ? P256_VALID : P256_INVALID;
}
