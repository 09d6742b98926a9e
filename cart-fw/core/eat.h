/** The claims of the cart about itself: an Entity Attestation Token's (RFC 9711), with CWT claim keys, in a body. */
#ifndef CART_CORE_EAT_H
#define CART_CORE_EAT_H

#include "bytes.h"

#define EAT_NONCE_SIZE ((size_t)16)
#define EAT_SERIAL_SIZE ((size_t)16)
#define EAT_DIGEST_SIZE ((size_t)32)
#define EAT_VERSION_MAX ((size_t)32)
#define EAT_READER_MAX ((size_t)32)

/** Debug state (RFC 9711, 4.2.9). */
typedef enum {
  EAT_DEBUG_ENABLED = 0,
  EAT_DEBUG_DISABLED = 1,
  EAT_DEBUG_DISABLED_SINCE_BOOT = 2,
  EAT_DEBUG_DISABLED_PERMANENTLY = 3,
  EAT_DEBUG_DISABLED_FULLY = 4
} eat_debug;

typedef struct {
  uint8_t nonce[16];        /* from hello or the last answer; spent by one use */
  uint8_t serial[16];       /* the UEID is 01 and these bytes */
  eat_debug debug;
  uint32_t boot;            /* boot count, the envelope's too */
  fw_bytes version;         /* text of 1 to 32 bytes; reported, never believed */
  uint8_t digest[32];       /* SHA-256 of the running image */
  uint32_t security_counter;
  fw_bytes reader;          /* the card reader's serial, text of 1 to 32 bytes */
} eat_claims;

/** Appends the claims; FW_ERR_FIELD sticks to `out` when a text is empty, too long or not UTF-8. */
void eat_put(fw_buffer *out, const eat_claims *claims);

#endif
