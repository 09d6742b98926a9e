/** CRC-32C (RFC 3720, B.4): against torn and rotten bytes, not against people. */
#ifndef CARTWRIGHT_CRC32C_H
#define CARTWRIGHT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** @param crc 0 to begin, or the CRC of the bytes before. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
