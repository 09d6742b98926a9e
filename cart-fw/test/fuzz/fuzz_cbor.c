/*
 * The checker and the reader: what the checker found good is read to its end without an error by a walk of another
 * make, and written anew it is the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_item(cbor_reader *in, fw_buffer *out);

static void copy_simple(cbor_reader *in, fw_buffer *out)
{
  if (cbor_get_null(in)) {
    cbor_put_null(out);
  } else {
    fw_buffer_put_byte(out, cbor_get_bool(in) ? 0xF5u : 0xF4u);
  }
}

static void copy_list(cbor_reader *in, fw_buffer *out)
{
  const size_t items = cbor_get_array(in);
  cbor_put_array(out, items);
  for (size_t i = 0; i < items; i++) {
    copy_item(in, out);
  }
}

static void copy_map(cbor_reader *in, fw_buffer *out)
{
  const size_t pairs = cbor_get_map(in);
  cbor_put_map(out, pairs);
  for (size_t i = 0; i < 2u * pairs; i++) {
    copy_item(in, out);
  }
}

static void copy_item(cbor_reader *in, fw_buffer *out)
{
  if (cbor_next_is(in, CBOR_ARRAY)) {
    copy_list(in, out);
  } else if (cbor_next_is(in, CBOR_MAP)) {
    copy_map(in, out);
  } else if (cbor_next_is(in, CBOR_BYTES)) {
    cbor_put_bytes(out, cbor_get_bytes(in, 0, SIZE_MAX));
  } else if (cbor_next_is(in, CBOR_TEXT)) {
    cbor_put_text(out, cbor_get_text(in, 0, SIZE_MAX));
  } else if (cbor_next_is(in, CBOR_SIMPLE)) {
    copy_simple(in, out);
  } else {
    cbor_put_int(out, cbor_get_int(in));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static uint8_t memory[CBOR_MAX_SIZE];
  const fw_bytes bytes = fw_bytes_view(data, size);
  cbor_reader in = cbor_reader_over(bytes);
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  (void)cbor_check(bytes, 18, CBOR_MAX_SIZE);
  if (cbor_check(bytes, CBOR_NO_TAG, CBOR_MAX_SIZE) != FW_OK) {
    return 0;
  }
  copy_item(&in, &out);
  if (cbor_end(&in) != FW_OK || !fw_bytes_equal(fw_bytes_written(&out), bytes)) {
    abort();
  }
  return 0;
}
