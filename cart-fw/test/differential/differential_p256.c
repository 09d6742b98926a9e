/*
 * Our P-256 verification beside OpenSSL's and BearSSL's. Each kind of case aims at one corner of the standard; what the
 * three say must be the same every time, and where the maker of the case knows the answer, it must be that one.
 *
 * BearSSL takes two thirds of the time, so it sees every eighth case of each kind; CARTWRIGHT_BEARSSL_EVERY=1 shows
 * it all. It never judges a digest that is 0 mod n: its sum of two products wants both factors to be other than zero,
 * and so 0.6 refuses good signatures over such a digest and takes r = 0 for one.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <bearssl.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <stdio.h>

#include "_random.h"
#include "p256.h"

typedef enum { BAD, GOOD, UNKNOWN } expectation;

typedef struct {
  uint8_t point[65];
  uint8_t digest[32];
  uint8_t signature[64];
  expectation expected;
} example;

static EC_GROUP *group;
static BN_CTX *context;
static BIGNUM *order;
static BIGNUM *field;
static uint64_t state = 1;

/* --- numbers and points --- */

static void must(int done)
{
  if (done != 1) {
    (void)fprintf(stderr, "the reference library failed\n");
    exit(2);
  }
}

static BIGNUM *random_scalar(void)
{
  uint8_t bytes[40];
  BIGNUM *value;
  random_bytes(&state, bytes, sizeof bytes);
  value = BN_bin2bn(bytes, sizeof bytes, NULL);
  must(BN_mod(value, value, order, context));
  if (BN_is_zero(value)) {
    must(BN_one(value));
  }
  return value;
}

static void write_point(const EC_POINT *point, uint8_t bytes[65])
{
  must(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, 65, context) == 65 ? 1 : 0);
}

static void write_public(const BIGNUM *d, uint8_t bytes[65])
{
  EC_POINT *point = EC_POINT_new(group);
  must(EC_POINT_mul(group, point, d, NULL, NULL, context));
  write_point(point, bytes);
  EC_POINT_free(point);
}

/* ECDSA as FIPS 186-5 6.4.1 has it, for a key and a digest of one's own choice. */
static void sign(const BIGNUM *d, example *e)
{
  BIGNUM *k = random_scalar();
  BIGNUM *r = BN_new();
  BIGNUM *s = BN_new();
  BIGNUM *z = BN_bin2bn(e->digest, 32, NULL);
  uint8_t point[65];
  write_public(k, point);
  BN_bin2bn(&point[1], 32, r);
  must(BN_mod(r, r, order, context));
  must(BN_mod_mul(s, r, d, order, context));
  must(BN_mod_add(s, s, z, order, context));
  must(BN_mod_inverse(k, k, order, context) != NULL ? 1 : 0);
  must(BN_mod_mul(s, s, k, order, context));
  BN_bn2binpad(r, e->signature, 32);
  BN_bn2binpad(s, &e->signature[32], 32);
  BN_free(k);
  BN_free(r);
  BN_free(s);
  BN_free(z);
}

/* A number at an edge: 0, 1, 2, n and p and what is next to them, halves, all ones. */
static void edge_number(uint8_t bytes[32])
{
  BIGNUM *value = BN_new();
  const size_t choice = random_below(&state, 14);
  switch (choice / 5u) {
    case 0: /* 0..2, all ones, 2^255 */
      must(BN_set_word(value, choice));
      if (choice == 3u) {
        memset(bytes, 0xFF, 32);
        BN_bin2bn(bytes, 32, value);
      } else if (choice == 4u) {
        must(BN_set_word(value, 0));
        must(BN_set_bit(value, 255));
      }
      break;
    case 1: /* n - 2 .. n + 2 */
      BN_copy(value, order);
      must(BN_add_word(value, choice - 5u));
      must(BN_sub_word(value, 2));
      break;
    default: /* p - 1 .. p + 2 */
      BN_copy(value, field);
      must(BN_add_word(value, choice - 10u));
      must(BN_sub_word(value, 1));
      break;
  }
  BN_bn2binpad(value, bytes, 32);
  BN_free(value);
}

static void edge_digest(uint8_t digest[32])
{
  if (random_below(&state, 2) == 0) {
    edge_number(digest);
  } else {
    random_bytes(&state, digest, 32);
  }
}

/* --- kinds of cases --- */

static BIGNUM *key; /* changed now and then: making a key is slow */

static void signed_example(example *e)
{
  write_public(key, e->point);
  edge_digest(e->digest);
  sign(key, e);
  e->expected = GOOD;
}

