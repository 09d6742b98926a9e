/* What names a shopper: taken once, sent, gone. That it can't leave by another way is test/compile-fail's to show. */
#include "check.h"

#include "messages.h"
#include "secret.h"

static const uint8_t SESSION[16] = {1};
static const uint8_t KID[8] = {2};
static const uint8_t SIGNATURE[64] = {3};
static const msg_envelope ENVELOPE = {SESSION, 1, 2, 3};
static secret_text secret;
static secret_frame frame;
static uint8_t source[128];
static uint8_t digest[32];
static uint8_t sent[256];
static fw_buffer sink_buffer;

static void sink(void *context, fw_bytes bytes)
{
  fw_buffer_put((fw_buffer *)context, bytes);
}

static fw_status take(secret_kind kind, const char *text, uint64_t now_ms)
{
  const size_t size = strlen(text);
  memcpy(source, text, size);
  return secret_take(&secret, kind, source, size, now_ms);
}

/* Whether a text is anywhere in some memory. */
static int holds(const void *memory, size_t size, const char *text)
{
  for (size_t i = 0; i + strlen(text) <= size; i++) {
    if (memcmp((const uint8_t *)memory + i, text, strlen(text)) == 0) {
      return 1;
    }
  }
  return 0;
}

static fw_bytes purpose(void)
{
  return fw_bytes_of_text("cartwright/1 POST /x");
}

static fw_status begin(void)
{
  return secret_frame_begin(&frame, &secret, &ENVELOPE, KID, purpose(), digest);
}

static fw_status send_at(uint64_t now_ms)
{
  sink_buffer = fw_buffer_over(sent, sizeof sent);
  return secret_frame_send(&frame, now_ms, sink, &sink_buffer);
}

static const char TOKEN[] = "AbCdEfGhIjKlMnOpQrStUv01";
static const char LONGEST[] = "0123456789012345678901234567890123456789012345678901234567890123";

