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

int main(void) {
  signatures();
  return check_report("runtime_element");
}
