/* What the cart is told. The vectors' every refusal is in test_vectors.c; here: what the good ones say. */
#include "check.h"

#include "_vectors.h"
#include "messages.h"

#define NOW 1795262400000u

static vectors file;
static uint8_t storage[VECTOR_BYTES_MAX];
static char name[VECTOR_TEXT_MAX];

/* The answer of this name. */
static fw_bytes answer_named(const char *wanted)
{
  fw_bytes found = fw_bytes_view(NULL, 0);
  vectors_open(&file, "answers.json");
  while (vectors_next(&file)) {
    if (strcmp(vectors_text(&file, "name", name), wanted) == 0) {
      found = vectors_bytes(&file, "payload", storage);
    }
  }
  CHECK(found.size != 0);
  return found;
}

static void check_text(fw_bytes text, const char *expected)
{
  CHECK(fw_bytes_equal(text, fw_bytes_of_text(expected)));
}

static void check_counting(const uint8_t *bytes, size_t size, unsigned first)
{
  for (size_t i = 0; i < size; i++) {
    CHECK_EQ(bytes[i], first + i);
  }
}

static void hello(void)
{
  msg_hello_answer answer;
  IT("hello gives a nonce, the time and the store") {
    CHECK_EQ(msg_decode_hello(answer_named("hello"), &answer), FW_OK);
    check_counting(answer.nonce, 16, 0x10);
    CHECK_EQ(answer.time_ms, NOW);
    check_text(answer.store, "us-demo");
  }
  IT("a store's id may have digits and hyphens behind its beginning") {
    uint8_t bytes[VECTOR_BYTES_MAX];
    const fw_bytes whole = answer_named("hello");
    memcpy(bytes, whole.data, whole.size);
    memcpy(&bytes[whole.size - 7], "0-9-az-", 7);
    CHECK_EQ(msg_decode_hello(fw_bytes_view(bytes, whole.size), &answer), FW_OK);
    check_text(answer.store, "0-9-az-");
    bytes[whole.size - 1] = '_';
    CHECK_EQ(msg_decode_hello(fw_bytes_view(bytes, whole.size), &answer), FW_ERR_FIELD);
  }
  IT("hello of a cart without a store gives none") {
    CHECK_EQ(msg_decode_hello(answer_named("hello of a cart without a store"), &answer), FW_OK);
    CHECK_EQ(answer.store.size, 0);
  }
}

static void opening(void)
{
  msg_attestation_answer attestation;
  msg_open_answer open;
  IT("attestation gives two frames and the next nonce") {
    CHECK_EQ(msg_decode_attestation(answer_named("attestation"), &attestation), FW_OK);
    CHECK_EQ(attestation.statement.data[0], 0xD2);
    CHECK_EQ(attestation.cell_key.data[0], 0xD2);
    check_counting(attestation.nonce, 16, 0x80);
  }
  IT("open gives the session, its lease and the store's settings") {
    CHECK_EQ(msg_decode_open(answer_named("open"), &open), FW_OK);
    CHECK_EQ(open.session[1], 0x93);
    CHECK_EQ(open.lease_s, 14400);
    check_text(open.currency, "USD");
    CHECK_EQ(open.exponent, 2);
    check_text(open.store_name, "Demo Market");
    CHECK_EQ(open.idle_s, 900);
    CHECK_EQ(open.weight_tolerance_g, 15);
    CHECK(!open.tax_included);
    check_counting(open.nonce, 16, 0x80);
    CHECK_EQ(open.time_ms, NOW);
  }
}

static void basket(void)
{
  msg_events_answer answer;
  msg_basket_line line;
  msg_hold hold;
  IT("events give changed lines, the total and holds, in order") {
    const fw_bytes bytes = answer_named("a line gone, a weighed line, a rebate and holds of each kind");
    CHECK_EQ(msg_decode_events(bytes, &answer), FW_OK);
    CHECK_EQ(answer.seq, 4294967295u);
    CHECK_EQ(answer.total_minor, -1);
    CHECK_EQ(answer.lines.left, 3);
    CHECK(msg_next_line(&answer.lines, &line));
    check_text(line.name, "Milk 1 l");
    CHECK_EQ(line.quantity, 0);
    CHECK(!line.grams.present);
    CHECK(msg_next_line(&answer.lines, &line));
    check_text(line.name, "\xc3\x84pfel");
    CHECK_EQ(line.line, 2);
    CHECK_EQ(line.unit_minor, 299);
    CHECK_EQ(line.total_minor, 164);
    CHECK(line.grams.present);
    CHECK_EQ(line.grams.value, 548);
    CHECK(msg_next_line(&answer.lines, &line));
    CHECK_EQ(line.total_minor, -25);
    CHECK(!msg_next_line(&answer.lines, &line));
    CHECK(msg_next_hold(&answer.holds, &hold));
    CHECK_EQ(hold.kind, MSG_HOLD_AGE_CHECK);
    CHECK(hold.has_line);
    CHECK_EQ(hold.line, 2);
    CHECK(msg_next_hold(&answer.holds, &hold));
    CHECK_EQ(hold.kind, MSG_HOLD_WEIGHT);
    CHECK(!hold.has_line);
    CHECK(msg_next_hold(&answer.holds, &hold));
    CHECK_EQ(hold.kind, MSG_HOLD_UNKNOWN_ITEM);
    CHECK_EQ(hold.id, 3);
    CHECK(!msg_next_hold(&answer.holds, &hold));
  }
}

