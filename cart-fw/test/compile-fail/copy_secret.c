// names: read-only|const
#include "secret.h"

/* A second copy, which nobody would wipe. */
void keep(secret_text *kept, const secret_text *secret);
void keep(secret_text *kept, const secret_text *secret)
{
#ifdef BAD
  *kept = *secret;
#else
  (void)kept;
  (void)secret;
#endif
}
