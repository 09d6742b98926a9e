/* The runtime's use of the secure element: the self-test, signatures for the frame that asked, the security counter. */
#include "_bench.h"
#include "check.h"

static bench b;

static void no_server(bench *at, const char *request) {
  (void)at;
  (void)request;
}

/* A frame that waits for the signature of a digest of these bytes. */
static void ask_signature(uint8_t fill) {
  static uint8_t digest[32];
  (void)memset(digest, fill, sizeof digest);
  b.rt.cart.flight.phase = FLIGHT_SIGNING;
  b.rt.cart.flight.message = MSG_TELEMETRY;
  b.rt.cart.flight.frame = fw_buffer_over(b.rt.cart.flight.bytes, sizeof b.rt.cart.flight.bytes);
  cart_effect effect = {.kind = CART_FX_SIGN, .bytes = fw_bytes_view(digest, sizeof digest)};
  runtime_carry_out(&b.rt, &effect);
}

static bool has_signature(uint8_t fill) {
  uint8_t wanted[64];
  (void)memset(wanted, fill, sizeof wanted);
  const cart_flight *flight = &b.rt.cart.flight;
  return memmem(flight->bytes, flight->frame.size, wanted, sizeof wanted) != NULL;
}

static void signatures(void) {
  IT("signs the digest that a frame has") {
    bench_ready(&b, no_server);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
    ask_signature(0x11);
    bench_settle(&b);
    CHECK_EQ(b.rt.cart.flight.phase, FLIGHT_SENT);
    CHECK(has_signature(0x11));
  }

  IT("writes to an element that takes a few bytes at a time") {
    bench_ready(&b, no_server);
    b.write_most = 5;
    ask_signature(0x44);
    bench_settle(&b);
    CHECK(has_signature(0x44));
  }

  IT("puts a signature that came late on no other frame") {
    bench_ready(&b, no_server);
    ask_signature(0x22);
    (void)runtime_pass(&b.rt);
    CHECK_EQ(b.rt.element_use, ELEMENT_SIGN);
    ask_signature(0x33);
    bench_settle(&b);
    CHECK_EQ(b.rt.cart.flight.phase, FLIGHT_SENT);
    CHECK(!has_signature(0x22));
    CHECK(has_signature(0x33));
  }
}

#define COUNTER 0x24u
#define PUBLIC_KEY 0x40u
enum { READ = 0, COUNT_UP = 1 };

static void refuse(uint8_t opcode, uint8_t mode, unsigned times) {
  b.element.refused[0] = opcode;
  b.element.refused[1] = mode;
  b.element.refusals = times;
}

/* A cart that is on, with an element that has counted so far. */
static void start(uint32_t counter) {
  static const manifest_keys no_keys;
  b.element.counter = counter;
  (void)bench_start(&b, &no_keys);
  bench_run(&b, 5000);
}

static void self_test(void) {
  IT("tests the element's key and its counter at power-on, again where one of them is not told") {
    const uint8_t asked[2] = {PUBLIC_KEY, COUNTER};
    for (unsigned i = 0; i < 2u; i++) {
      bench_init(&b, no_server);
      refuse(asked[i], READ, 9);
      start(0);
      CHECK_EQ(b.rt.cart.state, CART_LOCKED);
      CHECK_EQ(b.rt.element_tests, 10);
      bench_init(&b, no_server);
      refuse(asked[i], READ, 10);
      start(0);
      CHECK_EQ(b.rt.cart.state, CART_FAULT);
    }
  }

  IT("is out of order with another cart's element, and takes any where the factory named none") {
    bench_init(&b, no_server);
    b.element.point[63] ^= 1u;
    start(0);
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
    bench_init(&b, no_server);
    b.factory.has_point = false;
    bench_put_factory(&b);
    b.element.point[63] ^= 1u;
    start(0);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
  }

  IT("is out of order with an image from before what the element has counted to") {
    bench_init(&b, no_server);
    start(1);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
    CHECK_EQ(b.rt.update_config.least_counter, 1);
    start(2);
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
    CHECK_EQ(b.element.counter, 2);
  }
}

static void counts_up(void) {
  IT("counts the element up to what was confirmed, at the next power-on where it failed before") {
    bench_init(&b, no_server);
    b.port.image.slot = HAL_SLOT_B;
    b.port.image.security_counter = 3;
    b.port.image.trial = true;
    start(0);
    refuse(COUNTER, COUNT_UP, 1);
    cart_effect effect = {.kind = CART_FX_CONFIRM};
    runtime_carry_out(&b.rt, &effect);
    bench_run(&b, 5000);
    CHECK_EQ(b.element.counter, 0);
    b.port.image.trial = false;
    start(0);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
    CHECK_EQ(b.element.counter, 3);
    const unsigned done = b.element.done[COUNTER];
    start(3);
    CHECK_EQ(b.element.counter, 3);
    CHECK_EQ(b.element.done[COUNTER], done + 1u);
  }

  IT("leaves the counter alone where the boot records can't be read") {
    bench_init(&b, no_server);
    b.port.areas[HAL_BOOT_RECORDS].fail_reads = 1000;
    start(0);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
    CHECK_EQ(b.element.counter, 0);
  }
}

int main(void) {
  signatures();
  self_test();
  counts_up();
  return check_report("runtime_element");
}
