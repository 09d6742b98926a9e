#include "cbor_head.h"
#include "utf8.h"

#include <string.h>

/* An array or a map that is being walked. */
typedef struct {
  uint64_t left; /* items not yet read; of a map: keys and values, so an even number stands before a key */
  bool is_map;
  fw_bytes previous_key; /* as encoded; empty before the first */
} level;

typedef struct {
  cbor_reader reader;
  level levels[CBOR_MAX_DEPTH];
  size_t depth; /* levels in use */
  size_t depth_limit;
} walk;

/*
 * Bytewise lexicographic order (RFC 8949, 4.2.1): below 0 when a stands first. No encoded item is the beginning of
 * another, so what is equal over the shorter length is equal.
 */
static int compare(fw_bytes a, fw_bytes b) {
  return memcmp(a.data, b.data, (a.size < b.size) ? a.size : b.size);
}

static void check_key(walk *w, cbor_major major, fw_bytes encoded) {
  level *const map = &w->levels[w->depth - 1u];
  if ((major != CBOR_UINT) && (major != CBOR_NEGATIVE) && (major != CBOR_TEXT)) {
    cbor_fail(&w->reader, FW_ERR_CBOR_KEY_TYPE);
    return;
  }
  if (map->previous_key.size != 0u) {
    const int order = compare(map->previous_key, encoded);
    if (order >= 0) {
      cbor_fail(&w->reader, (order == 0) ? FW_ERR_CBOR_DUPLICATE_KEY : FW_ERR_CBOR_KEY_ORDER);
    }
  }
  map->previous_key = encoded;
}

static void check_string(walk *w, cbor_head head) {
  const fw_bytes string = cbor_take(&w->reader, head.argument);
  if ((head.major == CBOR_TEXT) && !utf8_is_valid(string)) {
    cbor_fail(&w->reader, FW_ERR_CBOR_UTF8);
  }
}

static void enter(walk *w, cbor_head head) {
  if (w->depth == w->depth_limit) {
    cbor_fail(&w->reader, FW_ERR_CBOR_DEPTH);
    return;
  }
  level *const inner = &w->levels[w->depth];
  inner->is_map = head.major == CBOR_MAP;
  inner->left = inner->is_map ? (head.argument * 2u) : head.argument;
  inner->previous_key = fw_bytes_view(NULL, 0u);
  w->depth++;
}

static bool stands_before_key(const walk *w) {
  if (w->depth == 0u) {
    return false;
  }
  const level *const inner = &w->levels[w->depth - 1u];
  return inner->is_map && ((inner->left % 2u) == 0u);
}

static void leave_finished(walk *w) {
  while ((w->depth > 0u) && (w->levels[w->depth - 1u].left == 0u)) {
    w->depth--;
  }
}

/* One scalar or string whole, or the head of an array or map. */
static void walk_item(walk *w) {
  const bool is_key = stands_before_key(w);
  const size_t start = w->reader.at;
  const cbor_head head = cbor_take_head(&w->reader);
  if ((head.major == CBOR_BYTES) || (head.major == CBOR_TEXT)) {
    check_string(w, head);
  }
  if (w->reader.status != FW_OK) {
    return;
  }
  if (is_key) {
    check_key(w, head.major, fw_bytes_view(&w->reader.bytes.data[start], w->reader.at - start));
  }
  if (w->depth > 0u) {
    w->levels[w->depth - 1u].left--;
  }
  if ((head.major == CBOR_ARRAY) || (head.major == CBOR_MAP)) {
    enter(w, head);
  }
  leave_finished(w);
}

/* The tag in its shortest form (RFC 8949, 3.4): one byte below 24, else two. */
static void check_tag(cbor_reader *reader, uint8_t tag) {
  uint8_t storage[CBOR_HEAD_MAX];
  fw_buffer head = fw_buffer_over(storage, sizeof storage);
  cbor_put_head(&head, CBOR_TAG, tag);
  const fw_bytes found = cbor_take(reader, head.size);
  if ((reader->status == FW_OK) && !fw_bytes_equal(found, fw_bytes_written(&head))) {
    cbor_fail(reader, FW_ERR_CBOR_TAG);
  }
}

fw_status cbor_check(fw_bytes bytes, uint8_t tag, size_t max_size) {
  walk w;
  if (bytes.size > max_size) {
    return FW_ERR_CBOR_SIZE;
  }
  w.reader = cbor_reader_over(bytes);
  w.depth = 0u;
  w.depth_limit = CBOR_MAX_DEPTH;
  if (tag != CBOR_NO_TAG) {
    check_tag(&w.reader, tag);
    w.depth_limit--;
  }
  do {
    walk_item(&w);
  } while ((w.reader.status == FW_OK) && (w.depth > 0u));
  return cbor_end(&w.reader);
}
