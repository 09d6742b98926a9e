// names: secret_bytes_
#include "secret.h"

/* The signed frame's bytes, past its one sink. */
const uint8_t *payload(const secret_frame *frame);
const uint8_t *payload(const secret_frame *frame)
{
#ifdef BAD
  return frame->secret_bytes_;
#else
  (void)frame;
  return NULL;
#endif
}
