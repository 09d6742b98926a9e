/* What protocol/vectors/frames.json and manifests.json do not reach. */
#include "check.h"

#include "cose.h"

static const uint8_t KID[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t SIGNATURE[64] = {0xAA};
static uint8_t digest[32];

static void in_place(void)
{
  uint8_t memory[256];
  uint8_t separate[256];
  uint8_t same[32];
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  fw_buffer other = fw_buffer_over(separate, sizeof separate);
  const fw_bytes purpose = fw_bytes_of_text(COSE_PURPOSE_STORE_BEACON);
  IT("a payload that lies in the frame's own buffer is moved into place") {
    for (size_t size = 0; size < 100; size += 11) {
      out = fw_buffer_over(memory, sizeof memory);
      other = fw_buffer_over(separate, sizeof separate);
      for (size_t i = 0; i < size; i++) {
        memory[COSE_SIGN1_HEAD_MAX + i] = (uint8_t)i;
      }
      uint8_t copy[100];
      memcpy(copy, &memory[COSE_SIGN1_HEAD_MAX], size);
      CHECK_EQ(cose_sign1_begin(&out, KID, fw_bytes_view(&memory[COSE_SIGN1_HEAD_MAX], size), purpose, digest), FW_OK);
      CHECK_EQ(cose_sign1_begin(&other, KID, fw_bytes_view(copy, size), purpose, same), FW_OK);
      CHECK_EQ(cose_sign1_finish(&out, SIGNATURE), FW_OK);
      CHECK_EQ(cose_sign1_finish(&other, SIGNATURE), FW_OK);
      CHECK(fw_bytes_equal(fw_bytes_written(&out), fw_bytes_written(&other)));
      CHECK_BYTES(digest, same, 32);
      CHECK(out.size <= size + COSE_SIGN1_OVERHEAD_MAX);
    }
  }
}

static void too_small(void)
{
  uint8_t memory[128];
  const fw_bytes payload = fw_bytes_of_text("payload");
  const fw_bytes purpose = fw_bytes_of_text("p");
  IT("a buffer that is too small by any number of bytes is refused") {
    fw_buffer out = fw_buffer_over(memory, sizeof memory);
    (void)cose_sign1_begin(&out, KID, payload, purpose, digest);
    (void)cose_sign1_finish(&out, SIGNATURE);
    const size_t whole = out.size;
    for (size_t capacity = 0; capacity < whole; capacity++) {
      out = fw_buffer_over(memory, capacity);
      (void)cose_sign1_begin(&out, KID, payload, purpose, digest);
      CHECK_EQ(cose_sign1_finish(&out, SIGNATURE), FW_ERR_SPACE);
    }
  }
}

static void purposes(void)
{
  uint8_t other[32];
  const fw_bytes payload = fw_bytes_of_text("payload");
  IT("each purpose and each context has a digest of its own") {
    cose_sign1_digest(payload, fw_bytes_of_text(COSE_PURPOSE_CELL_KEY), digest);
    cose_sign1_digest(payload, fw_bytes_of_text(COSE_PURPOSE_STORE_BEACON), other);
    CHECK(memcmp(digest, other, 32) != 0);
    cose_sign_digest(payload, fw_bytes_of_text(COSE_PURPOSE_CELL_KEY), other);
    CHECK(memcmp(digest, other, 32) != 0);
    cose_sign1_digest(fw_bytes_of_text("payloa"), fw_bytes_of_text(COSE_PURPOSE_CELL_KEY), other);
    CHECK(memcmp(digest, other, 32) != 0);
  }
}

/* Each part of a frame in turn as an item of another type: TypeScript's vectors hold most, these the rest. */
static void other_types(void)
{
  static const struct {
    const char *frame;
    size_t size;
    fw_status status;
  } one[] = {
    {"\xd2\x00", 2, FW_ERR_COSE_SHAPE},
    {"\xd2\x80", 2, FW_ERR_COSE_SHAPE},
    {"\xd2\x84\x00\x00\x00\x00", 6, FW_ERR_COSE_PROTECTED},
    {"\xd2\x84\x43\xa1\x01\x25\x00\x00\x00", 9, FW_ERR_COSE_PROTECTED},
    {"\xd2\x84\x43\xa1\x01\x26\x80\x00\x00", 9, FW_ERR_COSE_UNPROTECTED},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x61\x34\x00\x00\x00", 12, FW_ERR_COSE_UNPROTECTED},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x05\x00\x00\x00", 11, FW_ERR_COSE_UNPROTECTED},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x04\x00\x00\x00", 11, FW_ERR_COSE_KID},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x04\x48\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00", 19, FW_ERR_COSE_PAYLOAD},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x04\x48\x01\x02\x03\x04\x05\x06\x07\x08\x40\x00", 19, FW_ERR_COSE_SIGNATURE_FORM},
    {"\xd2\x84\x43\xa1\x01\x26\xa1\x04\x48\x01\x02\x03\x04\x05\x06\x07\x08\x40\x40", 19, FW_ERR_COSE_SIGNATURE_FORM},
  };
  static const struct {
    const char *frame;
    size_t size;
    fw_status status;
  } two[] = {
    {"\xd8\x62\x00", 3, FW_ERR_COSE_SHAPE},
    {"\xd8\x62\x84\x00\xa0\x40\x80", 7, FW_ERR_COSE_PROTECTED},
    {"\xd8\x62\x84\x40\x00\x40\x80", 7, FW_ERR_COSE_UNPROTECTED},
    {"\xd8\x62\x84\x40\xa0\x00\x80", 7, FW_ERR_COSE_PAYLOAD},
    {"\xd8\x62\x84\x40\xa0\x40\x00", 7, FW_ERR_COSE_SHAPE},
    {"\xd8\x62\x84\x40\xa0\x40\x82\x00\x00", 9, FW_ERR_COSE_SHAPE},
    {"\xd8\x62\x84\x40\xa0\x40\x82\x83\x40\xa0\x40\x00", 12, FW_ERR_COSE_PROTECTED},
    {"\xd8\x62\x84\x40\xa0\x40\x82\x83\x43\xa1\x01\x26\xa0\x40\x00", 15, FW_ERR_COSE_UNPROTECTED},
  };
  cose_sign1 parts;
  cose_sign both;
  IT("an item of another type is refused where it stands") {
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
      CHECK_EQ(cose_sign1_decode(FW_BYTES(one[i].frame, one[i].size), &parts), one[i].status);
    }
    for (size_t i = 0; i < sizeof two / sizeof two[0]; i++) {
      CHECK_EQ(cose_sign_decode(FW_BYTES(two[i].frame, two[i].size), &both), two[i].status);
    }
  }
}

int main(void)
{
  in_place();
  too_small();
  purposes();
  other_types();
  return check_report("cose");
}
