/* The loop: power on, what is done now and then, the cart's effects. */
#include <setjmp.h>

#include "_bench.h"
#include "check.h"

static bench b;
static const manifest_keys no_keys;

static void no_server(bench *at, const char *request) {
  (void)at;
  (void)request;
}

static bool wrote_text(hal_channel channel, const char *text) { return bench_wrote(&b, channel, text, strlen(text)); }

static void carry_out(cart_effect_kind kind) {
  cart_effect effect = {.kind = kind};
  runtime_carry_out(&b.rt, &effect);
}

static void power_on(void) {
  IT("tests itself, says its states to a technician and its screen to the shopper") {
    bench_init(&b, no_server);
    CHECK(bench_start(&b, &no_keys));
    bench_run(&b, 2000);
    CHECK_EQ(b.rt.cart.state, CART_LOCKED);
    CHECK(wrote_text(HAL_LOG, "SELFTEST\nLOCKED\n"));
    CHECK(wrote_text(HAL_DISPLAY, "Not in service"));
  }

  IT("is out of order without the factory's record, on the panel too") {
    bench_init(&b, no_server);
    (void)memset(b.flash + host_area_offset(HAL_FACTORY), 0xFF, CART_FACTORY_SIZE_MAX);
    CHECK(!bench_start(&b, &no_keys));
    bench_run(&b, 2000);
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
    CHECK(wrote_text(HAL_DISPLAY, "Out of order"));
    bench_init(&b, no_server);
    b.port.areas[HAL_FACTORY].fail_reads = 1;
    CHECK(!bench_start(&b, &no_keys));
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
  }

  IT("is out of order without a journal that can be read and written") {
    bench_init(&b, no_server);
    b.port.areas[HAL_JOURNAL].fail_reads = 100000;
    CHECK(bench_start(&b, &no_keys));
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
    bench_init(&b, no_server);
    b.port.areas[HAL_JOURNAL].fail_programs = 100000;
    CHECK(bench_start(&b, &no_keys));
    CHECK_EQ(b.rt.cart.state, CART_FAULT);
  }
}

static jmp_buf slept;
static uint32_t sleep_ms;

static void fall_asleep(host_port *port, uint32_t ms) {
  (void)port;
  sleep_ms = ms;
  longjmp(slept, 1);
}

static void now_and_then(void) {
  IT("tells the cart of the dock and the battery when they change, and keeps what it knew when nothing answers") {
    bench_ready(&b, no_server);
    CHECK_EQ(b.rt.cart.battery, 90);
    CHECK(!b.rt.cart.docked);
    b.port.power.battery_percent = 91;
    bench_run(&b, 1100);
    CHECK_EQ(b.rt.cart.battery, 91);
    b.port.power.docked = true;
    bench_run(&b, 1100);
    CHECK(b.rt.cart.docked);
    b.loses_power = true;
    b.port.power.docked = false;
    bench_run(&b, 1100);
    CHECK(b.rt.cart.docked);
  }

  IT("writes a picture in the pieces that the line takes, and the next one behind it") {
    bench_ready(&b, no_server);
    b.write_most = 7;
    carry_out(CART_FX_DISPLAY);
    (void)runtime_pass(&b.rt);
    CHECK_EQ(b.rt.picture.at, 7);
    b.out[HAL_DISPLAY].size = 0;
    carry_out(CART_FX_DISPLAY);
    bench_settle(&b);
    CHECK_EQ(b.rt.picture.size, 0);
    CHECK(wrote_text(HAL_DISPLAY, "Not in service"));
  }

  IT("sleeps when there is nothing to do") {
    bench_ready(&b, no_server);
    b.port.waiter = fall_asleep;
    /* The second byte of a line keeps it awake for a pass. */
    bench_say_text(&b, HAL_SCALE, "S");
    if (setjmp(slept) == 0) {
      runtime_run(&b.rt);
    }
    CHECK_EQ(sleep_ms, 10);
    CHECK_EQ(b.in[HAL_SCALE].at, 1);
  }
}

static cart_append_status append(cart_journal_class class, size_t size) {
  static const uint8_t payload[CART_RECORD_MAX] = {1};
  cart_effect effect = {.kind = CART_FX_APPEND, .class = class, .type = 1, .bytes = fw_bytes_view(payload, size)};
  runtime_carry_out(&b.rt, &effect);
  b.rt.has_appended = false;
  return b.rt.append_status;
}

