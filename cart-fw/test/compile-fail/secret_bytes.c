// names: secret_bytes_
#include "secret.h"

/* The token's bytes as a payload of the journal's. */
const uint8_t *payload(const secret_text *secret);
const uint8_t *payload(const secret_text *secret)
{
#ifdef BAD
  return secret->secret_bytes_;
#else
  (void)secret;
  return NULL;
#endif
}
