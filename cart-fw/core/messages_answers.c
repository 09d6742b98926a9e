#include "messages.h"

#include "messages_parts.h"
#include "utf8.h"

#include <string.h>

static cbor_reader open_answer(fw_bytes bytes) {
  return msg_open(bytes, MSG_ANSWER_MAX);
}

/* Three letters (ISO 4217). */
static fw_bytes get_currency_field(cbor_reader *reader, int64_t key) {
  const fw_bytes currency = msg_get_text_field(reader, key, MSG_CURRENCY_SIZE, MSG_CURRENCY_SIZE);
  msg_require(reader, currency, msg_is_upper);
  return currency;
}

fw_status msg_decode_hello(fw_bytes bytes, msg_hello_answer *answer) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 3u, 3u);
  msg_get_bytes_field(&reader, 1, answer->nonce, MSG_NONCE_SIZE);
  answer->time_ms = msg_get_time_field(&reader, 2);
  answer->store = fw_bytes_view(NULL, 0u);
  cbor_get_key(&reader, 3);
  if (!cbor_get_null(&reader)) {
    answer->store = msg_get_store(&reader);
  }
  return cbor_end(&reader);
}

fw_status msg_decode_attestation(fw_bytes bytes, msg_attestation_answer *answer) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 3u, 3u);
  cbor_get_key(&reader, 1);
  answer->statement = cbor_get_bytes(&reader, 0u, CBOR_MAX_SIZE);
  cbor_get_key(&reader, 2);
  answer->cell_key = cbor_get_bytes(&reader, 0u, CBOR_MAX_SIZE);
  msg_get_bytes_field(&reader, 3, answer->nonce, MSG_NONCE_SIZE);
  return cbor_end(&reader);
}

static void get_settings(cbor_reader *reader, msg_open_answer *answer) {
  (void)msg_get_map(reader, 6u, 6u);
  answer->currency = get_currency_field(reader, 1);
  answer->exponent = (uint8_t)msg_get_uint_field(reader, 2, 0u, 3u);
  answer->store_name = msg_get_text_field(reader, 3, 0u, MSG_ANSWER_MAX);
  answer->idle_s = msg_get_uint_field(reader, 4, 0u, CBOR_MAX_INTEGER);
  answer->weight_tolerance_g = msg_get_uint_field(reader, 5, 0u, CBOR_MAX_INTEGER);
  cbor_get_key(reader, 6);
  answer->tax_included = cbor_get_bool(reader);
}

fw_status msg_decode_open(fw_bytes bytes, msg_open_answer *answer) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 5u, 5u);
  msg_get_bytes_field(&reader, 1, answer->session, MSG_UUID_SIZE);
  answer->lease_s = msg_get_uint_field(&reader, 2, 0u, CBOR_MAX_INTEGER);
  cbor_get_key(&reader, 3);
  get_settings(&reader, answer);
  msg_get_bytes_field(&reader, 4, answer->nonce, MSG_NONCE_SIZE);
  answer->time_ms = msg_get_time_field(&reader, 5);
  return cbor_end(&reader);
}

/* Of text that cbor_check found good. */
static bool is_over_twelve_characters(fw_bytes utf8) {
  size_t at = 0u;
  size_t characters = 0u;
  uint32_t ignored = 0u;
  while (at < utf8.size) {
    (void)utf8_next(utf8, &at, &ignored);
    characters++;
  }
  return characters > MSG_NICKNAME_CHARACTERS;
}

static void get_linked(cbor_reader *reader, size_t pairs, msg_identity_answer *answer) {
  msg_get_bytes_field(reader, 2, answer->customer, MSG_UUID_SIZE);
  if (pairs == 3u) {
    answer->nickname = msg_get_text_field(reader, 3, 1u, MSG_NICKNAME_MAX);
    if (is_over_twelve_characters(answer->nickname)) {
      cbor_fail(reader, FW_ERR_FIELD);
    }
  }
}

static void get_confirmation(cbor_reader *reader, msg_identity_answer *answer) {
  const fw_bytes digits = msg_get_text_field(reader, 3, 2u, 2u);
  msg_require(reader, digits, msg_is_digit);
  if (digits.size == sizeof answer->confirmation) {
    (void)memcpy(answer->confirmation, digits.data, sizeof answer->confirmation);
  }
}