static void high_s(example *e)
{
  BIGNUM *s;
  signed_example(e);
  s = BN_bin2bn(&e->signature[32], 32, NULL);
  must(BN_sub(s, order, s));
  BN_bn2binpad(s, &e->signature[32], 32);
  BN_free(s);
}

static void flipped_bit(example *e)
{
  signed_example(e);
  uint8_t *const parts[3] = {e->signature, e->digest, &e->point[1]};
  const size_t sizes[3] = {64, 32, 64};
  const size_t part = random_below(&state, 3);
  const size_t bit = random_below(&state, sizes[part] * 8u);
  parts[part][bit / 8u] ^= (uint8_t)(1u << (bit % 8u));
  e->expected = UNKNOWN; /* a digest beyond n stands for another one */
}

static void edge_signature(example *e)
{
  signed_example(e);
  const size_t which = random_below(&state, 3);
  if (which != 1u) {
    edge_number(e->signature);
  }
  if (which != 0u) {
    edge_number(&e->signature[32]);
  }
  e->expected = UNKNOWN;
}

static void other_digest(example *e)
{
  signed_example(e);
  random_bytes(&state, e->digest, 32);
  e->expected = BAD;
}

/* d = 1, 2, 3, n-1, n-2, n-3: the public point is a small multiple of G, so sums meet doubles and infinity. */
static void small_key(example *e)
{
  BIGNUM *d = BN_new();
  const size_t choice = random_below(&state, 6);
  must(BN_set_word(d, 1u + (choice % 3u)));
  if (choice >= 3u) {
    must(BN_sub(d, order, d));
  }
  write_public(d, e->point);
  edge_digest(e->digest);
  sign(d, e);
  e->expected = GOOD;
  BN_free(d);
}

/* e = -r d: u1 G + u2 Q is the point at infinity. */
static void infinite_sum(example *e)
{
  BIGNUM *z = BN_new();
  signed_example(e);
  BIGNUM *r = BN_bin2bn(e->signature, 32, NULL);
  must(BN_mod_mul(z, r, key, order, context));
  must(BN_sub(z, order, z));
  BN_bn2binpad(z, e->digest, 32);
  e->expected = BAD;
  BN_free(r);
  BN_free(z);
}

/*
 * The x of R is n + r, so that x mod n is r but x is not: R is a point of such an x, s and e are free, and
 * Q = (s R - e G) / r is a key under which r, s verify. By chance this never happens.
 */
static void wrapped_r(example *e)
{
  BIGNUM *r = BN_new();
  BIGNUM *x = BN_new();
  BIGNUM *s = random_scalar();
  BIGNUM *z = random_scalar();
  EC_POINT *point = EC_POINT_new(group);
  uint8_t low[8];
  random_bytes(&state, low, sizeof low);
  BN_bin2bn(low, sizeof low, r);
  do {
    must(BN_add_word(r, 1));
    must(BN_add(x, order, r));
  } while (EC_POINT_set_compressed_coordinates(group, point, x, (int)random_below(&state, 2), context) != 1);
  BN_bn2binpad(r, e->signature, 32);
  BN_bn2binpad(s, &e->signature[32], 32);
  BN_bn2binpad(z, e->digest, 32);
  must(BN_mod_inverse(r, r, order, context) != NULL ? 1 : 0);
  must(BN_mod_mul(s, s, r, order, context));
  must(BN_mod_mul(z, z, r, order, context));
  must(BN_sub(z, order, z));
  must(EC_POINT_mul(group, point, z, point, s, context));
  write_point(point, e->point);
  e->expected = GOOD;
  if (random_below(&state, 4) == 0) { /* x itself is beyond n: no r */
    BN_bn2binpad(x, e->signature, 32);
    e->expected = BAD;
  }
  BN_free(r);
  BN_free(x);
  BN_free(s);
  BN_free(z);
  EC_POINT_free(point);
}

static void off_curve(example *e)
{
  signed_example(e);
  e->expected = BAD;
  switch (random_below(&state, 5)) {
    case 0: /* another y */
      random_bytes(&state, &e->point[33], 32);
      break;
    case 1:
      edge_number(&e->point[1]);
      break;
    case 2:
      edge_number(&e->point[33]);
      break;
    case 3: /* compressed, hybrid, infinite and unknown forms */
      e->point[0] = (uint8_t)(random_below(&state, 2) == 0 ? random_below(&state, 4) : 5u + random_below(&state, 251));
      break;
    default:
      memset(&e->point[1], 0, 64);
      break;
  }
}

