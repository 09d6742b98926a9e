/* Statements as a cart judges them: protocol/vectors/statements-judged.json, and time passing. */
#include "check.h"

#include "_vectors.h"
#include "statements.h"

#define NOW 1795262400000u
#define HOUR 3600000u

static const uint8_t SERIAL[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                   0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static uint8_t nonce[16];
static uint8_t root[65];
static statement_cell_key cell_key;
static statement_store_attestation attestation;
static vectors file;
static uint8_t storage[VECTOR_BYTES_MAX];
static char name[VECTOR_TEXT_MAX];
static char text[VECTOR_TEXT_MAX];

static fw_status judge(const char *statement, fw_bytes frame, const statement_expectation *expected)
{
  statement_cell_key key;
  statement_beacon beacon;
  if (strcmp(statement, "cell key") == 0) {
    return statement_verify_cell_key(frame, root, STATEMENT_CELL_US, expected->now_ms, &key);
  }
  if (strcmp(statement, "store attestation") == 0) {
    return statement_verify_store_attestation(frame, &cell_key, expected, &attestation);
  }
  return statement_read_beacon(frame, nonce, &beacon);
}

static statement_expectation usual(void)
{
  const statement_expectation expected = {SERIAL, nonce, fw_bytes_of_text("us-demo"), NOW};
  return expected;
}

static void judged(void)
{
  const statement_expectation expected = usual();
  char statement[VECTOR_TEXT_MAX];
  vectors_open(&file, "statements-judged.json");
  while (vectors_next(&file)) {
    check_sentence = vectors_text(&file, "name", name);
    vectors_text(&file, "statement", statement);
    const fw_status status = judge(statement, vectors_bytes(&file, "frame", storage), &expected);
    if (strcmp(fw_status_name(status), vectors_text(&file, "result", text)) != 0) {
      (void)fprintf(stderr, "%s: %s, not %s\n", name, fw_status_name(status), text);
      CHECK(!"the status that the vector names");
    }
    check_count++;
  }
}

static fw_bytes frame_named(const char *wanted)
{
  fw_bytes found = fw_bytes_view(NULL, 0);
  vectors_open(&file, "statements.json");
  while (vectors_next(&file)) {
    if (strcmp(vectors_text(&file, "name", name), wanted) == 0) {
      found = vectors_bytes(&file, "frame", storage);
    }
  }
  return found;
}

static void in_time(void)
{
  statement_expectation expected = usual();
  IT("an attestation says where, and how long") {
    const fw_bytes frame = frame_named("store attestation");
    CHECK_EQ(statement_verify_store_attestation(frame, &cell_key, &expected, &attestation), FW_OK);
    CHECK(fw_bytes_equal(fw_bytes_view(attestation.store, attestation.store_size), fw_bytes_of_text("us-demo")));
    CHECK_EQ(attestation.expires_ms - attestation.not_before_ms, STATEMENT_ATTESTATION_MAX_MS);
  }
  IT("it is valid from its first millisecond to the one before its end") {
    CHECK(!statement_attestation_is_valid(&attestation, NOW - 1u));
    CHECK(statement_attestation_is_valid(&attestation, NOW));
    CHECK(statement_attestation_is_valid(&attestation, NOW + 12u * HOUR - 1u));
    CHECK(!statement_attestation_is_valid(&attestation, NOW + 12u * HOUR));
  }
  IT("a cart without a store of its own takes any store") {
    expected.store = fw_bytes_view(NULL, 0);
    const fw_bytes frame = frame_named("store attestation");
    CHECK_EQ(statement_verify_store_attestation(frame, &cell_key, &expected, &attestation), FW_OK);
  }
}

static void cells(void)
{
  statement_cell_key key;
  IT("a key for the cell us is none for the cell eu") {
    const fw_bytes frame = frame_named("cell key");
    CHECK_EQ(statement_verify_cell_key(frame, root, STATEMENT_CELL_EU, NOW, &key), FW_ERR_CELL);
    CHECK_EQ(statement_verify_cell_key(frame, root, STATEMENT_CELL_US, NOW, &key), FW_OK);
    CHECK_EQ(key.cell, STATEMENT_CELL_US);
  }
}

static void broken(void)
{
  statement_beacon beacon;
  statement_cell_key key;
  const statement_expectation expected = usual();
  IT("is refused wherever it is cut") {
    const fw_bytes frame = frame_named("beacon statement");
    for (size_t size = 0; size < frame.size; size++) {
      CHECK(statement_read_beacon(fw_bytes_view(frame.data, size), nonce, &beacon) != FW_OK);
      CHECK(statement_verify_cell_key(fw_bytes_view(frame.data, size), root, STATEMENT_CELL_US, NOW, &key) != FW_OK);
      CHECK(judge("store attestation", fw_bytes_view(frame.data, size), &expected) != FW_OK);
    }
  }
  IT("a beacon's statement names its store") {
    CHECK_EQ(statement_read_beacon(frame_named("beacon statement"), nonce, &beacon), FW_OK);
    CHECK(fw_bytes_equal(beacon.store, fw_bytes_of_text("us-demo")));
  }
}

int main(void)
{
  for (size_t i = 0; i < 16; i++) {
    nonce[i] = (uint8_t)(0x10 + i);
  }
  vectors_point("root", root);
  vectors_point("statement", cell_key.point);
  judged();
  in_time();
  cells();
  broken();
  return check_report("statements");
}
