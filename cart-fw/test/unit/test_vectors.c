/* protocol/vectors: what the platform takes and refuses, the cart takes and refuses for the same reason. */
#include "check.h"

#include "_requests.h"
#include "_vectors.h"
#include "cbor.h"
#include "cose.h"
#include "manifest.h"
#include "messages.h"
#include "statements.h"

static vectors file;
static char name[VECTOR_TEXT_MAX];
static uint8_t storage[VECTOR_BYTES_MAX];

/* The next vector, its name before each failure. */
static int next(void)
{
  if (!vectors_next(&file)) {
    return 0;
  }
  check_sentence = vectors_text(&file, "name", name);
  return 1;
}

static void check_reason(fw_status status, const char *member)
{
  char reason[VECTOR_TEXT_MAX];
  vectors_text(&file, member, reason);
  if (strcmp(fw_status_name(status), reason) != 0) {
    (void)fprintf(stderr, "%s: %s, not %s\n", name, fw_status_name(status), reason);
    CHECK(!"the reason that TypeScript names");
  }
  check_count++;
}

static void items(void)
{
  vectors_open(&file, "items.json");
  while (next()) {
    const fw_status status = cbor_check(vectors_bytes(&file, "item", storage), CBOR_NO_TAG, CBOR_MAX_SIZE);
    CHECK_EQ(status == FW_OK, vectors_is_true(&file, "accepted"));
    if (status != FW_OK) {
      check_reason(status, "reason");
    }
  }
}

/* A frame that was signed anew is made of the same parts as one that was taken apart. */
static void remake(const cose_sign1 *parts, fw_bytes purpose, fw_bytes frame)
{
  static uint8_t memory[VECTOR_BYTES_MAX];
  uint8_t digest[32];
  uint8_t again[32];
  fw_buffer out = fw_buffer_over(memory, sizeof memory);
  CHECK_EQ(cose_sign1_begin(&out, parts->kid.data, parts->payload, purpose, digest), FW_OK);
  CHECK_EQ(cose_sign1_finish(&out, parts->signature.data), FW_OK);
  CHECK(fw_bytes_equal(fw_bytes_written(&out), frame));
  cose_sign1_digest(parts->payload, purpose, again);
  CHECK_BYTES(digest, again, 32);
}

static void frames(void)
{
  vectors_open(&file, "frames.json");
  while (next()) {
    char purpose[VECTOR_TEXT_MAX];
    char key[VECTOR_TEXT_MAX];
    char result[VECTOR_TEXT_MAX];
    uint8_t point[65];
    cose_sign1 parts;
    const fw_bytes frame = vectors_bytes(&file, "frame", storage);
    const fw_status form = cose_sign1_decode(frame, &parts);
    vectors_text(&file, "result", result);
    if (form != FW_OK) {
      check_reason(form, "reason");
      continue;
    }
    vectors_point(vectors_text(&file, "key", key), point);
    const fw_bytes aad = fw_bytes_of_text(vectors_text(&file, "purpose", purpose));
    const fw_status verified = cose_sign1_verify(&parts, point, aad);
    CHECK(strcmp(verified == FW_OK ? "accepted" : fw_status_name(verified), result) == 0);
    remake(&parts, aad, frame);
  }
}

static void statements(void)
{
  static const char *const purposes[] = {COSE_PURPOSE_STORE_BEACON, COSE_PURPOSE_STORE_ATTESTATION,
                                         COSE_PURPOSE_CELL_KEY};
  vectors_open(&file, "statements.json");
  while (next()) {
    char purpose[VECTOR_TEXT_MAX];
    char key[VECTOR_TEXT_MAX];
    uint8_t point[65];
    uint8_t kid[8];
    cose_sign1 parts;
    CHECK_EQ(cose_sign1_decode(vectors_bytes(&file, "frame", storage), &parts), FW_OK);
    vectors_point(vectors_text(&file, "key", key), point);
    cose_kid_of_point(point, kid);
    CHECK(fw_bytes_equal(parts.kid, fw_bytes_view(kid, sizeof kid)));
    vectors_text(&file, "purpose", purpose);
    for (size_t i = 0; i < 3; i++) {
      const fw_status status = cose_sign1_verify(&parts, point, fw_bytes_of_text(purposes[i]));
      CHECK_EQ(status, strcmp(purposes[i], purpose) == 0 ? FW_OK : FW_ERR_SIGNATURE);
    }
  }
}

