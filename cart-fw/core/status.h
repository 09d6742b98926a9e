/**
 * The closed set of outcomes of the core. One table makes the codes and their names, so that a new code can't lack one.
 * Refusals of CBOR and COSE carry the names that protocol/cart uses, so that both sides tell the same story of a frame.
 */
#ifndef CART_CORE_STATUS_H
#define CART_CORE_STATUS_H

/** X(code, name). Append only: a name may be in a log that is read years later. */
#define FW_STATUS_TABLE(X)                                                                                             \
  X(FW_OK, "ok")                                                                                                       \
  X(FW_PENDING, "pending")                      /* no error: more input, or an answer, is awaited */                   \
  X(FW_ERR_ARGUMENT, "argument")                /* the caller broke the function's contract */                         \
  X(FW_ERR_SPACE, "space")                      /* the caller's buffer is too small */                                 \
  X(FW_ERR_CBOR_SIZE, "size")                   /* longer than the limit */                                            \
  X(FW_ERR_CBOR_TRUNCATED, "truncated")                                                                                \
  X(FW_ERR_CBOR_TRAILING, "trailing")                                                                                  \
  X(FW_ERR_CBOR_DEPTH, "depth")                                                                                        \
  X(FW_ERR_CBOR_INDEFINITE, "indefinite")                                                                              \
  X(FW_ERR_CBOR_NOT_MINIMAL, "not_minimal")                                                                            \
  X(FW_ERR_CBOR_RESERVED, "reserved")                                                                                  \
  X(FW_ERR_CBOR_RANGE, "range")                 /* an integer beyond 2^53 - 1 */                                       \
  X(FW_ERR_CBOR_UTF8, "utf8")                                                                                          \
  X(FW_ERR_CBOR_FLOAT, "float")                                                                                        \
  X(FW_ERR_CBOR_SIMPLE, "simple")                                                                                      \
  X(FW_ERR_CBOR_TAG, "tag")                                                                                            \
  X(FW_ERR_CBOR_KEY_TYPE, "key_type")                                                                                  \
  X(FW_ERR_CBOR_DUPLICATE_KEY, "duplicate_key")                                                                        \
  X(FW_ERR_CBOR_KEY_ORDER, "key_order")                                                                                \
  X(FW_ERR_COSE_SHAPE, "shape")                                                                                        \
  X(FW_ERR_COSE_PROTECTED, "protected")                                                                                \
  X(FW_ERR_COSE_UNPROTECTED, "unprotected")                                                                            \
  X(FW_ERR_COSE_KID, "kid")                                                                                            \
  X(FW_ERR_COSE_PAYLOAD, "payload")                                                                                    \
  X(FW_ERR_COSE_SIGNATURE_FORM, "signature_form")                                                                      \
  X(FW_ERR_SIGNATURE, "signature")              /* of the right form, but it does not verify */                        \
  X(FW_ERR_UNKNOWN_KEY, "unknown_key")          /* signed by a key that is not pinned, or not certified */             \
  X(FW_ERR_FORM, "malformed")                   /* another form than the CDDL's */                                     \
  X(FW_ERR_FIELD, "invalid_field")              /* the form, but not the range */                                      \
  X(FW_ERR_CELL, "cell")                        /* a statement for another cell */                                     \
  X(FW_ERR_SERIAL, "serial")                    /* a statement for another cart */                                     \
  X(FW_ERR_STORE, "store")                      /* a statement for another store */                                    \
  X(FW_ERR_NONCE, "nonce")                      /* a statement that answers another question */                        \
  X(FW_ERR_NOT_YET, "not_yet_valid")                                                                                   \
  X(FW_ERR_EXPIRED, "expired")                                                                                         \
  X(FW_ERR_LIFETIME, "lifetime")                /* valid for longer than the protocol allows */                        \
  X(FW_ERR_SIGNERS, "signers")                  /* both signatures of a manifest by one key */                         \
  X(FW_ERR_HARDWARE, "hardware")                /* an image for another hardware revision */                           \
  X(FW_ERR_DOWNGRADE, "downgrade")              /* a security counter below the device's */                            \
  X(FW_ERR_IMAGE_SIZE, "image_size")            /* an image that the slot can't hold */                                \
  X(FW_ERR_DIGEST, "digest")                    /* bytes with another SHA-256 than was promised */                     \
  X(FW_ERR_HTTP_VERSION, "http_version")                                                                               \
  X(FW_ERR_HTTP_STATUS_LINE, "http_status_line")                                                                       \
  X(FW_ERR_HTTP_HEADER, "http_header")                                                                                 \
  X(FW_ERR_HTTP_HEAD_SIZE, "http_head_size")                                                                           \
  X(FW_ERR_HTTP_LENGTH, "http_length")          /* Content-Length missing, twice or no number */                       \
  X(FW_ERR_HTTP_ENCODING, "http_encoding")      /* Transfer-Encoding or Content-Encoding */                            \
  X(FW_ERR_SECRET_GONE, "secret_gone")          /* wiped: sent, too old, or never there */                              \
  X(FW_ERR_FLASH, "flash")                      /* the flash failed, or holds another thing than was written */           \
  X(FW_ERR_NO_IMAGE, "no_image")                /* the slot, or the platform, has none */                              \
  X(FW_ERR_SAME_IMAGE, "same_image")            /* the image that runs already */                                      \
  X(FW_ERR_IMAGE_REFUSED, "image_refused")      /* it failed its trial on this device */                               \
  X(FW_ERR_RANGE, "range_answer")               /* another range than was asked for */                                 \
  X(FW_ERR_TRIAL, "trial")                      /* an image waits for its trial, or for its confirmation */

#define FW_STATUS_CODE(code, name) code,
typedef enum { FW_STATUS_TABLE(FW_STATUS_CODE) FW_STATUS_COUNT } fw_status;
#undef FW_STATUS_CODE

/** The code's name, e.g. "not_minimal"; "no_such_status" for what is no code. */
const char *fw_status_name(fw_status status);

#endif
