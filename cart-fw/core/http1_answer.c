#include "http1_fields.h"

#include <string.h>

#define CR ((uint8_t)'\r')
#define LF ((uint8_t)'\n')
#define STATUS_OK 200u
#define STATUS_NO_CONTENT 204u
#define STATUS_NOT_MODIFIED 304u
#define STATUS_MAX 599u
#define STATUS_DIGITS 3u

void http1_begin(http1_parser *parser) {
  (void)memset(parser, 0, sizeof *parser);
  parser->phase = HTTP1_STATUS_LINE;
}

static fw_status fail(http1_parser *parser, fw_status failure) {
  parser->phase = HTTP1_FAILED;
  parser->failure = failure;
  return failure;
}

/* `HTTP/1.1 200 OK`; the reason phrase may be missing (RFC 9112, 4). */
static fw_status take_status_line(http1_parser *parser) {
  const fw_bytes version = fw_bytes_of_text("HTTP/1.1 ");
  const fw_bytes line = fw_bytes_view(parser->line, parser->line_size);
  size_t at = version.size;
  uint32_t status = 0u;
  if ((line.size < at) || !fw_bytes_equal(fw_bytes_view(line.data, at), version)) {
    return FW_ERR_HTTP_VERSION;
  }
  const bool is_number = http1_take_number(line, &at, &status) && (at == (version.size + STATUS_DIGITS));
  if (!is_number || (status < 100u) || (status > STATUS_MAX)) {
    return FW_ERR_HTTP_STATUS_LINE;
  }
  if ((at < line.size) && (line.data[at] != (uint8_t)' ')) {
    return FW_ERR_HTTP_STATUS_LINE;
  }
  parser->answer.status = (uint16_t)status;
  parser->phase = HTTP1_HEADERS;
  return FW_OK;
}

/* Behind an informational answer stands another status line (RFC 9110, 15.2). */
static fw_status skip_informational(http1_parser *parser) {
  if (parser->informational == HTTP1_INFORMATIONAL_MAX) {
    return FW_ERR_HTTP_STATUS_LINE;
  }
  parser->informational++;
  (void)memset(&parser->answer, 0, sizeof parser->answer);
  parser->phase = HTTP1_STATUS_LINE;
  return FW_OK;
}

/* The empty line: how long is the body (RFC 9112, 6.3)? */
static fw_status end_head(http1_parser *parser) {
  const uint16_t status = parser->answer.status;
  if (status < STATUS_OK) {
    return skip_informational(parser);
  }
  if ((status == STATUS_NO_CONTENT) || (status == STATUS_NOT_MODIFIED)) {
    parser->body_left = 0u;
  } else if (!parser->answer.has_length) {
    return FW_ERR_HTTP_LENGTH;
  } else {
    parser->body_left = parser->answer.length;
  }
  parser->phase = (parser->body_left == 0u) ? HTTP1_DONE : HTTP1_BODY;
  return FW_OK;
}

static fw_status end_line(http1_parser *parser) {
  fw_status status;
  if (parser->phase == HTTP1_STATUS_LINE) {
    status = take_status_line(parser);
  } else if (parser->line_size == 0u) {
    status = end_head(parser);
  } else {
    status = http1_take_field(&parser->answer, fw_bytes_view(parser->line, parser->line_size), parser->line_cut);
  }
  parser->line_size = 0u;
  parser->line_cut = false;
  return status;
}

/* Lines end with CR LF; neither stands alone (RFC 9112, 2.2), and no other control character but a tab is let in. */
static fw_status take_head_byte(http1_parser *parser, uint8_t byte) {
  if (parser->after_cr) {
    parser->after_cr = false;
    return (byte == LF) ? end_line(parser) : FW_ERR_HTTP_HEADER;
  }
  if (byte == CR) {
    parser->after_cr = true;
  } else if (((byte < (uint8_t)' ') && (byte != (uint8_t)'\t')) || (byte == 0x7Fu)) {
    return FW_ERR_HTTP_HEADER;
  } else if (parser->line_size < HTTP1_LINE_MAX) {
    parser->line[parser->line_size] = byte;
    parser->line_size++;
  } else {
    parser->line_cut = true;
  }
  return FW_OK;
}

static bool is_in_head(const http1_parser *parser) {
  return (parser->phase == HTTP1_STATUS_LINE) || (parser->phase == HTTP1_HEADERS);
}

static fw_status take_head(http1_parser *parser, fw_bytes in, size_t *taken) {
  fw_status status = FW_OK;
  while ((status == FW_OK) && is_in_head(parser) && (*taken < in.size)) {
    parser->head_size++;
    status = (parser->head_size > HTTP1_HEAD_MAX) ? FW_ERR_HTTP_HEAD_SIZE : take_head_byte(parser, in.data[*taken]);
    *taken += 1u;
  }
  return status;
}

static void take_body(http1_parser *parser, fw_bytes in, size_t *taken, fw_bytes *body) {
  const size_t there = in.size - *taken;
  const size_t count = (there < parser->body_left) ? there : (size_t)parser->body_left;
  *body = fw_bytes_view(&in.data[*taken], count);
  *taken += count;
  parser->body_left -= (uint32_t)count;
  if (parser->body_left == 0u) {
    parser->phase = HTTP1_DONE;
  }
}

fw_status http1_feed(http1_parser *parser, fw_bytes in, size_t *taken, fw_bytes *body) {
  *taken = 0u;
  *body = fw_bytes_view(in.data, 0u);
  if (parser->phase == HTTP1_FAILED) {
    return parser->failure;
  }
  const fw_status head = take_head(parser, in, taken);
  if (head != FW_OK) {
    return fail(parser, head);
  }
  if (parser->phase == HTTP1_BODY) {
    take_body(parser, in, taken, body);
  }
  return (parser->phase == HTTP1_DONE) ? FW_OK : FW_PENDING;
}
