/* Known answers; the comparisons with two libraries are in test/differential. */
#include "check.h"

#include "p256.h"
#include "sha256.h"

static void from_hex(const char *hex, uint8_t *bytes)
{
  for (size_t i = 0; hex[2 * i] != '\0'; i++) {
    unsigned byte = 0;
    (void)sscanf(&hex[2 * i], "%2x", &byte);
    bytes[i] = (uint8_t)byte;
  }
}

static void check_digest(fw_bytes message, const char *expected)
{
  uint8_t digest[32];
  uint8_t wanted[32];
  from_hex(expected, wanted);
  sha256(message, digest);
  CHECK_BYTES(digest, wanted, 32);
}

static void hashes(void)
{
  IT("has the digests of FIPS 180-2, appendix B, and of nothing") {
    check_digest(fw_bytes_view(NULL, 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_digest(fw_bytes_of_text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest(fw_bytes_of_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }
  IT("has the digest of a million letters, fed in uneven parts, and wipes its state") {
    static uint8_t letters[1000];
    static const uint8_t zeros[sizeof(sha256_context)] = {0};
    sha256_context context;
    uint8_t digest[32];
    uint8_t wanted[32];
    size_t left = 1000000;
    memset(letters, 'a', sizeof letters);
    sha256_begin(&context);
    for (size_t part = 1; left > 0; part = part % 990 + 7) {
      const size_t size = part < left ? part : left;
      sha256_update(&context, fw_bytes_view(letters, size));
      left -= size;
    }
    sha256_end(&context, digest);
    from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", wanted);
    CHECK_BYTES(digest, wanted, 32);
    CHECK_BYTES(&context, zeros, sizeof context);
  }
}

/* RFC 6979, A.2.5: the key and its signatures over "sample" and "test" with SHA-256. */
static const char POINT[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char SAMPLE[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                             "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
static const char TEST[] = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                           "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";

static uint8_t point[65];
static uint8_t digest[32];
static uint8_t signature[64];

static void load(const char *text, const char *signed_text)
{
  from_hex(POINT, point);
  from_hex(signed_text, signature);
  sha256(fw_bytes_of_text(text), digest);
}

static uint32_t verdict(void)
{
  return p256_verify(point, digest, signature);
}

static void signatures(void)
{
  IT("takes the signatures of RFC 6979, each over its own text only") {
    load("sample", SAMPLE);
    CHECK_EQ(verdict(), P256_VALID);
    load("test", TEST);
    CHECK_EQ(verdict(), P256_VALID);
    load("test", SAMPLE);
    CHECK_EQ(verdict(), P256_INVALID);
  }
  IT("refuses every signature with one bit changed") {
    for (size_t bit = 0; bit < 512; bit += 5) {
      load("sample", SAMPLE);
      signature[bit / 8] ^= (uint8_t)(1u << (bit % 8));
      CHECK_EQ(verdict(), P256_INVALID);
    }
  }
  IT("refuses zeros, and all ones, for r and for s") {
    for (size_t half = 0; half < 2; half++) {
      load("sample", SAMPLE);
      memset(&signature[32 * half], 0, 32);
      CHECK_EQ(verdict(), P256_INVALID);
      memset(&signature[32 * half], 0xFF, 32);
      CHECK_EQ(verdict(), P256_INVALID);
    }
  }
  IT("refuses points that are compressed, off the curve or beyond the field") {
    load("sample", SAMPLE);
    point[0] = 2;
    CHECK_EQ(verdict(), P256_INVALID);
    load("sample", SAMPLE);
    point[64] ^= 1u;
    CHECK_EQ(verdict(), P256_INVALID);
    load("sample", SAMPLE);
    memset(&point[1], 0xFF, 32);
    CHECK_EQ(verdict(), P256_INVALID);
    load("sample", SAMPLE);
    memset(&point[33], 0xFF, 32);
    CHECK_EQ(verdict(), P256_INVALID);
  }
  IT("its verdicts differ in every bit") {
    CHECK_EQ(P256_VALID ^ P256_INVALID, 0xFFFFFFFFu);
  }
}

/* Found with the reference libraries of test/differential; each is one corner of the standard. */
typedef struct {
  const char *what;
  const char *point;
  const char *digest;
  const char *signature;
  uint32_t verdict;
} corner;

static const corner CORNERS[] = {
#include "_p256_corners.h"
};

static void corners(void)
{
  for (size_t i = 0; i < sizeof CORNERS / sizeof CORNERS[0]; i++) {
    IT(CORNERS[i].what) {
      from_hex(CORNERS[i].point, point);
      from_hex(CORNERS[i].digest, digest);
      from_hex(CORNERS[i].signature, signature);
      CHECK_EQ(verdict(), CORNERS[i].verdict);
    }
  }
}

int main(void)
{
  hashes();
  signatures();
  corners();
  return check_report("crypto");
}
