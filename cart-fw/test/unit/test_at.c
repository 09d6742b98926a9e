#include "at.h"
#include "check.h"

static at_lexer lexer;

static at_token feed(const char *text)
{
  at_token token = {AT_NOTHING, NULL, 0, 0};
  for (size_t i = 0; text[i] != '\0'; i++) {
    token = at_push(&lexer, (uint8_t)text[i]);
  }
  return token;
}

int main(void)
{
  uint32_t value = 0;
  at_init(&lexer);

  IT("cuts lines, whatever ends them, and passes over empty ones") {
    at_token token = feed("\r\nOK\r");
    CHECK_EQ(token.kind, AT_LINE);
    CHECK(at_is(&token, "OK"));
    CHECK_EQ(feed("\n\r\n").kind, AT_NOTHING);
    token = feed("+CSQ: 20,99\n");
    CHECK(at_starts(&token, "+CSQ: "));
    CHECK(!at_is(&token, "+CSQ: "));
    CHECK(!at_is(&token, "+CSQ: 20,98"));
    CHECK(!at_starts(&token, "+CSQ: 20,99,1"));
    CHECK(!at_starts(&token, "+CEREG"));
  }

  IT("sees a prompt at a line's start alone") {
    CHECK_EQ(feed("\r\n> ").kind, AT_PROMPT);
    CHECK_EQ(feed("\r\n>x\r").kind, AT_LINE);
    CHECK_EQ(feed("\r\na> ").kind, AT_NOTHING);
    CHECK_EQ(feed("\r").kind, AT_LINE);
    CHECK_EQ(feed("\x01> ").kind, AT_NOTHING);
    CHECK_EQ(feed("\r").kind, AT_NOTHING);
  }

  IT("hands over data as it is, after the line end that announced it") {
    CHECK_EQ(feed("\n+QSSLRECV: 3\r").kind, AT_LINE);
    at_expect_data(&lexer, 3);
    CHECK_EQ(feed("\n").kind, AT_NOTHING);
    at_token token = feed("\n");
    CHECK_EQ(token.kind, AT_DATA);
    CHECK_EQ(token.byte, '\n');
    token = feed("\r");
    CHECK_EQ(token.kind, AT_DATA);
    CHECK_EQ(token.byte, '\r');
    token = feed(">");
    CHECK_EQ(token.kind, AT_DATA);
    token = feed("\r\nOK\r");
    CHECK(at_is(&token, "OK"));
  }

  IT("passes over lines that are too long or hold bytes that no line has") {
    char big[AT_LINE_MAX + 2u];
    memset(big, 'x', sizeof big);
    big[AT_LINE_MAX + 1u] = '\0';
    (void)feed(big);
    CHECK_EQ(feed("\r").kind, AT_NOTHING);
    big[AT_LINE_MAX] = '\0';
    (void)feed(big);
    CHECK_EQ(feed("\r").size, AT_LINE_MAX);
    (void)feed("O\x80K");
    CHECK_EQ(feed("\r").kind, AT_NOTHING);
    CHECK_EQ(feed("OK\r").kind, AT_LINE);
  }

  IT("reads fields of decimal digits") {
    const at_token token = feed("+CEREG: 1,5,\"1A\",123456789,1234567890\r");
    CHECK(at_field(&token, "+CEREG: ", 0, &value));
    CHECK_EQ(value, 1);
    CHECK(at_field(&token, "+CEREG: ", 1, &value));
    CHECK_EQ(value, 5);
    CHECK(!at_field(&token, "+CEREG: ", 2, &value));
    CHECK(at_field(&token, "+CEREG: ", 3, &value));
    CHECK_EQ(value, 123456789);
    CHECK(!at_field(&token, "+CEREG: ", 4, &value));
    CHECK(!at_field(&token, "+CEREG: ", 5, &value));
    CHECK(!at_field(&token, "+CSQ: ", 0, &value));
    const at_token other = feed("+CSQ: 2:,\r");
    CHECK(!at_field(&other, "+CSQ: ", 0, &value));
    CHECK(!at_field(&other, "+CSQ: ", 1, &value));
    const at_token alone = feed("+CSQ: 20\r");
    CHECK(at_field(&alone, "+CSQ: ", 0, &value));
    CHECK_EQ(value, 20);
    const at_token slash = feed("+CSQ: 2/\r");
    CHECK(!at_field(&slash, "+CSQ: ", 0, &value));
  }

  IT("forgets what earlier lines left, and not the line under way") {
    (void)feed("a line with a token in it\rOK");
    at_wipe(&lexer);
    for (size_t i = 2; i < sizeof lexer.bytes; i++) {
      CHECK_EQ(lexer.bytes[i], 0);
    }
    CHECK_EQ(feed("\r").size, 2);
  }

  return check_report("at");
}