/* x + p in place of x where that has 256 bits: the same point, but not in its one form. */
static void unreduced_point(example *e)
{
  BIGNUM *x = BN_new();
  EC_POINT *point = EC_POINT_new(group);
  do {
    must(BN_set_word(x, random_next(&state) >> 1));
  } while (EC_POINT_set_compressed_coordinates(group, point, x, 0, context) != 1);
  write_point(point, e->point);
  random_bytes(&state, e->digest, 32);
  sign(key, e);
  must(BN_add(x, x, field));
  BN_bn2binpad(x, &e->point[1], 32);
  e->expected = BAD;
  BN_free(x);
  EC_POINT_free(point);
}

/* --- the three --- */

#define KINDS 10u

static size_t bearssl_every = 8;
static size_t bearssl_cases;

static int openssl_says(const example *e)
{
  EC_KEY *k = EC_KEY_new();
  EC_POINT *point = EC_POINT_new(group);
  int good = 0;
  /* Hybrid forms (06, 07) are points for OpenSSL; COSE and SEC 1 verifiers here take 04 only. */
  if (e->point[0] == 0x04u && EC_POINT_oct2point(group, point, e->point, 65, context) == 1) {
    ECDSA_SIG *s = ECDSA_SIG_new();
    must(EC_KEY_set_group(k, group));
    must(EC_KEY_set_public_key(k, point));
    must(ECDSA_SIG_set0(s, BN_bin2bn(e->signature, 32, NULL), BN_bin2bn(&e->signature[32], 32, NULL)));
    good = ECDSA_do_verify(e->digest, 32, s, k) == 1;
    ECDSA_SIG_free(s);
  }
  EC_POINT_free(point);
  EC_KEY_free(k);
  return good;
}

static int bearssl_says(const example *e)
{
  uint8_t point[65];
  const br_ec_public_key k = {BR_EC_secp256r1, point, sizeof point};
  memcpy(point, e->point, sizeof point);
  return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, e->digest, 32, &k, e->signature, 64) == 1;
}

static int is_for_bearssl(const example *e, size_t index)
{
  BIGNUM *z = BN_bin2bn(e->digest, 32, NULL);
  must(BN_mod(z, z, order, context));
  const int is_zero = BN_is_zero(z);
  BN_free(z);
  return !is_zero && (index / KINDS) % bearssl_every == 0u;
}

static int agrees(const example *e, size_t index)
{
  const int ours = p256_verify(e->point, e->digest, e->signature) == P256_VALID;
  if (ours != openssl_says(e)) {
    return 0;
  }
  if (is_for_bearssl(e, index)) {
    bearssl_cases++;
    if (ours != bearssl_says(e)) {
      return 0;
    }
  }
  return e->expected == UNKNOWN || ours == (e->expected == GOOD);
}

static void print_hex(const char *what, const uint8_t *bytes, size_t size)
{
  (void)fprintf(stderr, " %s ", what);
  for (size_t i = 0; i < size; i++) {
    (void)fprintf(stderr, "%02x", bytes[i]);
  }
}

typedef struct {
  const char *name;
  void (*make)(example *e);
} kind;

int main(void)
{
  static const kind kinds[KINDS] = {
    {"signed", signed_example}, {"high-S", high_s},           {"a bit flipped", flipped_bit},
    {"edges", edge_signature},  {"another digest", other_digest}, {"a small key", small_key},
    {"r + n", wrapped_r},       {"an infinite sum", infinite_sum}, {"off the curve", off_curve},
    {"x + p", unreduced_point},
  };
  const size_t count = case_count();
  const char *every = getenv("CARTWRIGHT_BEARSSL_EVERY");
  size_t disagreements = 0;
  if (every != NULL) {
    bearssl_every = strtoul(every, NULL, 10);
  }
  group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  context = BN_CTX_new();
  order = BN_new();
  field = BN_new();
  must(EC_GROUP_get_order(group, order, context));
  must(EC_GROUP_get_curve(group, field, NULL, NULL, context));
  key = random_scalar();
  for (size_t i = 0; i < count; i++) {
    const kind *const chosen = &kinds[i % KINDS];
    example e;
    if (i % 64u == 0u) {
      BN_free(key);
      key = random_scalar();
    }
    chosen->make(&e);
    if (!agrees(&e, i)) {
      disagreements++;
      (void)fprintf(stderr, "case %zu, %s:", i, chosen->name);
      print_hex("point", e.point, 65);
      print_hex("digest", e.digest, 32);
      print_hex("signature", e.signature, 64);
      (void)fprintf(stderr, "\n");
    }
  }
  BN_free(key);
  BN_free(order);
  BN_free(field);
  BN_CTX_free(context);
  EC_GROUP_free(group);
  (void)printf("p256: %zu cases, %zu of them by BearSSL too, %zu disagreements\n", count, bearssl_cases, disagreements);
  return disagreements == 0 ? 0 : 1;
}
