#include "price.h"

#define CURRENCY_SIZE ((size_t)3)

void price_put(fw_buffer *out, int64_t minor, uint8_t exponent, const char *currency) {
  uint64_t scale = 1u;
  for (uint8_t i = 0; i < exponent; i++) {
    scale *= 10u;
  }
  /* The magnitude of the least number there is has no positive counterpart. */
  uint64_t amount = minor < 0 ? 0u - (uint64_t)minor : (uint64_t)minor;
  if (minor < 0) {
    fw_buffer_put_text(out, "-");
  }
  fw_buffer_put_decimal(out, amount / scale);
  if (exponent != 0u) {
    fw_buffer_put_text(out, ".");
  }
  for (uint64_t digit = scale / 10u; digit != 0u; digit /= 10u) {
    fw_buffer_put_decimal(out, amount / digit % 10u);
  }
  if (currency == NULL) {
    return;
  }
  fw_buffer_put_text(out, " ");
  fw_buffer_put(out, fw_bytes_view_text(currency, CURRENCY_SIZE));
}
