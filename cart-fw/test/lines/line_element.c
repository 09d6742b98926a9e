/*
 * Has the secure element that is simulated at `socket` sign digests and verifies each by it: line_element SOCKET COUNT
 */
#include "line.h"
#include "se608.h"

static int line;
static se608 se;

static se608_state finish(void)
{
  for (;;) {
    uint8_t bytes[256];
    for (size_t size = se608_take(&se, bytes, sizeof bytes); size != 0u; size = se608_take(&se, bytes, sizeof bytes)) {
      line_write(line, bytes, size);
    }
    const se608_state state = se608_tick(&se, line_now_ms());
    if (state != SE608_BUSY) {
      const size_t idle = se608_take(&se, bytes, sizeof bytes);
      line_write(line, bytes, idle);
      return state;
    }
    const size_t size = line_read(line, bytes, sizeof bytes, 5);
    se608_feed(&se, bytes, size, line_now_ms());
  }
}

int main(int argc, char **argv)
{
  uint8_t point[SE608_POINT_SIZE];
  uint8_t signature[SE608_SIGNATURE_SIZE];
  uint8_t digest[SE608_DIGEST_SIZE];
  unsigned verified = 0;
  unsigned refused = 0;
  if (argc != 3) {
    return 2;
  }
  line = line_open(argv[1]);
  se608_init(&se);
  (void)se608_start(&se, SE608_PUBLIC_KEY, line_now_ms());
  if (finish() != SE608_DONE) {
    return 4;
  }
  memcpy(point, se.response, sizeof point);
  for (int i = 0; i < atoi(argv[2]); i++) {
    memset(digest, i + 1, sizeof digest);
    (void)se608_start_sign(&se, digest, line_now_ms());
    if (finish() != SE608_DONE) {
      return 4;
    }
    memcpy(signature, se.response, sizeof signature);
    (void)se608_start_verify(&se, digest, signature, point, line_now_ms());
    verified += finish() == SE608_DONE ? 1u : 0u;
    digest[0] ^= 1u;
    (void)se608_start_verify(&se, digest, signature, point, line_now_ms());
    refused += finish() == SE608_MISMATCH ? 1u : 0u;
  }
  (void)printf("{\"verified\":%u,\"refused\":%u}\n", verified, refused);
  return 0;
}