static void identity(void)
{
  msg_identity_answer answer;
  IT("identity says who, who perhaps, or nobody") {
    CHECK_EQ(msg_decode_identity(answer_named("not linked"), &answer), FW_OK);
    CHECK_EQ(answer.status, MSG_NOT_LINKED);
    CHECK_EQ(msg_decode_identity(answer_named("linked"), &answer), FW_OK);
    CHECK_EQ(answer.status, MSG_LINKED);
    CHECK_EQ(answer.customer[0], 0xf0);
    CHECK_EQ(answer.nickname.size, 0);
    CHECK_EQ(msg_decode_identity(answer_named("linked, with a nickname of 12 characters"), &answer), FW_OK);
    CHECK_EQ(answer.nickname.size, 16);
    CHECK_EQ(msg_decode_identity(answer_named("to be confirmed in the app"), &answer), FW_OK);
    CHECK_EQ(answer.status, MSG_TO_BE_CONFIRMED);
    CHECK_BYTES(answer.confirmation, "07", 2);
  }
  IT("refuses a nickname of 13 characters, and digits that are none") {
    static const char thirteen[] =
      "\xa3\x01\x01\x02\x50\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x03\x6d"
      "1234567890123";
    CHECK_EQ(msg_decode_identity(FW_BYTES(thirteen, sizeof thirteen - 1), &answer), FW_ERR_FIELD);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa2\x01\x02\x03\x62\x30\x78", 7), &answer), FW_ERR_FIELD);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa2\x01\x02\x03\x62/0", 7), &answer), FW_ERR_FIELD);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa2\x01\x02\x03\x61\x30", 6), &answer), FW_ERR_FIELD);
  }
  IT("refuses a status with another's fields") {
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa1\x01\x01", 3), &answer), FW_ERR_FORM);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa1\x01\x02", 3), &answer), FW_ERR_FORM);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa2\x01\x00\x03\x62\x30\x30", 7), &answer), FW_ERR_FORM);
    CHECK_EQ(msg_decode_identity(FW_BYTES("\xa3\x01\x02\x03\x62\x30\x30\x04\x00", 9), &answer), FW_ERR_FORM);
  }
}

static void paying(void)
{
  msg_checkout_answer checkout;
  msg_payment_answer payment;
  IT("checkout gives the hand-off") {
    CHECK_EQ(msg_decode_checkout(answer_named("checkout"), &checkout), FW_OK);
    CHECK_EQ(checkout.handoff[15], 0x0a);
    CHECK_EQ(checkout.amount_minor, 1999);
    check_text(checkout.currency, "EUR");
    CHECK_EQ(checkout.expires_ms, NOW + 3600000u);
    check_counting(checkout.basket_digest, 32, 0x40);
  }
  IT("payment gives one of four outcomes, and a receipt when it is approved") {
    static const struct {
      const char *name;
      msg_outcome outcome;
    } outcomes[] = {{"approved", MSG_APPROVED},
                    {"declined", MSG_DECLINED},
                    {"pending", MSG_PAYMENT_PENDING},
                    {"unknown", MSG_PAYMENT_UNKNOWN}};
    for (size_t i = 0; i < 4; i++) {
      CHECK_EQ(msg_decode_payment(answer_named(outcomes[i].name), &payment), FW_OK);
      CHECK_EQ(payment.outcome, outcomes[i].outcome);
      CHECK_EQ(payment.receipt.size, outcomes[i].outcome == MSG_APPROVED ? MSG_RECEIPT_SIZE : 0u);
    }
  }
  IT("a receipt may have hyphens and underscores") {
    static const char bytes[] = "\xa2\x01\x68" "approved" "\x02\x76" "AAECAwQFBgcICQoLDA-_zZ";
    CHECK_EQ(msg_decode_payment(FW_BYTES(bytes, sizeof bytes - 1), &payment), FW_OK);
  }
}

static void ending(void)
{
  uint8_t nonce[16];
  uint32_t seq = 0;
  IT("close gives the next nonce, telemetry the last seq taken") {
    CHECK_EQ(msg_decode_close(answer_named("close"), nonce), FW_OK);
    check_counting(nonce, 16, 0x80);
    CHECK_EQ(msg_decode_telemetry(answer_named("telemetry"), &seq), FW_OK);
    CHECK_EQ(seq, 2);
  }
}

static void refusals(void)
{
#define REFUSAL_TEXT(code, text) text,
  static const char *const codes[] = {MSG_REFUSAL_TABLE(REFUSAL_TEXT)};
  uint8_t bytes[64];
  msg_error_answer answer;
  IT("each refusal of protocol/cart/codes.ts has a code here") {
    for (size_t i = 0; i < (size_t)MSG_REFUSAL_COUNT; i++) {
      fw_buffer out = fw_buffer_over(bytes, sizeof bytes);
      cbor_put_map(&out, 1);
      cbor_put_uint(&out, 1);
      cbor_put_text(&out, fw_bytes_of_text(codes[i]));
      CHECK_EQ(msg_decode_error(fw_bytes_written(&out), &answer), FW_OK);
      CHECK_EQ(answer.code, i);
      CHECK(!answer.expected_seq.present);
    }
  }
  IT("a wrong seq comes with the right one") {
    CHECK_EQ(msg_decode_error(answer_named("out of sequence"), &answer), FW_OK);
    CHECK_EQ(answer.code, MSG_REFUSED_SEQ);
    CHECK(answer.expected_seq.present);
    CHECK_EQ(answer.expected_seq.value, 17);
  }
  IT("an answer longer than the platform sends is refused unread") {
    static uint8_t huge[MSG_ANSWER_MAX + 1u];
    CHECK_EQ(msg_decode_error(fw_bytes_view(huge, sizeof huge), &answer), FW_ERR_CBOR_SIZE);
  }
}

int main(void)
{
  hello();
  opening();
  basket();
  identity();
  paying();
  ending();
  refusals();
  return check_report("answers");
}
