/* What scanner, card reader, scale, panel and radio say, as the cart is told of it. */
#include "_bench.h"
#include "check.h"

static bench b;

static void no_server(bench *at, const char *request) {
  (void)at;
  (void)request;
}

static void hear(hal_channel channel, const char *text) {
  b.rt.cart.display.notice = NOTICE_NONE;
  b.rt.cart.acted = false;
  bench_say_text(&b, channel, text);
  bench_settle(&b);
}

static void hear_frame(hal_channel channel, uint8_t type, const void *payload, size_t size) {
  uint8_t frame[300];
  b.rt.cart.display.notice = NOTICE_NONE;
  b.rt.cart.acted = false;
  bench_say(&b, channel, frame, serial_frame_write(frame, sizeof frame, type, payload, size));
  bench_settle(&b);
}

static bool holds(const void *bytes, size_t size, const char *text) { return memmem(bytes, size, text, strlen(text)) != NULL; }

static void scanner(void) {
  IT("tells codes, phones and what can't be read, and keeps none of them in the scanner's buffer") {
    bench_ready(&b, no_server);
    hear(HAL_SCANNER, "]E04006381333931\r");
    CHECK(b.rt.cart.acted);
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_NONE);
    hear(HAL_SCANNER, "]Q1cartwright:pair:1:ABCDEFGHIJKL\r");
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_WAIT);
    CHECK(!holds(&b.rt, sizeof b.rt, "ABCDEFGHIJKL"));
    hear(HAL_SCANNER, "]E0\r");
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_SCAN_AGAIN);
  }
}

static void card_reader(void) {
  IT("tells the reader's serial, a token, a card that can't be read and an opened case; no token stays") {
    bench_ready(&b, no_server);
    hear_frame(HAL_NFC, NFC_FRAME_SERIAL, "READER-7", 8);
    CHECK_EQ(b.rt.cart.reader_size, 8);
    CHECK_BYTES(b.rt.cart.reader, "READER-7", 8);
    hear_frame(HAL_NFC, NFC_FRAME_TOKEN, "tokAbcdefghijklmnop01234", 24);
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_WAIT);
    CHECK(!holds(&b.rt, sizeof b.rt, "tokAbcdefghijklmnop01234"));
    hear_frame(HAL_NFC, NFC_FRAME_REFUSED, "\1", 1);
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_SCAN_AGAIN);
    hear_frame(HAL_NFC, NFC_FRAME_TOKEN, "short", 5);
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_NONE);
    CHECK(!holds(&b.rt.nfc, sizeof b.rt.nfc, "short"));
    hear_frame(HAL_NFC, NFC_FRAME_TAMPER, "", 0);
    CHECK_EQ(b.rt.cart.display.notice, NOTICE_TAMPER);
  }
}

static void scale(void) {
  IT("tells a weight that has settled, an overload and a broken scale") {
    bench_ready(&b, no_server);
    for (unsigned i = 0; i < SCALE_SETTLE_COUNT; i++) {
      CHECK(!b.rt.cart.has_grams);
      hear(HAL_SCALE, "S +001234 g\r\n");
    }
    CHECK_EQ(b.rt.cart.grams, 1234);
    hear(HAL_SCALE, "what\r\n");
    CHECK_EQ(b.rt.cart.telemetry.pending, 0);
    hear(HAL_SCALE, "O +099999 g\r\n");
    bench_run(&b, 200);
    CHECK_EQ(b.rt.cart.telemetry.pending, 1);
    hear(HAL_SCALE, "F +000000 g\r\n");
    bench_run(&b, 200);
    CHECK_EQ(b.rt.cart.telemetry.pending, 2);
  }
}

static void panel(void) {
  IT("tells a key with what was typed for it, which stays nowhere") {
    bench_ready(&b, no_server);
    hear_frame(HAL_DISPLAY, DISPLAY_WIRE_FRAME_KEY, "\003ABC9000000000017", 17);
    CHECK(b.rt.cart.acted);
    CHECK(!holds(&b.rt, sizeof b.rt, "9000000000017"));
    hear_frame(HAL_DISPLAY, DISPLAY_WIRE_FRAME_KEY, "\177", 1);
    CHECK(!b.rt.cart.acted);
  }
}

static void radio(void) {
  IT("tells who is in reach and who no more, what the beacon signed and what the terminal says") {
    bench_ready(&b, no_server);
    /* A beacon, -60 dBm. */
    hear_frame(HAL_BLE, BLE_FRAME_SEEN, "\0\304\7us-demo", 10);
    CHECK(b.rt.cart.in_store);
    hear_frame(HAL_BLE, BLE_FRAME_GONE, "\0\304\7us-demo", 10);
    CHECK(!b.rt.cart.in_store);
    /* Neither is waited for: the cart stays as it is. */
    const cart_state state = b.rt.cart.state;
    hear_frame(HAL_BLE, BLE_FRAME_BEACON_SAYS, "statement", 9);
    hear_frame(HAL_BLE, BLE_FRAME_PAY_OUTCOME, "0123456789abcdef\0\2R1", 20);
    hear_frame(HAL_BLE, 0x7F, "", 0);
    CHECK_EQ(b.rt.cart.state, state);
    CHECK(!b.rt.cart.in_store);
  }
}

int main(void) {
  scanner();
  card_reader();
  scale();
  panel();
  radio();
  return check_report("runtime_lines");
}
