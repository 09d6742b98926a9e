#include "messages.h"

#include "cose.h"

typedef struct {
  const char *before;
  const char *behind; /* null where the path names no session */
} path;

#define MSG_PATH(kind, before, behind) {before, behind},
static const path PATHS[] = {MSG_TABLE(MSG_PATH)};
#undef MSG_PATH

/* A UUID as text (RFC 9562, 4): 8-4-4-4-12 lower-case hex digits. */
static void put_uuid(fw_buffer *out, const uint8_t uuid[MSG_UUID_SIZE]) {
  static const size_t groups[5] = {4u, 2u, 2u, 2u, 6u}; /* bytes */
  size_t at = 0u;
  for (size_t i = 0u; i < 5u; i++) {
    if (i > 0u) {
      fw_buffer_put_byte(out, (uint8_t)'-');
    }
    fw_buffer_put_hex(out, fw_bytes_view(&uuid[at], groups[i]));
    at += groups[i];
  }
}

void msg_put_path(fw_buffer *out, msg_kind kind, const uint8_t *session) {
  const path *const found = &PATHS[kind];
  fw_buffer_put_text(out, found->before);
  if ((found->behind == NULL) != (session == NULL)) {
    fw_buffer_fail(out, FW_ERR_ARGUMENT);
  } else if (session != NULL) {
    put_uuid(out, session);
    fw_buffer_put_text(out, found->behind);
  } else {
    /* The path is whole. */
  }
}

void msg_put_purpose(fw_buffer *out, msg_kind kind, const uint8_t *session) {
  fw_buffer_put_text(out, COSE_PURPOSE_POST);
  msg_put_path(out, kind, session);
}
