/* An answer of HTTP in one piece, and split where its own bytes say: the same outcome, the same body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
  fw_status status;
  http1_answer answer;
  size_t taken;
  size_t body_size;
} outcome;

static outcome read_in_parts(fw_bytes whole, size_t first_part)
{
  static http1_parser parser;
  outcome seen = {FW_PENDING, {0}, 0, 0};
  size_t part = first_part;
  http1_begin(&parser);
  while (seen.status == FW_PENDING && seen.taken < whole.size) {
    const size_t left = whole.size - seen.taken;
    const fw_bytes in = fw_bytes_view(&whole.data[seen.taken], part < left ? part : left);
    size_t taken = 0;
    fw_bytes body;
    seen.status = http1_feed(&parser, in, &taken, &body);
    if (taken > in.size || body.size > taken) {
      abort();
    }
    if (seen.status == FW_PENDING && taken != in.size) {
      abort();
    }
    seen.taken += taken;
    seen.body_size += body.size;
    part = 1u + (whole.data[seen.taken - 1u] % 7u);
  }
  seen.answer = parser.answer;
  return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const fw_bytes whole = fw_bytes_view(data, size);
  if (size == 0u) {
    return 0;
  }
  const outcome at_once = read_in_parts(whole, size);
  const outcome split = read_in_parts(whole, 1);
  if (at_once.status != split.status || at_once.taken != split.taken || at_once.body_size != split.body_size ||
      at_once.answer.status != split.answer.status || at_once.answer.length != split.answer.length) {
    abort();
  }
  if (at_once.status == FW_OK && at_once.answer.has_length && at_once.answer.status != 204 &&
      at_once.answer.status != 304 && at_once.body_size != at_once.answer.length) {
    abort();
  }
  return 0;
}
