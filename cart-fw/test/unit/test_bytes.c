#include "check.h"

#include "bytes.h"
#include "utf8.h"

static uint8_t memory[32];

static void views(void)
{
  static const uint8_t three[] = {1, 2, 3};
  IT("a view names bytes, and text without its end") {
    CHECK_EQ(FW_BYTES(three, sizeof three).size, 3);
    CHECK_EQ(FW_BYTES("abc", 2).size, 2);
    CHECK_EQ(fw_bytes_of_text("").size, 0);
    CHECK_BYTES(fw_bytes_of_text("abc").data, "abc", 3);
  }
  IT("two views are equal when their bytes are") {
    CHECK(fw_bytes_equal(fw_bytes_of_text("abc"), FW_BYTES("abcd", 3)));
    CHECK(!fw_bytes_equal(fw_bytes_of_text("abc"), fw_bytes_of_text("abd")));
    CHECK(!fw_bytes_equal(fw_bytes_of_text("abc"), fw_bytes_of_text("ab")));
    CHECK(fw_bytes_equal(fw_bytes_view(NULL, 0), fw_bytes_of_text("")));
  }
}

static void buffers(void)
{
  fw_buffer buffer = fw_buffer_over(memory, 8);
  IT("a buffer fills from the front up to its last byte") {
    fw_buffer_put_text(&buffer, "abc");
    fw_buffer_put_byte(&buffer, 'd');
    fw_buffer_put(&buffer, fw_bytes_view(NULL, 0));
    fw_buffer_put_hex(&buffer, fw_bytes_view((const uint8_t *)"\x0f\xa0", 2));
    CHECK_EQ(buffer.status, FW_OK);
    CHECK(fw_bytes_equal(fw_bytes_written(&buffer), fw_bytes_of_text("abcd0fa0")));
  }
  IT("what does not fit is left out whole, and the error stays") {
    fw_buffer_put_byte(&buffer, 'x');
    CHECK_EQ(buffer.status, FW_ERR_SPACE);
    buffer.size = 0;
    fw_buffer_put_text(&buffer, "a");
    CHECK_EQ(buffer.size, 0);
    CHECK_EQ(fw_bytes_written(&buffer).size, 0);
    fw_buffer_fail(&buffer, FW_ERR_FIELD);
    CHECK_EQ(buffer.status, FW_ERR_SPACE);
  }
  IT("numbers are written without leading zeros") {
    buffer = fw_buffer_over(memory, sizeof memory);
    fw_buffer_put_decimal(&buffer, 0);
    fw_buffer_put_byte(&buffer, ' ');
    fw_buffer_put_decimal(&buffer, UINT64_MAX);
    CHECK(fw_bytes_equal(fw_bytes_written(&buffer), fw_bytes_of_text("0 18446744073709551615")));
  }
  IT("a wipe leaves zeros") {
    static const uint8_t zeros[sizeof memory] = {0};
    fw_wipe(memory, sizeof memory);
    CHECK_BYTES(memory, zeros, sizeof memory);
  }
}

static void names(void)
{
  IT("each status has a name of its own, and nothing else has one") {
    for (int i = 0; i < (int)FW_STATUS_COUNT; i++) {
      CHECK(strcmp(fw_status_name((fw_status)i), "no_such_status") != 0);
      for (int other = 0; other < i; other++) {
        CHECK(strcmp(fw_status_name((fw_status)i), fw_status_name((fw_status)other)) != 0);
      }
    }
    CHECK(strcmp(fw_status_name(FW_STATUS_COUNT), "no_such_status") == 0);
    CHECK(strcmp(fw_status_name(FW_OK), "ok") == 0);
  }
}

static uint32_t only_character(const char *text)
{
  const fw_bytes bytes = fw_bytes_of_text(text);
  size_t at = 0;
  uint32_t code_point = 0;
  CHECK(utf8_next(bytes, &at, &code_point));
  CHECK_EQ(at, bytes.size);
  return code_point;
}

static void characters(void)
{
  IT("reads the first and the last character of each length") {
    CHECK_EQ(only_character("\x7f"), 0x7F);
    CHECK_EQ(only_character("\xc2\x80"), 0x80);
    CHECK_EQ(only_character("\xdf\xbf"), 0x7FF);
    CHECK_EQ(only_character("\xe0\xa0\x80"), 0x800);
    CHECK_EQ(only_character("\xed\x9f\xbf"), 0xD7FF);
    CHECK_EQ(only_character("\xee\x80\x80"), 0xE000);
    CHECK_EQ(only_character("\xef\xbf\xbf"), 0xFFFF);
    CHECK_EQ(only_character("\xf0\x90\x80\x80"), 0x10000);
    CHECK_EQ(only_character("\xf4\x8f\xbf\xbf"), 0x10FFFF);
  }
  IT("refuses what RFC 3629 does not have") {
    static const char *const bad[] = {"\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",
                                      "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",     "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82",
                                      "\xf0\x9f\x98", "\xc2\x41",     "\xe2\x41\x80",     "\xf0\x9f\x98\xc0"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
      CHECK(!utf8_is_valid(fw_bytes_of_text(bad[i])));
    }
    CHECK(!utf8_is_valid(fw_bytes_of_text("good, then\xff")));
  }
  IT("an empty text is valid") {
    CHECK(utf8_is_valid(fw_bytes_view(NULL, 0)));
  }
}

int main(void)
{
  views();
  buffers();
  names();
  characters();
  return check_report("bytes");
}
