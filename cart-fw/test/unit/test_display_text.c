#include "check.h"

#include "display_text.h"

static uint8_t memory[128];

static void check_shown(const char *text, size_t characters, const char *expected)
{
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  display_text_put(&out, fw_bytes_of_text(text), characters);
  CHECK_EQ(out.status, FW_OK);
  CHECK(fw_bytes_equal(fw_bytes_written(&out), fw_bytes_of_text(expected)));
}

static void texts(void)
{
  IT("shows letters of any script") {
    check_shown("Milk 1 l", 99, "Milk 1 l");
    check_shown("\xc3\x84pfel \xf0\x9f\x8d\x8e \xd7\xa9", 99, "\xc3\x84pfel \xf0\x9f\x8d\x8e \xd7\xa9");
  }
  IT("leaves out control characters, marks that turn the direction, and what hides") {
    check_shown("a\x01\x1f\x7f\tb", 99, "ab");
    check_shown("a\xc2\x80\xc2\x9f\xc2\xad" "b", 99, "ab");
    check_shown("a\xe2\x80\x8b\xe2\x80\x8f\xe2\x80\xaa\xe2\x80\xae\xe2\x81\xa6\xe2\x81\xa9" "b", 99, "ab");
    check_shown("a\xd8\x9c\xef\xbb\xbf\xe2\x80\xa8\xf3\xa0\x81\x81" "b", 99, "ab");
  }
  IT("shows their neighbours") {
    check_shown(" ~\xc2\xa0\xc2\xac\xc2\xae\xe2\x80\x8a\xe2\x80\x90", 99, " ~\xc2\xa0\xc2\xac\xc2\xae\xe2\x80\x8a\xe2\x80\x90");
  }
  IT("cuts between characters, by their number and by the room") {
    fw_buffer out = fw_buffer_over(memory, 5);
    check_shown("\xc3\xa9\xc3\xa9\xc3\xa9", 2, "\xc3\xa9\xc3\xa9");
    check_shown("abc", 0, "");
    display_text_put(&out, fw_bytes_of_text("\xc3\xa9\xc3\xa9\xc3\xa9x"), 99);
    CHECK_EQ(out.size, 4);
    CHECK_EQ(out.status, FW_OK);
  }
  IT("shows nothing of what is not UTF-8") {
    check_shown("abc\xff", 99, "");
  }
}

static void nicknames(void)
{
  display_nickname nickname;
  IT("a nickname has twelve characters at most, of up to four bytes") {
    display_nickname_set(&nickname, fw_bytes_of_text("Zo\xc3\xab \xf0\x9f\x98\x80 1234567"));
    CHECK(fw_bytes_equal(fw_bytes_view(nickname.utf8, nickname.size),
                         fw_bytes_of_text("Zo\xc3\xab \xf0\x9f\x98\x80 123456")));
    uint8_t faces[13 * 4];
    for (size_t i = 0; i < sizeof faces; i++) {
      faces[i] = (uint8_t)"\xf0\x9f\x98\x80"[i % 4];
    }
    display_nickname_set(&nickname, FW_BYTES(faces, sizeof faces));
    CHECK_EQ(nickname.size, DISPLAY_NICKNAME_SIZE);
  }
  IT("can't turn the line that it stands in") {
    display_nickname_set(&nickname, fw_bytes_of_text("\xe2\x80\xae" "evil\x1b[2J"));
    CHECK(fw_bytes_equal(fw_bytes_view(nickname.utf8, nickname.size), fw_bytes_of_text("evil[2J")));
  }
  IT("leaves nothing behind") {
    static const uint8_t zeros[48] = {0};
    display_nickname_wipe(&nickname);
    CHECK_EQ(nickname.size, 0);
    CHECK_BYTES(nickname.utf8, zeros, sizeof zeros);
    display_nickname_set(&nickname, fw_bytes_of_text("\xff"));
    CHECK_EQ(nickname.size, 0);
  }
}

int main(void)
{
  texts();
  nicknames();
  return check_report("display_text");
}