static void messages(void)
{
  static uint8_t payload[VECTOR_BYTES_MAX];
  static uint8_t aad[VECTOR_BYTES_MAX];
  uint8_t point[65];
  vectors_point("cart", point);
  vectors_open(&file, "messages.json");
  while (next()) {
    cose_sign1 parts;
    CHECK_EQ(cose_sign1_decode(vectors_bytes(&file, "frame", storage), &parts), FW_OK);
    CHECK(fw_bytes_equal(parts.payload, vectors_bytes(&file, "payload", payload)));
    CHECK_EQ(cose_sign1_verify(&parts, point, vectors_bytes(&file, "external_aad", aad)), FW_OK);
    CHECK_EQ(cbor_check(parts.payload, CBOR_NO_TAG, CBOR_MAX_SIZE), FW_OK);
  }
}

static void manifests(void)
{
  uint8_t build[65];
  uint8_t build_next[65];
  uint8_t release[65];
  const manifest_keys keys = {{build, build_next}, {release, NULL}};
  vectors_point("build", build);
  vectors_point("build next", build_next);
  vectors_point("release", release);
  vectors_open(&file, "manifests.json");
  while (next()) {
    manifest found;
    char result[VECTOR_TEXT_MAX];
    const fw_bytes frame = vectors_bytes(&file, "frame", storage);
    const fw_status status = manifest_verify(frame, &keys, &found);
    vectors_text(&file, "result", result);
    if (status == FW_OK) {
      CHECK(strcmp(result, "accepted") == 0);
      CHECK_EQ(manifest_verdict(frame, &keys), P256_VALID);
    } else if (strcmp(result, "malformed") == 0) {
      CHECK(status == FW_ERR_FORM || status == FW_ERR_FIELD);
    } else {
      check_reason(status, "result");
      CHECK(manifest_verdict(frame, &keys) != P256_VALID);
    }
  }
}

static fw_status decode_answer(const char *kind, fw_bytes bytes)
{
  static union {
    msg_hello_answer hello;
    msg_attestation_answer attestation;
    msg_open_answer open;
    msg_events_answer events;
    msg_identity_answer identity;
    msg_checkout_answer checkout;
    msg_payment_answer payment;
    uint8_t nonce[16];
    uint32_t seq;
    msg_error_answer error;
  } answer;
  static const char *const kinds[] = {"hello",    "attestation", "open",  "events",    "identity",
                                      "checkout", "payment",     "close", "telemetry", "error"};
  size_t index = 0;
  while (strcmp(kinds[index], kind) != 0) {
    index++;
  }
  switch (index) {
    case 0:
      return msg_decode_hello(bytes, &answer.hello);
    case 1:
      return msg_decode_attestation(bytes, &answer.attestation);
    case 2:
      return msg_decode_open(bytes, &answer.open);
    case 3:
      return msg_decode_events(bytes, &answer.events);
    case 4:
      return msg_decode_identity(bytes, &answer.identity);
    case 5:
      return msg_decode_checkout(bytes, &answer.checkout);
    case 6:
      return msg_decode_payment(bytes, &answer.payment);
    case 7:
      return msg_decode_close(bytes, answer.nonce);
    case 8:
      return msg_decode_telemetry(bytes, &answer.seq);
    default:
      return msg_decode_error(bytes, &answer.error);
  }
}

/* What they say is compared in test/firmware, where TypeScript decodes them too. */
static void answers(void)
{
  char kind[VECTOR_TEXT_MAX];
  vectors_open(&file, "answers.json");
  while (next()) {
    const fw_bytes whole = vectors_bytes(&file, "payload", storage);
    vectors_text(&file, "answer", kind);
    CHECK_EQ(decode_answer(kind, whole), FW_OK);
    for (size_t size = 0; size < whole.size; size++) {
      CHECK(decode_answer(kind, fw_bytes_view(whole.data, size)) != FW_OK);
    }
  }
  vectors_open(&file, "answers-refused.json");
  while (next()) {
    const fw_status status = decode_answer(vectors_text(&file, "answer", kind), vectors_bytes(&file, "payload", storage));
    CHECK(status == FW_ERR_FORM || status == FW_ERR_FIELD);
  }
}

static void check_judgement(const char *judgement, const char *wanted)
{
  if (strcmp(judgement, wanted) != 0) {
    (void)fprintf(stderr, "%s: %s, not %s\n", name, judgement, wanted);
    CHECK(!"the code of the refusal");
  }
  check_count++;
}

static void requests(void)
{
  char message[VECTOR_TEXT_MAX];
  char result[VECTOR_TEXT_MAX];
  vectors_open(&file, "messages.json");
  while (next()) {
    vectors_text(&file, "message", message);
    check_judgement(request_judge(message, vectors_bytes(&file, "payload", storage)), "ok");
  }
  vectors_open(&file, "payloads-refused.json");
  while (next()) {
    vectors_text(&file, "message", message);
    vectors_text(&file, "result", result);
    check_judgement(request_judge(message, vectors_bytes(&file, "payload", storage)), result);
  }
}

int main(void)
{
  items();
  frames();
  statements();
  messages();
  manifests();
  answers();
  requests();
  return check_report("vectors");
}
