/* Frames by one and by two signers: whatever comes, parts lie inside the frame and make the same frame again. */
#include <stdint.h>
#include <stdlib.h>

#include "cose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_lie_inside(fw_bytes part, fw_bytes whole)
{
  if (part.data < whole.data || part.data + part.size > whole.data + whole.size) {
    abort();
  }
}

static void check_one(fw_bytes frame)
{
  static uint8_t memory[17000];
  uint8_t digest[32];
  cose_sign1 parts;
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  if (cose_sign1_decode(frame, &parts) != FW_OK) {
    return;
  }
  must_lie_inside(parts.kid, frame);
  must_lie_inside(parts.payload, frame);
  must_lie_inside(parts.signature, frame);
  (void)cose_sign1_begin(&out, parts.kid.data, parts.payload, fw_bytes_of_text("x"), digest);
  (void)cose_sign1_finish(&out, parts.signature.data);
  /* Deterministic: no two frames have the same parts. */
  if (!fw_bytes_equal(fw_bytes_written(&out), frame)) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const fw_bytes frame = fw_bytes_view(data, size);
  cose_sign both;
  check_one(frame);
  if (cose_sign_decode(frame, &both) == FW_OK) {
    must_lie_inside(both.payload, frame);
    must_lie_inside(both.signers[0].kid, frame);
    must_lie_inside(both.signers[1].signature, frame);
  }
  return 0;
}
