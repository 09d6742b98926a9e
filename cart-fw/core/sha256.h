/** SHA-256 (FIPS 180-4), incremental, so that an image is hashed as it is read. */
#ifndef CART_CORE_SHA256_H
#define CART_CORE_SHA256_H

#include "bytes.h"

#define SHA256_SIZE ((size_t)32)
#define SHA256_BLOCK_SIZE ((size_t)64)

typedef struct {
  uint32_t state[8];
  uint8_t block[64];
  uint64_t length; /* bytes taken so far */
} sha256_context;

void sha256_begin(sha256_context *context);
void sha256_update(sha256_context *context, fw_bytes bytes);
/** Ends the hash and wipes the context. */
void sha256_end(sha256_context *context, uint8_t digest[SHA256_SIZE]);
void sha256(fw_bytes bytes, uint8_t digest[SHA256_SIZE]);

#endif
