/* An update through the runtime: manifest, verification by the element, ranges over the modem, what is done when they fail. */
#include "_bench.h"
#include "check.h"
#include "ota_rig.h"

#define IMAGE_SIZE 20000u
#define SERVED 8192u
#define FOREVER_MS 86400000u

static bench b;
static rig_release release;
/* What the server says to a GET in place of the range; null: the range. */
static const char *refusal;
static bool is_mute; /* it answers no GET */
static unsigned gets;
static uint64_t got_ms; /* the last GET */
static uint64_t pause_ms; /* before it */

static void answer_range(bench *at, uint32_t first) {
  static uint8_t answer[SERVED + 300u];
  const uint32_t left = IMAGE_SIZE - first;
  const uint32_t size = left < SERVED ? left : SERVED;
  const int head = snprintf((char *)answer, 300, "HTTP/1.1 206 Partial Content\r\nContent-Length: %u\r\nContent-Range: bytes %u-%u/%u\r\n\r\n",
                            size, first, first + size - 1u, IMAGE_SIZE);
  (void)memcpy(answer + head, release.image + first, size);
  bench_answer(at, answer, (size_t)head + size);
}

static void serve(bench *at, const char *request) {
  const char *range = strstr(request, "Range: bytes=");
  if (strncmp(request, "GET ", 4) != 0 || range == NULL) {
    bench_answer_text(at, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  gets++;
  pause_ms = at->port.now_ms - got_ms;
  got_ms = at->port.now_ms;
  if (is_mute) {
    return;
  }
  if (refusal != NULL) {
    bench_answer_text(at, refusal);
  } else {
    answer_range(at, (uint32_t)strtoul(range + strlen("Range: bytes="), NULL, 10));
  }
}

/* A cart that would be open for shoppers, were it not being updated. */
static void begin(void) {
  bench_init(&b, serve);
  b.element.accepts = true;
  (void)bench_start(&b, &rig_keys);
  bench_run(&b, 2000);
  CHECK_EQ(b.rt.cart.state, CART_LOCKED);
  b.rt.cart.evidence.attested = true;
  b.rt.cart.evidence.attested_until_ms = b.port.now_ms + FOREVER_MS;
  b.rt.cart.state = CART_UPDATING;
  gets = 0;
  got_ms = b.port.now_ms;
  cart_effect effect = {.kind = CART_FX_UPDATE, .bytes = fw_bytes_view(release.frame, release.frame_size)};
  runtime_carry_out(&b.rt, &effect);
}

static void refused(void) {
  IT("asks again after a pause, so often and no more, when every range is refused; then the cart is open with a fault") {
    static const char *const REFUSALS[] = {
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/20000\r\n\r\nhello",
        "HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\nContent-Range: bytes 0-8191/20000\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
      refusal = REFUSALS[i];
      begin();
      bench_run(&b, 30000);
      CHECK_EQ(gets, 10);
      CHECK(pause_ms >= 2000u);
      CHECK(!b.rt.updating);
      CHECK_EQ(b.rt.cart.state, CART_READY);
      CHECK_EQ(b.rt.cart.telemetry.pending, 1);
    }
  }

  IT("waits as long as an answer asks for, within a minute") {
    refusal = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
    begin();
    bench_run(&b, 59000);
    CHECK_EQ(gets, 1);
    bench_run(&b, 2000);
    CHECK_EQ(gets, 2);
    refusal = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n";
    bench_run(&b, 60000);
    CHECK_EQ(gets, 3);
    bench_run(&b, 57000);
    CHECK_EQ(gets, 3);
    refusal = NULL;
    bench_run(&b, 4000);
    CHECK_EQ(b.port.resets, 1);
  }
}

static void ended(void) {
  IT("counts ranges without an answer, and answers that are no HTTP, like those that are refused") {
    refusal = NULL;
    is_mute = true;
    begin();
    bench_run(&b, 11000);
    CHECK_EQ(gets, 1);
    CHECK_EQ(b.rt.update_failures, 1);
    is_mute = false;
    refusal = "HTTP/1.0 206\r\n\r\n";
    bench_run(&b, 2000);
    CHECK_EQ(gets, 2);
    CHECK_EQ(b.rt.update_failures, 2);
    refusal = NULL;
    bench_run(&b, 3000);
    CHECK_EQ(b.port.resets, 1);
  }

  IT("ends at once when the release is gone, or the flash fails in the middle of a range") {
    refusal = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    begin();
    bench_run(&b, 5000);
    CHECK_EQ(gets, 1);
    CHECK_EQ(b.rt.cart.state, CART_READY);
    CHECK_EQ(ota_status(&b.rt.update), FW_ERR_NO_IMAGE);
    refusal = NULL;
    begin();
    b.port.areas[HAL_SLOT_B].fail_programs = 1;
    bench_run(&b, 5000);
    CHECK_EQ(gets, 1);
    CHECK_EQ(b.rt.cart.state, CART_READY);
    CHECK_EQ(ota_status(&b.rt.update), FW_ERR_FLASH);
  }

  IT("ends where the element refuses a signature") {
    begin();
    b.element.accepts = false;
    bench_run(&b, 5000);
    CHECK_EQ(gets, 0);
    CHECK_EQ(b.rt.cart.state, CART_READY);
    CHECK_EQ(ota_status(&b.rt.update), FW_ERR_SIGNATURE);
  }
}

static void installed(void) {
  IT("downloads range by range, without a pause between them, and starts what it installed") {
    refusal = NULL;
    begin();
    bench_run(&b, 500);
    CHECK_EQ(gets, 3);
    CHECK_EQ(b.port.resets, 1);
    CHECK(!b.rt.updating);
    CHECK_BYTES(b.flash + host_area_offset(HAL_SLOT_B), release.image, IMAGE_SIZE);
  }
}

static ota_record recorded(void) {
  ota_record record;
  ota_record_place place;
  CHECK_EQ(ota_record_read(&b.port.hal, &record, &place), FW_OK);
  return record;
}

static void confirmed(void) {
  IT("confirms the image that runs, and once a second until the flash has taken it") {
    bench_init(&b, serve);
    b.port.image.slot = HAL_SLOT_B;
    b.port.image.security_counter = 2;
    b.port.image.trial = true;
    (void)bench_start(&b, &rig_keys);
    bench_run(&b, 2000);
    CHECK_EQ(recorded().active, HAL_SLOT_A);
    b.port.areas[HAL_BOOT_RECORDS].fail_programs = 3;
    cart_effect effect = {.kind = CART_FX_CONFIRM};
    runtime_carry_out(&b.rt, &effect);
    bench_run(&b, 1500);
    CHECK_EQ(recorded().active, HAL_SLOT_A);
    bench_run(&b, 2000);
    CHECK_EQ(recorded().active, HAL_SLOT_B);
    CHECK_EQ(recorded().security_counter, 2);
    CHECK_EQ(b.element.counter, 2);
    const uint64_t done = b.port.areas[HAL_BOOT_RECORDS].done;
    bench_run(&b, 5000);
    CHECK_EQ(b.port.areas[HAL_BOOT_RECORDS].done, done);
  }
  IT("leaves the record alone that an update goes by, and confirms when it is over") {
    refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    begin();
    b.rt.confirmation = OTA_ROUND_TRIP_ACCEPTED;
    bench_run(&b, 3000);
    CHECK(b.rt.updating);
    CHECK_EQ(b.rt.confirmation, OTA_ROUND_TRIP_ACCEPTED);
    bench_run(&b, 120000);
    CHECK(!b.rt.updating);
    CHECK_EQ(b.rt.confirmation, 0);
    refusal = NULL;
  }
}

int main(void) {
  rig_build(&release, 1, 2, IMAGE_SIZE);
  installed();
  refused();
  ended();
  confirmed();
  return check_report("runtime_update");
}
