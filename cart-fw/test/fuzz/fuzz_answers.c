/* Every answer's decoder over any bytes; lists of a good one are walked to their end. */
#include <stdint.h>
#include <stdlib.h>

#include "display_text.h"
#include "messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
  if (!holds) {
    abort();
  }
}

static void events(fw_bytes bytes)
{
  msg_events_answer answer;
  msg_basket_line line;
  msg_hold hold;
  size_t items = 0;
  if (msg_decode_events(bytes, &answer) != FW_OK) {
    return;
  }
  const size_t expected = answer.lines.left + answer.holds.left;
  while (msg_next_line(&answer.lines, &line)) {
    items++;
  }
  must(answer.lines.reader.status == FW_OK);
  while (msg_next_hold(&answer.holds, &hold)) {
    items++;
  }
  must(answer.holds.reader.status == FW_OK);
  must(items == expected);
}

static void identity(fw_bytes bytes)
{
  msg_identity_answer answer;
  display_nickname nickname;
  if (msg_decode_identity(bytes, &answer) == FW_OK) {
    display_nickname_set(&nickname, answer.nickname);
    must(nickname.size <= answer.nickname.size);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static union {
    msg_hello_answer hello;
    msg_attestation_answer attestation;
    msg_open_answer open;
    msg_checkout_answer checkout;
    msg_payment_answer payment;
    msg_error_answer error;
    uint8_t nonce[16];
    uint32_t seq;
  } answer;
  const fw_bytes bytes = fw_bytes_view(data, size);
  (void)msg_decode_hello(bytes, &answer.hello);
  (void)msg_decode_attestation(bytes, &answer.attestation);
  (void)msg_decode_open(bytes, &answer.open);
  (void)msg_decode_checkout(bytes, &answer.checkout);
  (void)msg_decode_payment(bytes, &answer.payment);
  (void)msg_decode_error(bytes, &answer.error);
  (void)msg_decode_close(bytes, answer.nonce);
  (void)msg_decode_telemetry(bytes, &answer.seq);
  events(bytes);
  identity(bytes);
  return 0;
}
