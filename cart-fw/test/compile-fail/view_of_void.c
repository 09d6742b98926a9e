// names: _Generic
#include "secret.h"

/* The same by way of a pointer to anything. */
fw_bytes view(const secret_text *secret);
fw_bytes view(const secret_text *secret)
{
  const void *anything = secret;
#ifdef BAD
  return FW_BYTES(anything, sizeof *secret);
#else
  (void)anything;
  return FW_BYTES("", 0u);
#endif
}
