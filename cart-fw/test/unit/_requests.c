#include "_requests.h"

#include <string.h>

#include "messages.h"
#include "messages_parts.h"

#define NOT_ALLOWED "identity_kind_not_allowed"

typedef enum { UINT, INT, BYTES, TEXT, TOKEN, UEID } field_type;

/* A field of a map: `least..most` of its value, or of its size. */
typedef struct {
  int64_t key;
  field_type type;
  int64_t least;
  int64_t most;
  bool optional;
} field;

typedef struct {
  const field *fields;
  size_t count;
} shape;

#define SHAPE(fields) ((shape){fields, sizeof(fields) / sizeof(fields[0])})
#define ANY ((int64_t)CBOR_MAX_INTEGER)

static const field HEADER[] = {{1, BYTES, 16, 16, false}, {2, UINT, 0, UINT32_MAX, false},
                               {3, UINT, 0, UINT32_MAX, false}, {4, UINT, 0, ANY, false}};
static const field CLAIMS[] = {
  {10, BYTES, 16, 16, false},    {256, UEID, 17, 17, false},           {263, UINT, 0, 4, false},
  {267, UINT, 0, UINT32_MAX, false}, {271, TEXT, 1, EAT_VERSION_MAX, false}, {-70001, BYTES, 32, 32, false},
  {-70002, UINT, 0, UINT32_MAX, false}, {-70003, TEXT, 1, EAT_READER_MAX, false}};
static const field SCAN[] = {{1, TEXT, 1, MSG_CODE_MAX, false}, {2, UINT, 1, MSG_QUANTITY_MAX, true},
                             {3, UINT, 0, ANY, true}, {4, UINT, 0, UINT32_MAX, true}};
static const field REMOVE[] = {{1, UINT, 0, UINT16_MAX, false}, {2, UINT, 1, MSG_QUANTITY_MAX, true},
                               {3, UINT, 0, ANY, true}};
static const field WEIGHT[] = {{1, UINT, 0, UINT32_MAX, false}, {3, UINT, 0, ANY, true}};
static const field HEALTH[] = {{1, UINT, 0, 100, false}, {2, INT, -200, 0, false}, {3, UINT, 0, ANY, true}};
static const field FAULT[] = {{1, UINT, 0, UINT16_MAX, false}, {2, UINT, 0, UINT32_MAX, false},
                              {3, UINT, 0, ANY, true}};
static const field LOYALTY[] = {{2, TEXT, 4, 32, false}};
static const field CARD[] = {{2, TOKEN, 24, 24, false}};
static const field PAIRING[] = {{2, TEXT, 8, 64, false}};
static const field CHECKOUT[] = {{1, UINT, 0, UINT32_MAX, false}, {2, TEXT, 1, MSG_TERMINAL_MAX, false}};
static const field PAYMENT[] = {{1, BYTES, 16, 16, false}, {2, TEXT, 1, MSG_REFERENCE_MAX, false},
                                {3, BYTES, 32, 32, false}};
static const field CLOSE[] = {{1, UINT, 0, UINT32_MAX, false}};
static const field BEACON[] = {{2, BYTES, 0, CBOR_MAX_SIZE, false}};

static void get_value(cbor_reader *r, const field *f)
{
  int64_t value;
  fw_bytes string;
  switch (f->type) {
    case UINT:
    case INT:
      value = cbor_get_int(r);
      if (value < f->least || value > f->most) {
        cbor_fail(r, FW_ERR_FIELD);
      }
      break;
    case BYTES:
      (void)cbor_get_bytes(r, (size_t)f->least, (size_t)f->most);
      break;
    case TEXT:
      (void)cbor_get_text(r, (size_t)f->least, (size_t)f->most);
      break;
    case TOKEN:
      string = cbor_get_text(r, (size_t)f->least, (size_t)f->most);
      msg_require(r, string, msg_is_alphanumeric);
      break;
    case UEID:
      string = cbor_get_bytes(r, (size_t)f->least, (size_t)f->most);
      if (string.size != 0u && string.data[0] != 1u) {
        cbor_fail(r, FW_ERR_FIELD);
      }
      break;
  }
}

static bool key_is_next(const cbor_reader *r, int64_t key)
{
  cbor_reader ahead = *r;
  return cbor_get_int(&ahead) == key && ahead.status == FW_OK;
}

/* The fields behind those already read; how many there were. */
static size_t get_fields(cbor_reader *r, shape s, size_t pairs_left)
{
  size_t read = 0;
  for (size_t i = 0; i < s.count; i++) {
    if (read < pairs_left && key_is_next(r, s.fields[i].key)) {
      cbor_get_key(r, s.fields[i].key);
      get_value(r, &s.fields[i]);
      read++;
    } else if (!s.fields[i].optional) {
      cbor_fail(r, FW_ERR_FORM);
    }
  }
  return read;
}

static void get_struct(cbor_reader *r, shape s)
{
  const size_t pairs = cbor_get_map(r);
  if (get_fields(r, s, pairs) != pairs) {
    cbor_fail(r, FW_ERR_FORM);
  }
}

