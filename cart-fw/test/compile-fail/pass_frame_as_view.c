// names: incompatible
#include "bytes.h"
#include "secret.h"

/* The frame where a view of bytes is taken. */
void put(fw_buffer *out, const secret_frame *frame);
void put(fw_buffer *out, const secret_frame *frame)
{
#ifdef BAD
  fw_buffer_put(out, *frame);
#else
  (void)out;
  (void)frame;
#endif
}
