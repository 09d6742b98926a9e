#include "sha256.h"

#include <string.h>

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t ROUND_CONSTANT[64] = {
  0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
  0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
  0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
  0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
  0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
  0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
  0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
  0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

/* FIPS 180-4, 5.3.3. */
static const uint32_t INITIAL_STATE[8] = {
  0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static uint32_t rotate_right(uint32_t word, uint32_t bits) {
  return (word >> bits) | (word << (32u - bits));
}

static uint32_t read_be32(const uint8_t *bytes) {
  return ((uint32_t)bytes[0] << 24) | ((uint32_t)bytes[1] << 16) | ((uint32_t)bytes[2] << 8) | (uint32_t)bytes[3];
}

/* The message schedule in place: word i of the next sixteen (6.2.2, step 1). */
static uint32_t next_word(uint32_t w[16], size_t i) {
  const uint32_t w15 = w[(i + 1u) & 15u];
  const uint32_t w2 = w[(i + 14u) & 15u];
  const uint32_t s0 = rotate_right(w15, 7u) ^ rotate_right(w15, 18u) ^ (w15 >> 3);
  const uint32_t s1 = rotate_right(w2, 17u) ^ rotate_right(w2, 19u) ^ (w2 >> 10);
  w[i & 15u] += s0 + w[(i + 9u) & 15u] + s1;
  return w[i & 15u];
}

/* One round (6.2.2, step 3) on v = a..h. */
static void sha256_round(uint32_t v[8], uint32_t constant_and_word) {
  const uint32_t sum1 = rotate_right(v[4], 6u) ^ rotate_right(v[4], 11u) ^ rotate_right(v[4], 25u);
  const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
  const uint32_t t1 = v[7] + sum1 + choice + constant_and_word;
  const uint32_t sum0 = rotate_right(v[0], 2u) ^ rotate_right(v[0], 13u) ^ rotate_right(v[0], 22u);
  const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
  v[7] = v[6];
  v[6] = v[5];
  v[5] = v[4];
  v[4] = v[3] + t1;
  v[3] = v[2];
  v[2] = v[1];
  v[1] = v[0];
  v[0] = t1 + sum0 + majority;
}

static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK_SIZE]) {
  uint32_t w[16];
  uint32_t v[8];
  for (size_t i = 0u; i < 16u; i++) {
    w[i] = read_be32(&block[4u * i]);
  }
  (void)memcpy(v, state, sizeof v);
  for (size_t i = 0u; i < 64u; i++) {
    const uint32_t word = (i < 16u) ? w[i] : next_word(w, i);
    sha256_round(v, ROUND_CONSTANT[i] + word);
  }
  for (size_t i = 0u; i < 8u; i++) {
    state[i] += v[i];
  }
}

void sha256_begin(sha256_context *context) {
  (void)memcpy(context->state, INITIAL_STATE, sizeof context->state);
  context->length = 0u;
}

void sha256_update(sha256_context *context, fw_bytes bytes) {
  size_t at = 0u;
  while (at < bytes.size) {
    const size_t filled = (size_t)(context->length % SHA256_BLOCK_SIZE);
    const size_t room = SHA256_BLOCK_SIZE - filled;
    const size_t left = bytes.size - at;
    const size_t count = (left < room) ? left : room;
    (void)memcpy(&context->block[filled], &bytes.data[at], count);
    context->length += count;
    at += count;
    if (count == room) {
      compress(context->state, context->block);
    }
  }
}

void sha256_end(sha256_context *context, uint8_t digest[SHA256_SIZE]) {
  static const uint8_t padding[64] = {0x80u};
  const uint64_t bits = context->length * 8u;
  const size_t filled = (size_t)(context->length % SHA256_BLOCK_SIZE);
  uint8_t length[8];
  uint64_t left = bits;
  for (size_t i = sizeof length; i > 0u; i--) {
    length[i - 1u] = (uint8_t)left;
    left >>= 8;
  }
  /* 5.1.1: a one bit, zeros up to 8 bytes before a block's end, the length in bits. */
  sha256_update(context, fw_bytes_view(padding, (filled < 56u) ? (56u - filled) : (120u - filled)));
  sha256_update(context, fw_bytes_view(length, sizeof length));
  for (size_t i = 0u; i < SHA256_SIZE; i++) {
    digest[i] = (uint8_t)(context->state[i / 4u] >> (24u - (8u * (i % 4u))));
  }
  fw_wipe(context, sizeof *context);
}

void sha256(fw_bytes bytes, uint8_t digest[SHA256_SIZE]) {
  sha256_context context;
  sha256_begin(&context);
  sha256_update(&context, bytes);
  sha256_end(&context, digest);
}
