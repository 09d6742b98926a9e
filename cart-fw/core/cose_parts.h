/** For cose_*.c alone: what COSE_Sign1 and COSE_Sign share. */
#ifndef CART_CORE_COSE_PARTS_H
#define CART_CORE_COSE_PARTS_H

#include "cbor.h"
#include "cose.h"

/** The protected header `{1: -7}` (alg: ES256), the one that there is. */
extern const uint8_t COSE_PROTECTED[3];

/** SHA-256 over a Sig_structure that begins with `beginning`: context and headers. */
void cose_digest(fw_bytes beginning, fw_bytes purpose, fw_bytes payload, uint8_t digest[SHA256_SIZE]);
/** Whether an array of exactly `count` items begins here. */
bool cose_take_array(cbor_reader *reader, size_t count);
/** Whether a byte string is next; any size. */
bool cose_take_bytes(cbor_reader *reader, fw_bytes *bytes);
/** Whether the protected header is next, as a byte string. */
bool cose_take_protected(cbor_reader *reader);
/** Reads `{4: kid}`: FW_OK, FW_ERR_COSE_UNPROTECTED or FW_ERR_COSE_KID. */
fw_status cose_take_kid(cbor_reader *reader, fw_bytes *kid);
/** Reads 64 bytes: FW_OK or FW_ERR_COSE_SIGNATURE_FORM. */
fw_status cose_take_signature(cbor_reader *reader, fw_bytes *signature);

#endif
