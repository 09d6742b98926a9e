// names: incompatible
#include "journal.h"
#include "secret.h"

/* The secret where the journal takes bytes. */
journal_status keep(journal *j, const secret_text *secret, uint32_t *id);
journal_status keep(journal *j, const secret_text *secret, uint32_t *id)
{
  static const uint8_t nothing[1];
#ifdef BAD
  return journal_append(j, JOURNAL_ORDINARY, 1, secret, sizeof nothing, id);
#else
  (void)secret;
  return journal_append(j, JOURNAL_ORDINARY, 1, nothing, sizeof nothing, id);
#endif
}
