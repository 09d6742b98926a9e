#include "crc32c.h"

/* Castagnoli's polynomial, bits reversed. */
#define POLYNOMIAL 0x82F63B78u

uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size) {
  uint32_t sum = ~crc;
  for (size_t i = 0; i < size; i++) {
    sum ^= bytes[i];
    for (unsigned bit = 0; bit < 8u; bit++) {
      sum = (sum >> 1) ^ (POLYNOMIAL & (0u - (sum & 1u)));
    }
  }
  return ~sum;
}
