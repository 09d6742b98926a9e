/**
 * HTTP/1.1 (RFC 9112) as far as a cart needs it: POST a body, GET a range, read answers that say their length.
 * Bytes on LTE-M are money, so the request carries only what the platform reads.
 */
#ifndef CART_CORE_HTTP1_H
#define CART_CORE_HTTP1_H

#include "bytes.h"

#define HTTP1_TYPE_COSE "application/cose; cose-type=\"cose-sign1\""
#define HTTP1_TYPE_CBOR "application/cbor"
/** Bytes of an answer's head, at most; an edge network adds headers of its own. */
#define HTTP1_HEAD_MAX 4096u
/** A header line that the cart reads may be this long; lines that it does not read may be longer. */
#define HTTP1_LINE_MAX ((size_t)96)
/** Informational answers (1xx) before the final one, at most. */
#define HTTP1_INFORMATIONAL_MAX 4u

/* --- requests: the head; the caller appends the body --- */

/** @param type HTTP1_TYPE_COSE for a signed frame, HTTP1_TYPE_CBOR for hello. */
void http1_put_post(fw_buffer *out, fw_bytes host, fw_bytes path, const char *type, size_t body_size);
/** GET of the bytes `first..last`, both included (RFC 9110, 14.1.2). */
void http1_put_get_range(fw_buffer *out, fw_bytes host, fw_bytes path, uint32_t first, uint32_t last);

/* --- answers --- */

typedef struct {
  uint16_t status;         /* 200..599 */
  bool has_length;
  uint32_t length;         /* Content-Length, bytes */
  bool is_cbor;            /* Content-Type: application/cbor */
  bool is_cose;            /* Content-Type: application/cose, with any cose-type */
  bool closes;             /* Connection: close: this connection takes no further request */
  bool has_retry_after;
  uint32_t retry_after_s;  /* Retry-After in seconds; a date counts as absent */
  bool has_range;
  uint32_t range_first;    /* Content-Range: bytes first-last/total */
  uint32_t range_last;
  uint32_t range_total;
} http1_answer;

typedef enum { HTTP1_STATUS_LINE, HTTP1_HEADERS, HTTP1_BODY, HTTP1_DONE, HTTP1_FAILED } http1_phase;

typedef struct {
  http1_phase phase;
  fw_status failure;
  http1_answer answer; /* whole once the phase is HTTP1_BODY or HTTP1_DONE */
  uint32_t body_left;
  uint32_t head_size;
  uint8_t informational;
  bool line_cut; /* the line was longer than HTTP1_LINE_MAX: only its beginning is kept */
  bool after_cr;
  uint8_t line[96];
  size_t line_size;
} http1_parser;

void http1_begin(http1_parser *parser);
/**
 * Takes bytes as they come from the modem, however they are split.
 * @param taken how many of `in` belong to this answer; the rest is the next one's.
 * @param body the part of `in` that is body, to be copied or written to flash at once; empty while in the head. One
 *   call answers one part, so call again while FW_PENDING comes back and bytes are left.
 * @return FW_PENDING until the answer is whole, then FW_OK; FW_ERR_HTTP_… for what is not the HTTP that the platform
 *   speaks: HTTP/1.0, Transfer-Encoding, a body without a length, broken lines. The connection is then useless.
 */
fw_status http1_feed(http1_parser *parser, fw_bytes in, size_t *taken, fw_bytes *body);

#endif
