#include "check.h"

#include "http1.h"

static uint8_t memory[512];
static http1_parser parser;

static void requests(void)
{
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  IT("a POST says where, what and how long") {
    http1_put_post(&out, fw_bytes_of_text("api.example"), fw_bytes_of_text("/cart/v1/sessions"), HTTP1_TYPE_CBOR, 137);
    CHECK(fw_bytes_equal(fw_bytes_written(&out),
                         fw_bytes_of_text("POST /cart/v1/sessions HTTP/1.1\r\nHost: api.example\r\n"
                                          "Content-Type: application/cbor\r\nContent-Length: 137\r\n\r\n")));
  }
  IT("a GET asks for a range, both ends included") {
    out = fw_buffer_over(memory, sizeof memory);
    http1_put_get_range(&out, fw_bytes_of_text("h"), fw_bytes_of_text("/p"), 0, 4294967295u);
    CHECK(fw_bytes_equal(fw_bytes_written(&out),
                         fw_bytes_of_text("GET /p HTTP/1.1\r\nHost: h\r\nRange: bytes=0-4294967295\r\n\r\n")));
  }
  IT("a head that does not fit is no head") {
    out = fw_buffer_over(memory, 20);
    http1_put_get_range(&out, fw_bytes_of_text("h"), fw_bytes_of_text("/p"), 0, 1);
    CHECK_EQ(out.status, FW_ERR_SPACE);
  }
}

static uint8_t body[512];
static size_t body_size;

/* Feeds a text in parts of `part` bytes; what came of it. `left` is what the answer did not take. */
static fw_status feed(const char *text, size_t part, size_t *left)
{
  const fw_bytes whole = fw_bytes_of_text(text);
  fw_status status = FW_PENDING;
  size_t at = 0;
  http1_begin(&parser);
  body_size = 0;
  while (status == FW_PENDING && at < whole.size) {
    const size_t size = part < whole.size - at ? part : whole.size - at;
    size_t taken = 0;
    fw_bytes piece;
    status = http1_feed(&parser, fw_bytes_view(&whole.data[at], size), &taken, &piece);
    CHECK(taken <= size);
    CHECK(taken != 0);
    memcpy(&body[body_size], piece.data, piece.size);
    body_size += piece.size;
    at += taken;
  }
  *left = whole.size - at;
  return status;
}

static fw_status read_all(const char *text)
{
  size_t left = 0;
  return feed(text, 10000, &left);
}

static const char ANSWER[] =
  "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\ncontent-TYPE: Application/CBOR\r\n"
  "Content-Length:\t 5 \r\nConnection: keep-alive\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n";

