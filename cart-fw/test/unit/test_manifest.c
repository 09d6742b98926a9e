/* Releases: who may sign one, and which of them a device takes. Every refusal of form is in test_vectors.c. */
#include "check.h"

#include "_vectors.h"
#include "manifest.h"

static vectors file;
static uint8_t storage[VECTOR_BYTES_MAX];
static char name[VECTOR_TEXT_MAX];
static uint8_t build[65];
static uint8_t build_next[65];
static uint8_t release[65];

static fw_bytes frame_named(const char *wanted)
{
  fw_bytes found = fw_bytes_view(NULL, 0);
  vectors_open(&file, "manifests.json");
  while (vectors_next(&file)) {
    if (strcmp(vectors_text(&file, "name", name), wanted) == 0) {
      found = vectors_bytes(&file, "frame", storage);
    }
  }
  CHECK(found.size != 0);
  return found;
}

static void claims(void)
{
  const manifest_keys keys = {{build, NULL}, {release, NULL}};
  manifest found;
  IT("a release says what it is") {
    CHECK_EQ(manifest_verify(frame_named("a release"), &keys, &found), FW_OK);
    CHECK(fw_bytes_equal(fw_bytes_view(found.version, found.version_size), fw_bytes_of_text("1.4.2")));
    CHECK_EQ(found.security_counter, 3);
    CHECK_EQ(found.image_size, 705024);
    CHECK_EQ(found.digest[31], 0x3f);
    CHECK_EQ(found.hardware, 2);
    CHECK_EQ(found.released_ms, 1795262400000);
  }
  IT("the longest one fits what a boot record holds") {
    const fw_bytes frame = frame_named("the longest and greatest");
    CHECK_EQ(frame.size, MANIFEST_FRAME_MAX);
    CHECK_EQ(manifest_verify(frame, &keys, &found), FW_OK);
  }
}

static void signers(void)
{
  const manifest_keys without_next = {{build, NULL}, {release, NULL}};
  const manifest_keys rotated = {{build_next, build}, {NULL, release}};
  const manifest_keys one_for_both = {{build, NULL}, {build, NULL}};
  const manifest_keys none = {{NULL, NULL}, {NULL, NULL}};
  manifest found;
  IT("a key that rotates is good in either place, and unknown in none") {
    CHECK_EQ(manifest_verify(frame_named("by the next build key"), &rotated, &found), FW_OK);
    CHECK_EQ(manifest_verify(frame_named("a release"), &rotated, &found), FW_OK);
    CHECK_EQ(manifest_verify(frame_named("by the next build key"), &without_next, &found), FW_ERR_UNKNOWN_KEY);
    CHECK_EQ(manifest_verify(frame_named("a release"), &none, &found), FW_ERR_UNKNOWN_KEY);
  }
  IT("one key can't be both signers, whatever is pinned") {
    CHECK_EQ(manifest_verify(frame_named("twice by the build signer"), &one_for_both, &found), FW_ERR_SIGNERS);
    CHECK(manifest_verdict(frame_named("twice by the build signer"), &one_for_both) != P256_VALID);
  }
  IT("the verdict is good for a good frame alone") {
    CHECK_EQ(manifest_verdict(frame_named("a release"), &without_next), P256_VALID);
    CHECK(manifest_verdict(frame_named("a stranger under the build signer's kid"), &without_next) != P256_VALID);
    CHECK(manifest_verdict(frame_named("a stranger under the release signer's kid"), &without_next) != P256_VALID);
    CHECK(manifest_verdict(frame_named("signed for another purpose"), &without_next) != P256_VALID);
    CHECK(manifest_verdict(fw_bytes_view(NULL, 0), &without_next) != P256_VALID);
  }
}

static void admission(void)
{
  const manifest claims_of = {.security_counter = 3, .image_size = 1000, .hardware = 2};
  manifest_policy policy = {2, 3, 1000};
  IT("a device takes its own hardware's image, no older counter and what fits") {
    CHECK_EQ(manifest_admit(&claims_of, &policy), FW_OK);
    policy.least_security_counter = 2;
    CHECK_EQ(manifest_admit(&claims_of, &policy), FW_OK);
    policy.least_security_counter = 4;
    CHECK_EQ(manifest_admit(&claims_of, &policy), FW_ERR_DOWNGRADE);
    policy.hardware = 1;
    CHECK_EQ(manifest_admit(&claims_of, &policy), FW_ERR_HARDWARE);
    policy.hardware = 2;
    policy.least_security_counter = 3;
    policy.slot_capacity = 999;
    CHECK_EQ(manifest_admit(&claims_of, &policy), FW_ERR_IMAGE_SIZE);
  }
}

int main(void)
{
  vectors_point("build", build);
  vectors_point("build next", build_next);
  vectors_point("release", release);
  claims();
  signers();
  admission();
  return check_report("manifest");
}