static void get_event(cbor_reader *r, bool in_session)
{
  const shape kinds[] = {SHAPE(SCAN), SHAPE(REMOVE), SHAPE(WEIGHT), SHAPE(HEALTH), SHAPE(FAULT)};
  const size_t pairs = cbor_get_map(r);
  cbor_get_key(r, 0);
  const uint64_t kind = cbor_get_uint(r, in_session ? 1u : 4u, 5u);
  if (r->status == FW_OK && get_fields(r, kinds[kind - 1u], pairs - 1u) != pairs - 1u) {
    cbor_fail(r, FW_ERR_FORM);
  }
}

static const char *get_events(cbor_reader *r, bool in_session)
{
  (void)msg_get_map(r, 1u, 1u);
  cbor_get_key(r, 1);
  const size_t count = cbor_get_array(r);
  if (count > MSG_EVENTS_MAX) {
    return "too_large";
  }
  if (count == 0u) {
    cbor_fail(r, FW_ERR_FIELD);
  }
  for (size_t i = 0; i < count; i++) {
    get_event(r, in_session);
  }
  return NULL;
}

static void get_claims(cbor_reader *r, bool with_beacon)
{
  const size_t pairs = cbor_get_map(r);
  cbor_get_key(r, 1);
  get_struct(r, SHAPE(CLAIMS));
  const size_t read = with_beacon ? 1u + get_fields(r, SHAPE(BEACON), pairs - 1u) : 1u;
  if (read != pairs) {
    cbor_fail(r, FW_ERR_FORM);
  }
}

static void skip_scalar(cbor_reader *r)
{
  if (cbor_next_is(r, CBOR_TEXT)) {
    (void)cbor_get_text(r, 0, SIZE_MAX);
  } else if (cbor_next_is(r, CBOR_BYTES)) {
    (void)cbor_get_bytes(r, 0, SIZE_MAX);
  } else {
    (void)cbor_get_int(r);
  }
}

/* Whether anything but a kind of 0 to 3 and, but for 0, a value that is no image stands there. */
static bool is_foreign(cbor_reader r)
{
  const size_t pairs = cbor_get_map(&r);
  int64_t kind = 0;
  for (size_t i = 0; i < pairs; i++) {
    const bool is_text = cbor_next_is(&r, CBOR_TEXT);
    const int64_t key = is_text ? 0 : cbor_get_int(&r);
    if (is_text || key < 1 || key > 2 || (key == 2 && kind == 0 && i != 0u)) {
      return true;
    }
    if (key == 1 && !cbor_next_is(&r, CBOR_UINT)) {
      return true;
    }
    if (key == 2 && cbor_next_is(&r, CBOR_BYTES)) {
      return true;
    }
    if (key == 1) {
      kind = cbor_get_int(&r);
    } else {
      skip_scalar(&r);
    }
    if (kind > 3) {
      return true;
    }
  }
  return false;
}

static const char *get_identity(cbor_reader *r)
{
  const shape kinds[] = {{LOYALTY, 0}, SHAPE(LOYALTY), SHAPE(CARD), SHAPE(PAIRING)};
  if (is_foreign(*r)) {
    return NOT_ALLOWED;
  }
  const size_t pairs = cbor_get_map(r);
  cbor_get_key(r, 1);
  const uint64_t kind = cbor_get_uint(r, 0, 3);
  if (r->status == FW_OK && get_fields(r, kinds[kind], pairs - 1u) != pairs - 1u) {
    cbor_fail(r, FW_ERR_FORM);
  }
  return NULL;
}

static const char *get_body(cbor_reader *r, const char *message)
{
  if (strcmp(message, "events") == 0 || strcmp(message, "telemetry") == 0) {
    return get_events(r, message[0] == 'e');
  }
  if (strcmp(message, "identity") == 0) {
    return get_identity(r);
  }
  if (strcmp(message, "checkout") == 0) {
    get_struct(r, SHAPE(CHECKOUT));
  } else if (strcmp(message, "payment") == 0) {
    get_struct(r, SHAPE(PAYMENT));
  } else if (strcmp(message, "close") == 0) {
    get_struct(r, SHAPE(CLOSE));
  } else {
    get_claims(r, strcmp(message, "attestation") == 0);
  }
  return NULL;
}

static bool names_session(fw_bytes payload)
{
  static const uint8_t none[16] = {0};
  return memcmp(&payload.data[3], none, sizeof none) != 0;
}

static bool is_of_session(const char *message)
{
  static const char *const outside[] = {"attestation", "open", "telemetry", "firmware"};
  for (size_t i = 0; i < 4u; i++) {
    if (strcmp(message, outside[i]) == 0) {
      return false;
    }
  }
  return true;
}

const char *request_judge(const char *message, fw_bytes payload)
{
  cbor_reader r = msg_open(payload, CBOR_MAX_SIZE);
  if (r.status == FW_ERR_CBOR_SIZE) {
    return "too_large";
  }
  (void)msg_get_map(&r, 5u, 5u);
  (void)get_fields(&r, SHAPE(HEADER), 5u);
  cbor_get_key(&r, 5);
  if (r.status != FW_OK || (is_of_session(message) && !names_session(payload))) {
    return "malformed";
  }
  const char *refusal = get_body(&r, message);
  if (refusal != NULL) {
    return refusal;
  }
  const fw_status status = cbor_end(&r);
  return status == FW_OK ? "ok" : (status == FW_ERR_FIELD ? "invalid_field" : "malformed");
}