static void journal_effects(void) {
  IT("keeps records over a power loss and reads them back") {
    bench_ready(&b, no_server);
    CHECK_EQ(append(CART_CLASS_FAULT, 3), CART_APPENDED);
    const uint32_t id = b.rt.append_id;
    (void)bench_start(&b, &no_keys);
    CHECK_EQ(b.rt.cart.last_id, id);
    cart_effect acknowledge = {.kind = CART_FX_ACKNOWLEDGE, .number = id};
    runtime_carry_out(&b.rt, &acknowledge);
    CHECK_EQ(b.rt.store.acknowledged, id);
  }

  IT("tells a journal that is full from one that is broken") {
    bench_ready(&b, no_server);
    unsigned kept = 0;
    while (append(CART_CLASS_ORDINARY, CART_RECORD_MAX) == CART_APPENDED) {
      kept++;
    }
    CHECK(kept > 300u);
    CHECK_EQ(b.rt.append_status, CART_JOURNAL_FULL);
    CHECK_EQ(append(CART_CLASS_FAULT, 10), CART_APPENDED);
    b.port.areas[HAL_JOURNAL].fail_programs = 10;
    CHECK_EQ(append(CART_CLASS_CONTROL, 10), CART_JOURNAL_BROKEN);
  }
}

static void radio_effects(void) {
  static const uint8_t handoff[16] = {0xCA, 0xFE, 0x01};
  static const uint8_t nonce[16] = {0x0D, 0xD5, 0xEE};
  cart_effect effect = {.order = {.handoff = handoff, .amount_minor = 1234, .exponent = 2, .currency = "EUR", .terminal = fw_bytes_of_text("T1")}};

  IT("hands payments, questions about them and their end to the terminal, and nonces to the beacon") {
    static const struct {
      cart_effect_kind kind;
      uint8_t frame;
    } ORDERS[] = {{CART_FX_PAY, BLE_FRAME_PAY}, {CART_FX_PAY_STATUS, BLE_FRAME_PAY_STATUS}, {CART_FX_PAY_CANCEL, BLE_FRAME_PAY_CANCEL}};
    for (size_t i = 0; i < 3u; i++) {
      const uint8_t begins[2] = {SERIAL_FRAME_START, ORDERS[i].frame};
      bench_ready(&b, no_server);
      effect.kind = ORDERS[i].kind;
      runtime_carry_out(&b.rt, &effect);
      bench_settle(&b);
      CHECK(bench_wrote(&b, HAL_BLE, begins, sizeof begins));
      CHECK(bench_wrote(&b, HAL_BLE, handoff, sizeof handoff));
      CHECK(wrote_text(HAL_BLE, "T1"));
    }
    effect.kind = CART_FX_BEACON;
    effect.bytes = fw_bytes_view(nonce, sizeof nonce);
    runtime_carry_out(&b.rt, &effect);
    bench_settle(&b);
    CHECK(bench_wrote(&b, HAL_BLE, nonce, sizeof nonce));
  }

  IT("arms and disarms the card reader, both when it is asked to before the line has taken the first") {
    bench_ready(&b, no_server);
    const uint8_t armed[2] = {SERIAL_FRAME_START, NFC_FRAME_ARM};
    const uint8_t disarmed[2] = {SERIAL_FRAME_START, NFC_FRAME_DISARM};
    effect.kind = CART_FX_READER;
    effect.ok = true;
    runtime_carry_out(&b.rt, &effect);
    effect.ok = false;
    runtime_carry_out(&b.rt, &effect);
    bench_settle(&b);
    CHECK(bench_wrote(&b, HAL_NFC, armed, sizeof armed));
    CHECK(bench_wrote(&b, HAL_NFC, disarmed, sizeof disarmed));
  }
}

static void other_effects(void) {
  IT("asks the modem for the signal") {
    bench_ready(&b, no_server);
    carry_out(CART_FX_ASK_SIGNAL);
    bench_run(&b, 100);
    CHECK_EQ(b.rt.cart.signal_dbm, -73);
  }

  IT("wipes what drivers and the last request have buffered, but not a request under way") {
    bench_ready(&b, no_server);
    (void)memset(b.rt.exchange.request, 'r', sizeof b.rt.exchange.request);
    (void)memset(b.rt.scanner.bytes, 's', sizeof b.rt.scanner.bytes);
    b.rt.exchange.phase = EXCHANGE_SENDING;
    carry_out(CART_FX_WIPE);
    CHECK_EQ(b.rt.exchange.request[0], 'r');
    CHECK_EQ(b.rt.scanner.bytes[0], 0);
    b.rt.exchange.phase = EXCHANGE_NONE;
    carry_out(CART_FX_WIPE);
    CHECK_EQ(b.rt.exchange.request[0], 0);
  }

  IT("resets") {
    bench_ready(&b, no_server);
    carry_out(CART_FX_RESET);
    CHECK_EQ(b.port.resets, 1);
  }
}

int main(void) {
  power_on();
  now_and_then();
  journal_effects();
  radio_effects();
  other_effects();
  return check_report("runtime");
}
