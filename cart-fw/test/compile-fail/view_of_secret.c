// names: _Generic
#include "secret.h"

/* A view of bytes over the secret itself. */
fw_bytes view(const secret_text *secret);
fw_bytes view(const secret_text *secret)
{
#ifdef BAD
  return FW_BYTES(secret, sizeof *secret);
#else
  return FW_BYTES((const char *)"", sizeof *secret - sizeof *secret);
#endif
}