static void answers(void)
{
  IT("reads an answer however it is split, and leaves the next one") {
    for (size_t part = 1; part < sizeof ANSWER; part++) {
      size_t left = 0;
      CHECK_EQ(feed(ANSWER, part, &left), FW_OK);
      CHECK_EQ(body_size, 5);
      CHECK_BYTES(body, "hello", 5);
      CHECK_EQ(parser.answer.status, 200);
      CHECK(parser.answer.is_cbor);
      CHECK(!parser.answer.is_cose);
      CHECK(!parser.answer.closes);
      if (part == sizeof ANSWER - 1) {
        CHECK_EQ(left, 27);
      }
    }
  }
  IT("waits for what is missing, wherever it is cut") {
    for (size_t size = 0; size < strlen(ANSWER) - 27; size++) {
      size_t taken = 0;
      fw_bytes piece;
      http1_begin(&parser);
      CHECK_EQ(http1_feed(&parser, FW_BYTES(ANSWER, size), &taken, &piece), FW_PENDING);
      CHECK_EQ(taken, size);
    }
  }
  IT("204 and 304 have no body and need no length") {
    CHECK_EQ(read_all("HTTP/1.1 204\r\n\r\n"), FW_OK);
    CHECK_EQ(parser.answer.status, 204);
    CHECK_EQ(read_all("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"), FW_OK);
    CHECK_EQ(read_all("HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n"), FW_OK);
  }
  IT("passes over informational answers, up to four") {
    CHECK_EQ(read_all("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 x\r\n\r\n"), FW_OK);
    CHECK_EQ(parser.answer.status, 204);
    CHECK_EQ(read_all("HTTP/1.1 100 a\r\n\r\nHTTP/1.1 100 a\r\n\r\nHTTP/1.1 100 a\r\n\r\nHTTP/1.1 100 a\r\n\r\n"
                      "HTTP/1.1 100 a\r\n\r\n"),
             FW_ERR_HTTP_STATUS_LINE);
  }
  IT("reads when to try again, whether the connection ends, and a range") {
    CHECK_EQ(read_all("HTTP/1.1 503 x\r\nRetry-After: 120\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(parser.answer.has_retry_after);
    CHECK_EQ(parser.answer.retry_after_s, 120);
    CHECK(parser.answer.closes);
    CHECK_EQ(read_all("HTTP/1.1 503 x\r\nRetry-After: Sat, 21 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(!parser.answer.has_retry_after);
    CHECK_EQ(read_all("HTTP/1.1 206 x\r\nContent-Range: bytes 4096-8191/705024\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(parser.answer.has_range);
    CHECK_EQ(parser.answer.range_first, 4096);
    CHECK_EQ(parser.answer.range_last, 8191);
    CHECK_EQ(parser.answer.range_total, 705024);
  }
  IT("knows a media type with and without parameters, and no longer name for it") {
    CHECK_EQ(read_all("HTTP/1.1 200 x\r\nContent-Type: application/cose; cose-type=\"cose-sign\"\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(parser.answer.is_cose);
    CHECK(!parser.answer.is_cbor);
    CHECK_EQ(read_all("HTTP/1.1 200 x\r\nContent-Type: application/cbor ;x=y\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(parser.answer.is_cbor);
    CHECK_EQ(read_all("HTTP/1.1 200 x\r\nContent-Type: application/cbor-seq\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(!parser.answer.is_cbor);
    CHECK_EQ(read_all("HTTP/1.1 200 x\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"), FW_OK);
    CHECK(!parser.answer.is_cbor);
  }
  IT("passes over a long line that it does not read") {
    static char text[600];
    memset(text, 'x', sizeof text);
    memcpy(text, "HTTP/1.1 200 x\r\nReport-To: ", 27);
    memcpy(&text[500], "\r\nContent-Length: 1\r\n\r\nA", 25);
    CHECK_EQ(read_all(text), FW_OK);
    CHECK_EQ(body[0], 'A');
  }
  IT("passes over a field whose name only looks like one that it reads") {
    CHECK_EQ(read_all("HTTP/1.1 200 x\r\nxontent-length: 9\r\nContent-Length: 0\r\n\r\n"), FW_OK);
  }
  IT("an answer that ended takes nothing more") {
    size_t taken = 9;
    fw_bytes piece;
    CHECK_EQ(read_all("HTTP/1.1 204 x\r\n\r\n"), FW_OK);
    CHECK_EQ(http1_feed(&parser, fw_bytes_of_text("more"), &taken, &piece), FW_OK);
    CHECK_EQ(taken, 0);
    CHECK_EQ(piece.size, 0);
  }
}

static void refused(const char *text, fw_status status)
{
  CHECK_EQ(read_all(text), status);
  CHECK_EQ(parser.phase, HTTP1_FAILED);
}

static void refusals(void)
{
  static const char *const lengths[] = {
    "Content-Length: -1", "Content-Length: 0x10", "Content-Length: 4294967296", "Content-Length: 1, 1",
    "Content-Length:", "Content-Length: 99999999999999999999999", "Content-Length: 1\r\nContent-Length: 1",
  };
  static const char *const ranges[] = {
    "items 0-1/2", "bytes 0-1/1", "bytes 2-1/4", "bytes 0-1", "bytes */4", "bytes 0-1/*", "bytes -1/4",
    "bytes 0/4",   "bytes 0-1/2x", "bytes", "bytes 0-/4", "bytes 4294967296-1/2",
  };
  static const char *const lines[] = {
    "no colon", "nocolon", " folded: x", ": no name", "two words: x", "tab\tname: x", "Content-Length : 1",
  };
  char text[256];
  IT("refuses other versions and broken status lines") {
    refused("HTTP/1.0 200 OK\r\n", FW_ERR_HTTP_VERSION);
    refused("HTTP/2 200\r\n", FW_ERR_HTTP_VERSION);
    refused("\r\n", FW_ERR_HTTP_VERSION);
    refused("HTTP/1.1 \r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 20 OK\r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 2000 OK\r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 099 OK\r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 600 OK\r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 200OK\r\n", FW_ERR_HTTP_STATUS_LINE);
    refused("HTTP/1.1 2x0 OK\r\n", FW_ERR_HTTP_STATUS_LINE);
  }
  IT("refuses a body whose length is missing, twice or no number") {
    refused("HTTP/1.1 200 OK\r\n\r\n", FW_ERR_HTTP_LENGTH);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
      (void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\n%s\r\n\r\n", lengths[i]);
      refused(text, FW_ERR_HTTP_LENGTH);
    }
  }
  IT("refuses codings of the body") {
    refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", FW_ERR_HTTP_ENCODING);
    refused("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n", FW_ERR_HTTP_ENCODING);
  }
  IT("refuses ranges that can't be") {
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
      (void)snprintf(text, sizeof text, "HTTP/1.1 206 x\r\nContent-Range: %s\r\n", ranges[i]);
      refused(text, FW_ERR_HTTP_HEADER);
    }
  }
  IT("refuses lines that are no fields") {
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
      (void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\n%s\r\n", lines[i]);
      refused(text, FW_ERR_HTTP_HEADER);
    }
  }
  IT("refuses a CR or LF alone, and control characters") {
    refused("HTTP/1.1 200 OK\nX: y\r\n", FW_ERR_HTTP_HEADER);
    refused("HTTP/1.1 200 OK\rX: y\r\n", FW_ERR_HTTP_HEADER);
    refused("HTTP/1.1 200 OK\r\nX: \x01\r\n", FW_ERR_HTTP_HEADER);
    refused("HTTP/1.1 200 OK\r\nX: \x7f\r\n", FW_ERR_HTTP_HEADER);
  }
  IT("refuses a line it should read but can't hold") {
    memset(text, ' ', sizeof text);
    memcpy(text, "HTTP/1.1 200 x\r\nContent-Length: ", 32);
    memcpy(&text[240], "1\r\n\r\n", 6);
    refused(text, FW_ERR_HTTP_HEADER);
  }
  IT("refuses a head without end, and stays refused") {
    static char huge[HTTP1_HEAD_MAX + 200];
    size_t taken = 0;
    fw_bytes piece;
    memset(huge, 'x', sizeof huge - 1);
    memcpy(huge, "HTTP/1.1 200 x\r\nX: ", 19);
    refused(huge, FW_ERR_HTTP_HEAD_SIZE);
    CHECK_EQ(http1_feed(&parser, fw_bytes_of_text("x"), &taken, &piece), FW_ERR_HTTP_HEAD_SIZE);
    CHECK_EQ(taken, 0);
  }
}

int main(void)
{
  requests();
  answers();
  refusals();
  return check_report("http1");
}
