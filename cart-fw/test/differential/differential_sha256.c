/* Our SHA-256 beside OpenSSL's and BearSSL's: messages of every length around the blocks' ends, split at random. */
#include <bearssl.h>
#include <openssl/sha.h>
#include <stdio.h>

#include "_random.h"
#include "sha256.h"

#define MESSAGE_MAX 4096u

/* Mostly short, where padding has its corners. */
static size_t pick_size(uint64_t *state, size_t index)
{
  if (index < 1024u) {
    return index;
  }
  return random_below(state, (random_below(state, 16u) == 0u) ? MESSAGE_MAX : 200u);
}

static void hash_in_parts(uint64_t *state, const uint8_t *message, size_t size, uint8_t digest[32])
{
  sha256_context context;
  size_t at = 0;
  sha256_begin(&context);
  while (at < size) {
    const size_t part = random_below(state, size - at + 1u);
    sha256_update(&context, fw_bytes_view(&message[at], part));
    at += part;
  }
  sha256_end(&context, digest);
}

int main(void)
{
  static uint8_t message[MESSAGE_MAX];
  uint64_t state = 1;
  size_t disagreements = 0;
  const size_t count = case_count();
  for (size_t i = 0; i < count; i++) {
    uint8_t ours[32];
    uint8_t openssl[32];
    uint8_t bearssl[32];
    br_sha256_context context;
    const size_t size = pick_size(&state, i);
    random_bytes(&state, message, size);
    hash_in_parts(&state, message, size, ours);
    SHA256(message, size, openssl);
    br_sha256_init(&context);
    br_sha256_update(&context, message, size);
    br_sha256_out(&context, bearssl);
    if (memcmp(ours, openssl, 32) != 0 || memcmp(ours, bearssl, 32) != 0) {
      disagreements++;
      (void)fprintf(stderr, "case %zu, %zu bytes: another digest\n", i, size);
    }
  }
  (void)printf("sha256: %zu cases, %zu disagreements\n", count, disagreements);
  return disagreements == 0 ? 0 : 1;
}
