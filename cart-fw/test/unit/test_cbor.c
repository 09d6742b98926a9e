/* What protocol/vectors/items.json does not reach: the writer, the reader on its own, and limits. */
#include "check.h"

#include "cbor.h"

static uint8_t memory[64];
static fw_buffer out;

static fw_buffer *fresh(void)
{
  out = fw_buffer_over(memory, sizeof memory);
  return &out;
}

static void check_written(const char *expected, size_t size)
{
  CHECK_EQ(out.status, FW_OK);
  CHECK(fw_bytes_equal(fw_bytes_written(&out), FW_BYTES(expected, size)));
}

static void writing(void)
{
  IT("writes each integer in the fewest bytes") {
    static const struct {
      int64_t value;
      const char *bytes;
      size_t size;
    } cases[] = {
      {0, "\x00", 1},
      {23, "\x17", 1},
      {24, "\x18\x18", 2},
      {255, "\x18\xff", 2},
      {256, "\x19\x01\x00", 3},
      {65535, "\x19\xff\xff", 3},
      {65536, "\x1a\x00\x01\x00\x00", 5},
      {4294967295, "\x1a\xff\xff\xff\xff", 5},
      {4294967296, "\x1b\x00\x00\x00\x01\x00\x00\x00\x00", 9},
      {9007199254740991, "\x1b\x00\x1f\xff\xff\xff\xff\xff\xff", 9},
      {-1, "\x20", 1},
      {-24, "\x37", 1},
      {-25, "\x38\x18", 2},
      {-9007199254740991, "\x3b\x00\x1f\xff\xff\xff\xff\xff\xfe", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
      cbor_put_int(fresh(), cases[i].value);
      check_written(cases[i].bytes, cases[i].size);
    }
  }
  IT("refuses integers that the other side could not hold") {
    cbor_put_uint(fresh(), CBOR_MAX_INTEGER + 1u);
    CHECK_EQ(out.status, FW_ERR_CBOR_RANGE);
    cbor_put_int(fresh(), -(int64_t)CBOR_MAX_INTEGER - 1);
    CHECK_EQ(out.status, FW_ERR_CBOR_RANGE);
    cbor_put_int(fresh(), INT64_MIN);
    CHECK_EQ(out.status, FW_ERR_CBOR_RANGE);
  }
  IT("writes strings, arrays, maps and null") {
    cbor_put_array(fresh(), 4);
    cbor_put_text(&out, fw_bytes_of_text("a"));
    cbor_put_bytes(&out, fw_bytes_of_text("b"));
    cbor_put_map(&out, 0);
    cbor_put_null(&out);
    check_written("\x84\x61\x61\x41\x62\xa0\xf6", 7);
  }
}

static fw_status check_text(const char *bytes, size_t size, uint8_t tag)
{
  return cbor_check(FW_BYTES(bytes, size), tag, CBOR_MAX_SIZE);
}

static void checking(void)
{
  IT("takes one tag, where it is asked for, in its shortest form") {
    CHECK_EQ(check_text("\xd2\x01", 2, 18), FW_OK);
    CHECK_EQ(check_text("\xd8\x62\x01", 3, 98), FW_OK);
    CHECK_EQ(check_text("\x01", 1, 18), FW_ERR_CBOR_TAG);
    CHECK_EQ(check_text("\xd2\x01", 2, CBOR_NO_TAG), FW_ERR_CBOR_TAG);
    CHECK_EQ(check_text("\xd8\x12\x01", 3, 18), FW_ERR_CBOR_TAG);
    CHECK_EQ(check_text("\xd2\xd2\x01", 3, 18), FW_ERR_CBOR_TAG);
    CHECK_EQ(check_text("", 0, 18), FW_ERR_CBOR_TRUNCATED);
    CHECK_EQ(check_text("\xd2", 1, 18), FW_ERR_CBOR_TRUNCATED);
  }
  IT("counts the tag as a level") {
    CHECK_EQ(check_text("\xd2\x81\x81\x81\x81\x81\x81\x81\x00", 9, 18), FW_OK);
    CHECK_EQ(check_text("\xd2\x81\x81\x81\x81\x81\x81\x81\x81\x00", 10, 18), FW_ERR_CBOR_DEPTH);
  }
  IT("refuses what stands behind the floats in major type 7") {
    CHECK_EQ(check_text("\xfb", 1, CBOR_NO_TAG), FW_ERR_CBOR_FLOAT);
    CHECK_EQ(check_text("\xfc", 1, CBOR_NO_TAG), FW_ERR_CBOR_SIMPLE);
  }
  IT("holds to the size that it is given") {
    CHECK_EQ(cbor_check(FW_BYTES("\x82\x01\x02", 3), CBOR_NO_TAG, 3), FW_OK);
    CHECK_EQ(cbor_check(FW_BYTES("\x82\x01\x02", 3), CBOR_NO_TAG, 2), FW_ERR_CBOR_SIZE);
  }
  IT("keeps the order of keys in each map of its own, an empty one inside") {
    CHECK_EQ(check_text("\xa2\x01\xa2\x01\x02\x03\xa0\x02\x80", 9, CBOR_NO_TAG), FW_OK);
    CHECK_EQ(check_text("\xa2\x02\xa1\x01\x01\x01\x00", 7, CBOR_NO_TAG), FW_ERR_CBOR_KEY_ORDER);
    CHECK_EQ(check_text("\xa2\x01\xa1\x01\x01\x01\x00", 7, CBOR_NO_TAG), FW_ERR_CBOR_DUPLICATE_KEY);
  }
  IT("refuses an array, a map or null as a key") {
    CHECK_EQ(check_text("\xa1\x80\x00", 3, CBOR_NO_TAG), FW_ERR_CBOR_KEY_TYPE);
    CHECK_EQ(check_text("\xa1\xa0\x00", 3, CBOR_NO_TAG), FW_ERR_CBOR_KEY_TYPE);
    CHECK_EQ(check_text("\xa1\xf6\x00", 3, CBOR_NO_TAG), FW_ERR_CBOR_KEY_TYPE);
  }
}

static cbor_reader over(const char *bytes, size_t size)
{
  return cbor_reader_over(FW_BYTES(bytes, size));
}

static void reading(void)
{
  IT("reads what stands there") {
    cbor_reader r = over("\x85\x18\x18\x20\xf5\x41\x07\x61\x61", 9);
    CHECK_EQ(cbor_get_array(&r), 5);
    CHECK_EQ(cbor_get_uint(&r, 24, 24), 24);
    CHECK(!cbor_get_null(&r));
    CHECK_EQ(cbor_get_int(&r), -1);
    CHECK(cbor_get_bool(&r));
    CHECK_EQ(cbor_get_bytes(&r, 1, 1).data[0], 7);
    CHECK_EQ(cbor_get_text(&r, 0, 9).size, 1);
    CHECK_EQ(cbor_end(&r), FW_OK);
  }
  IT("says form for another type and field for another range, and keeps the first") {
    cbor_reader r = over("\x61\x61", 2);
    (void)cbor_get_int(&r);
    CHECK_EQ(r.status, FW_ERR_FORM);
    r = over("\x05", 1);
    CHECK_EQ(cbor_get_uint(&r, 6, 9), 0);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    r = over("\x05", 1);
    (void)cbor_get_uint(&r, 0, 4);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    r = over("\x20", 1);
    (void)cbor_get_uint(&r, 0, 4);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    r = over("\x42\x01\x02", 3);
    CHECK_EQ(cbor_get_bytes(&r, 3, 9).size, 0);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    r = over("\x42\x01\x02", 3);
    CHECK_EQ(cbor_get_bytes(&r, 0, 1).size, 0);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    cbor_fail(&r, FW_ERR_NONCE);
    CHECK_EQ(cbor_end(&r), FW_ERR_FIELD);
  }
  IT("reads true and false, and neither null nor a number as one") {
    cbor_reader r = over("\xf4", 1);
    CHECK(!cbor_get_bool(&r));
    CHECK_EQ(r.status, FW_OK);
    r = over("\xf6", 1);
    CHECK(!cbor_get_bool(&r));
    CHECK_EQ(r.status, FW_ERR_FORM);
    r = over("\x15", 1);
    CHECK(!cbor_get_bool(&r));
    CHECK_EQ(r.status, FW_ERR_FORM);
  }
  IT("reads null only where it is") {
    cbor_reader r = over("\xf6", 1);
    CHECK(cbor_get_null(&r));
    CHECK(!cbor_get_null(&r));
    CHECK_EQ(cbor_end(&r), FW_OK);
    r = over("\xf5", 1);
    CHECK(!cbor_get_null(&r));
  }
  IT("copies exactly as many bytes as it must") {
    uint8_t copy[2] = {9, 9};
    cbor_reader r = over("\x42\x01\x02", 3);
    cbor_copy_bytes(&r, copy, 2);
    CHECK_BYTES(copy, "\x01\x02", 2);
    r = over("\x41\x07", 2);
    cbor_copy_bytes(&r, copy, 2);
    CHECK_EQ(r.status, FW_ERR_FIELD);
    CHECK_BYTES(copy, "\x01\x02", 2);
  }
  IT("refuses counts that the bytes can't hold, beyond 2^32 too") {
    cbor_reader r = over("\x9b\x00\x00\x00\x01\x00\x00\x00\x00", 9);
    CHECK_EQ(cbor_get_array(&r), 0);
    CHECK_EQ(r.status, FW_ERR_CBOR_TRUNCATED);
    r = over("\xb8\x18", 2);
    CHECK_EQ(cbor_get_map(&r), 0);
    CHECK_EQ(r.status, FW_ERR_CBOR_TRUNCATED);
  }
  IT("knows no next item behind the end or behind an error") {
    cbor_reader r = over("", 0);
    CHECK(!cbor_next_is(&r, CBOR_UINT));
    r = over("\x01", 1);
    CHECK(cbor_next_is(&r, CBOR_UINT));
    CHECK(!cbor_next_is(&r, CBOR_TEXT));
    cbor_fail(&r, FW_ERR_FORM);
    CHECK(!cbor_next_is(&r, CBOR_UINT));
    CHECK_EQ(cbor_get_int(&r), 0);
  }
  IT("says so when bytes are left, and when another key stands there") {
    cbor_reader r = over("\x01\x02", 2);
    cbor_get_key(&r, 1);
    CHECK_EQ(cbor_end(&r), FW_ERR_CBOR_TRAILING);
    cbor_get_key(&r, 1);
    CHECK_EQ(cbor_end(&r), FW_ERR_FORM);
  }
}

int main(void)
{
  writing();
  checking();
  reading();
  return check_report("cbor");
}
