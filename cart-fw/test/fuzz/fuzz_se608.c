/* The secure element's line: an operation chosen by the first byte, then any bytes for answers. */
#include <stdint.h>
#include <stdlib.h>

#include "se608.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const uint8_t digest[SE608_DIGEST_SIZE];
  static const uint8_t proof[64];
  se608 se;
  uint8_t out[64];
  uint64_t now = 0;
  if (size == 0u) {
    return 0;
  }
  se608_init(&se);
  const unsigned which = data[0] % 8u;
  if (which == SE608_SIGN) {
    (void)se608_start_sign(&se, digest, now);
  } else if (which == SE608_VERIFY) {
    (void)se608_start_verify(&se, digest, proof, proof, now);
  } else {
    (void)se608_start(&se, (se608_operation)which, now);
  }
  for (size_t i = 1; i < size; i++) {
    if (data[i] == 0xF4u) {
      now += 60u;
    } else {
      se608_feed(&se, data + i, 1, now);
    }
    (void)se608_tick(&se, now);
    while (se608_take(&se, out, sizeof out) == sizeof out) {
    }
    if (se.in_size >= sizeof se.in || se.attempt > SE608_ATTEMPTS) {
      abort();
    }
  }
  return 0;
}