fw_status msg_decode_identity(fw_bytes bytes, msg_identity_answer *answer) {
  cbor_reader reader = open_answer(bytes);
  (void)memset(answer, 0, sizeof *answer);
  const size_t pairs = msg_get_map(&reader, 1u, 3u);
  answer->status = (msg_identity_status)msg_get_uint_field(&reader, 1, MSG_NOT_LINKED, MSG_TO_BE_CONFIRMED);
  if ((answer->status == MSG_LINKED) && (pairs >= 2u)) {
    get_linked(&reader, pairs, answer);
  } else if ((answer->status == MSG_TO_BE_CONFIRMED) && (pairs == 2u)) {
    get_confirmation(&reader, answer);
  } else if ((answer->status != MSG_NOT_LINKED) || (pairs != 1u)) {
    cbor_fail(&reader, FW_ERR_FORM);
  } else {
    /* Not linked: nothing more to read. */
  }
  return cbor_end(&reader);
}

fw_status msg_decode_checkout(fw_bytes bytes, msg_checkout_answer *answer) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 5u, 5u);
  msg_get_bytes_field(&reader, 1, answer->handoff, MSG_UUID_SIZE);
  answer->amount_minor = msg_get_uint_field(&reader, 2, 0u, CBOR_MAX_INTEGER);
  answer->currency = get_currency_field(&reader, 3);
  answer->expires_ms = msg_get_time_field(&reader, 4);
  msg_get_bytes_field(&reader, 5, answer->basket_digest, MSG_DIGEST_SIZE);
  return cbor_end(&reader);
}

/* The position of `text` in a table; FW_ERR_FIELD when it is not there. */
static size_t index_of(cbor_reader *reader, fw_bytes text, const char *const table[], size_t count) {
  for (size_t i = 0u; i < count; i++) {
    if (fw_bytes_equal(text, fw_bytes_of_text(table[i]))) {
      return i;
    }
  }
  cbor_fail(reader, FW_ERR_FIELD);
  return 0u;
}

static bool is_base64url(uint8_t character) {
  return msg_is_alphanumeric(character) || (character == (uint8_t)'-') || (character == (uint8_t)'_');
}

fw_status msg_decode_payment(fw_bytes bytes, msg_payment_answer *answer) {
  static const char *const outcomes[] = {"approved", "declined", "pending", "unknown"};
  cbor_reader reader = open_answer(bytes);
  const size_t pairs = msg_get_map(&reader, 1u, 2u);
  const fw_bytes outcome = msg_get_text_field(&reader, 1, 0u, MSG_ANSWER_MAX);
  answer->outcome = (msg_outcome)index_of(&reader, outcome, outcomes, 4u);
  answer->receipt = fw_bytes_view(NULL, 0u);
  if (pairs == 2u) {
    answer->receipt = msg_get_text_field(&reader, 2, MSG_RECEIPT_SIZE, MSG_RECEIPT_SIZE);
    msg_require(&reader, answer->receipt, is_base64url);
  }
  return cbor_end(&reader);
}

fw_status msg_decode_close(fw_bytes bytes, uint8_t nonce[16]) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 1u, 1u);
  msg_get_bytes_field(&reader, 1, nonce, MSG_NONCE_SIZE);
  return cbor_end(&reader);
}

fw_status msg_decode_telemetry(fw_bytes bytes, uint32_t *seq) {
  cbor_reader reader = open_answer(bytes);
  (void)msg_get_map(&reader, 1u, 1u);
  *seq = (uint32_t)msg_get_uint_field(&reader, 1, 0u, UINT32_MAX);
  return cbor_end(&reader);
}

fw_status msg_decode_error(fw_bytes bytes, msg_error_answer *answer) {
#define MSG_REFUSAL_TEXT(code, text) text,
  static const char *const codes[] = {MSG_REFUSAL_TABLE(MSG_REFUSAL_TEXT)};
#undef MSG_REFUSAL_TEXT
  cbor_reader reader = open_answer(bytes);
  const size_t pairs = msg_get_map(&reader, 1u, 2u);
  const fw_bytes code = msg_get_text_field(&reader, 1, 0u, MSG_ANSWER_MAX);
  answer->code = (msg_refusal)index_of(&reader, code, codes, (size_t)MSG_REFUSAL_COUNT);
  answer->expected_seq.present = pairs == 2u;
  answer->expected_seq.value = 0u;
  if (answer->expected_seq.present) {
    answer->expected_seq.value = msg_get_uint_field(&reader, 2, 0u, UINT32_MAX);
  }
  return cbor_end(&reader);
}
