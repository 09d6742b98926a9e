/**
 * What others sign for the cart. The chain: the root (pinned) certifies the cell's statement key; that key signs the
 * store attestation; the attestation names this cart, its store and the nonce that the cart spent to get it.
 */
#ifndef CART_CORE_STATEMENTS_H
#define CART_CORE_STATEMENTS_H

#include "bytes.h"
#include "cose.h"
#include "messages.h"

/** 12 hours: the longest that a store attestation may be valid. */
#define STATEMENT_ATTESTATION_MAX_MS ((uint64_t)43200000u)

typedef enum { STATEMENT_CELL_US = 0, STATEMENT_CELL_EU = 1 } statement_cell;

typedef struct {
  statement_cell cell;
  uint8_t point[65];
  uint64_t not_before_ms;
  uint64_t expires_ms;
} statement_cell_key;

typedef struct {
  uint8_t serial[16];
  uint8_t store[32]; /* text, store_size bytes */
  size_t store_size;
  uint8_t nonce[16];
  uint64_t not_before_ms;
  uint64_t expires_ms;
} statement_store_attestation;

typedef struct {
  fw_bytes store;
  uint8_t nonce[16];
} statement_beacon;

/** What the cart knows and the attestation must say. */
typedef struct {
  const uint8_t *serial; /* 16 bytes */
  const uint8_t *nonce;  /* 16 bytes: the one in the EAT that was sent */
  fw_bytes store;        /* empty: the cart has no store of its own, so any is right */
  uint64_t now_ms;       /* the cell's time; the answer to hello gave it after a cold start */
} statement_expectation;

/**
 * The key that signs this cell's statements, if the root certified it and it is valid now.
 * @return FW_OK; a form's error; FW_ERR_UNKNOWN_KEY, FW_ERR_SIGNATURE, FW_ERR_CELL, FW_ERR_NOT_YET, FW_ERR_EXPIRED.
 */
fw_status statement_verify_cell_key(fw_bytes frame, const uint8_t root[P256_POINT_SIZE], statement_cell cell,
                  uint64_t now_ms, statement_cell_key *key);
/**
 * The store attestation, if it is for this cart, here and now.
 * @return FW_OK; a form's error; FW_ERR_UNKNOWN_KEY, FW_ERR_SIGNATURE, FW_ERR_SERIAL, FW_ERR_NONCE, FW_ERR_STORE,
 *   FW_ERR_NOT_YET, FW_ERR_EXPIRED, FW_ERR_LIFETIME (over 12 h).
 */
fw_status statement_verify_store_attestation(fw_bytes frame, const statement_cell_key *key,
                                             const statement_expectation *expected,
                                             statement_store_attestation *attestation);
/** Whether an attestation that was verified is valid at this time; to be asked again at every tick. */
bool statement_attestation_is_valid(const statement_store_attestation *attestation, uint64_t now_ms);
/**
 * Reads a beacon's statement without its key, which only the cell has: enough to see that it answers `nonce` before
 * LTE-M bytes are spent on it.
 */
fw_status statement_read_beacon(fw_bytes frame, const uint8_t nonce[16], statement_beacon *beacon);

#endif
