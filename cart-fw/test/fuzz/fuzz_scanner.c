/* The scanner's and the scale's lines. */
#include <stdint.h>
#include <stdlib.h>

#include "scale.h"
#include "scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  scanner_line scanner;
  scale_line scale;
  scanner_init(&scanner);
  scale_init(&scale);
  for (size_t i = 0; i < size; i++) {
    const scanner_event code = scanner_feed(&scanner, data[i]);
    if ((code.kind == SCANNER_CODE || code.kind == SCANNER_PAIRING) && (code.size == 0u || code.size > 100u)) {
      abort();
    }
    const scale_event weight = scale_feed(&scale, data[i]);
    if (weight.grams > 999999 || weight.grams < -999999) {
      abort();
    }
  }
  return 0;
}