static void taking(void)
{
  IT("takes each kind in its form, and wipes where it came from") {
    static const uint8_t zeros[128] = {0};
    CHECK_EQ(take(SECRET_CARD, TOKEN, 0), FW_OK);
    CHECK_BYTES(source, zeros, sizeof source);
    CHECK_EQ(secret_kind_of(&secret), SECRET_CARD);
    CHECK_EQ(take(SECRET_LOYALTY, "1234", 0), FW_OK);
    CHECK_EQ(take(SECRET_LOYALTY, "12345678901234567890123456789012", 0), FW_OK);
    CHECK_EQ(take(SECRET_PAIRING, "12345678", 0), FW_OK);
    CHECK_EQ(take(SECRET_PAIRING, LONGEST, 0), FW_OK);
    CHECK_EQ(secret_kind_of(&secret), SECRET_PAIRING);
  }
  IT("refuses another form, keeps nothing of it and nothing from before, and wipes the source all the same") {
    static const uint8_t zeros[128] = {0};
    static const struct {
      secret_kind kind;
      const char *text;
    } bad[] = {
      {SECRET_CARD, "AbCdEfGhIjKlMnOpQrStUv0"},
      {SECRET_CARD, "AbCdEfGhIjKlMnOpQrStUv012"},
      {SECRET_CARD, "AbCdEfGhIjKlMnOpQrStUv0-"},
      {SECRET_CARD, "AbCdEfGhIjKlMnOpQrStUv0\xc3"},
      {SECRET_LOYALTY, "123"},
      {SECRET_LOYALTY, "123456789012345678901234567890123"},
      {SECRET_LOYALTY, "1234\xff"},
      {SECRET_PAIRING, "1234567"},
      {SECRET_PAIRING, "01234567890123456789012345678901234567890123456789012345678901234"},
      {SECRET_NONE, "12345678"},
      {(secret_kind)9, "12345678"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
      CHECK_EQ(take(SECRET_LOYALTY, "earlier", 0), FW_OK);
      CHECK_EQ(take(bad[i].kind, bad[i].text, 0), FW_ERR_FIELD);
      CHECK_EQ(secret_kind_of(&secret), SECRET_NONE);
      CHECK_BYTES(source, zeros, sizeof source);
      CHECK(!holds(&secret, sizeof secret, "earlier"));
    }
  }
  IT("a loyalty number is not held to the letters of a card token") {
    CHECK_EQ(take(SECRET_LOYALTY, "LOY-\xc3\xa9", 0), FW_OK);
  }
}

static void expiring(void)
{
  IT("is held for 60 seconds and then wiped, once") {
    CHECK_EQ(take(SECRET_CARD, TOKEN, 1000), FW_OK);
    CHECK(!secret_expire(&secret, 1000 + SECRET_HOLD_MS - 1));
    CHECK(holds(&secret, sizeof secret, TOKEN));
    CHECK(secret_expire(&secret, 1000 + SECRET_HOLD_MS));
    CHECK(!holds(&secret, sizeof secret, "AbCd"));
    CHECK(!secret_expire(&secret, 1000 + 2 * SECRET_HOLD_MS));
    CHECK_EQ(begin(), FW_ERR_SECRET_GONE);
  }
}

static void sending(void)
{
  IT("moves into one frame and leaves nothing behind") {
    CHECK_EQ(take(SECRET_CARD, TOKEN, 1000), FW_OK);
    CHECK_EQ(begin(), FW_OK);
    CHECK_EQ(secret_kind_of(&secret), SECRET_NONE);
    CHECK(!holds(&secret, sizeof secret, "AbCd"));
    CHECK_EQ(secret_frame_size(&frame), 0);
    CHECK_EQ(send_at(1000), FW_ERR_SECRET_GONE);
    CHECK_EQ(secret_frame_finish(&frame, SIGNATURE), FW_OK);
    CHECK_EQ(secret_frame_finish(&frame, SIGNATURE), FW_ERR_SECRET_GONE);
  }
  IT("repeats the same bytes until it is wiped") {
    static uint8_t first[256];
    CHECK_EQ(send_at(1000), FW_OK);
    CHECK_EQ(sink_buffer.size, secret_frame_size(&frame));
    CHECK(holds(sent, sink_buffer.size, TOKEN));
    memcpy(first, sent, sink_buffer.size);
    CHECK_EQ(send_at(2000), FW_OK);
    CHECK_BYTES(sent, first, sink_buffer.size);
    secret_frame_wipe(&frame);
    CHECK(!holds(&frame, sizeof frame, "AbCd"));
    CHECK_EQ(send_at(2000), FW_ERR_SECRET_GONE);
    CHECK_EQ(sink_buffer.size, 0);
    CHECK_EQ(secret_frame_finish(&frame, SIGNATURE), FW_ERR_SECRET_GONE);
  }
  IT("a frame is too old 60 seconds after the secret was taken, signed or not") {
    CHECK_EQ(take(SECRET_CARD, TOKEN, 1000), FW_OK);
    CHECK_EQ(begin(), FW_OK);
    CHECK(!secret_frame_expire(&frame, 1000 + SECRET_HOLD_MS - 1));
    CHECK(secret_frame_expire(&frame, 1000 + SECRET_HOLD_MS));
    CHECK(!secret_frame_expire(&frame, 1000 + SECRET_HOLD_MS));
    CHECK_EQ(take(SECRET_CARD, TOKEN, 1000), FW_OK);
    CHECK_EQ(begin(), FW_OK);
    CHECK_EQ(secret_frame_finish(&frame, SIGNATURE), FW_OK);
    CHECK_EQ(send_at(1000 + SECRET_HOLD_MS), FW_ERR_SECRET_GONE);
    CHECK(!holds(&frame, sizeof frame, "AbCd"));
  }
  IT("without a session there is nothing to say it in: wiped") {
    static const msg_envelope no_session = {NULL, 1, 2, 3};
    CHECK_EQ(take(SECRET_CARD, TOKEN, 1000), FW_OK);
    CHECK_EQ(secret_frame_begin(&frame, &secret, &no_session, KID, purpose(), digest), FW_ERR_ARGUMENT);
    CHECK_EQ(secret_kind_of(&secret), SECRET_NONE);
    CHECK(!holds(&frame, sizeof frame, "AbCd"));
  }
  IT("the longest secret in the longest envelope fits") {
    static const msg_envelope longest = {SESSION, UINT32_MAX, UINT32_MAX, CBOR_MAX_INTEGER};
    CHECK_EQ(take(SECRET_PAIRING, LONGEST, 0), FW_OK);
    CHECK_EQ(secret_frame_begin(&frame, &secret, &longest, KID, purpose(), digest), FW_OK);
    CHECK_EQ(secret_frame_finish(&frame, SIGNATURE), FW_OK);
    CHECK_EQ(send_at(0), FW_OK);
    CHECK(holds(sent, sink_buffer.size, LONGEST));
    secret_wipe(&secret);
    secret_frame_wipe(&frame);
  }
}

int main(void)
{
  taking();
  expiring();
  sending();
  return check_report("secret");
}
