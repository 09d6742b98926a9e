/* The card reader's line. What is refused leaves nothing behind. */
#include <stdint.h>
#include <stdlib.h>

#include "nfc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  nfc_line line;
  nfc_init(&line);
  for (size_t i = 0; i < size; i++) {
    const nfc_event event = nfc_feed(&line, data[i]);
    if (event.kind == NFC_TOKEN && event.size != NFC_TOKEN_SIZE) {
      abort();
    }
    if (event.kind == NFC_MALFORMED) {
      for (size_t at = 0; at < sizeof line.bytes; at++) {
        if (line.bytes[at] != 0u) {
          abort();
        }
      }
    }
  }
  return 0;
}
