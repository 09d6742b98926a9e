/* The small parts: clock, pauses, amounts, the factory's record, the journal's records, the picture. */
#include "_world.h"
#include "check.h"
#include "crc32c.h"
#include "price.h"

static const char *price(int64_t minor, uint8_t exponent, const char *currency) {
  static char text[64];
  fw_buffer out = fw_buffer_over((uint8_t *)text, sizeof text - 1u);
  price_put(&out, minor, exponent, currency);
  text[out.size] = '\0';
  return text;
}

static void clocks_and_pauses(void) {
  IT("knows the cell's time from the moment it was told, and takes no time before its own uptime") {
    cell_clock clock = {0};
    CHECK_EQ(clock_at(&clock, 50), 0);
    clock_set(&clock, 1000, 400);
    CHECK_EQ(clock_at(&clock, 900), 1500);
    clock_set(&clock, 300, 400);
    CHECK_EQ(clock_at(&clock, 900), 0);
  }
  IT("waits longer with each attempt, half of it by chance, never less than it is asked to, never too long") {
    CHECK_EQ(link_pause_ms(0, 0, 0), 100);
    CHECK_EQ(link_pause_ms(0, 0, 100), 200);
    CHECK_EQ(link_pause_ms(1, 0, 0), 200);
    CHECK_EQ(link_pause_ms(40, 0, 0), 4000);
    CHECK_EQ(link_pause_ms(40, 0, 4000), 8000);
    CHECK_EQ(link_pause_ms(0, 5, 0), 5000);
    CHECK_EQ(link_pause_ms(0, 4000000, 0), 60000);
    uint32_t seed = 0;
    CHECK(link_chance(&seed) != link_chance(&seed));
    CHECK(link_is_passing(429));
    CHECK(link_is_passing(503));
    CHECK(!link_is_passing(409));
  }
  IT("writes amounts as people read them") {
    CHECK_EQ(strcmp(price(1234, 2, "EUR"), "12.34 EUR"), 0);
    CHECK_EQ(strcmp(price(-5, 2, "USD"), "-0.05 USD"), 0);
    CHECK_EQ(strcmp(price(120, 0, "JPY"), "120 JPY"), 0);
    CHECK_EQ(strcmp(price(1005, 3, NULL), "1.005"), 0);
    CHECK_EQ(strcmp(price(INT64_MIN, 2, "EUR"), "-92233720368547758.08 EUR"), 0);
  }
}

static void the_factory(void) {
  static uint8_t area[CART_FACTORY_SIZE_MAX];
  static cart_factory made, read;
  fw_buffer out = fw_buffer_over(area, sizeof area);
  (void)memset(&made, 0, sizeof made);
  (void)memset(made.serial, 0x31, sizeof made.serial);
  (void)strcpy(made.host, "api.us.cart.test");
  made.port = 443;
  made.cell = STATEMENT_CELL_US;
  IT("reads the factory's record as it was written, with the element's key and without") {
    cart_factory_put(&out, &made);
    CHECK_EQ(cart_factory_read(fw_bytes_view(area, out.size), &read), FW_OK);
    CHECK_BYTES(&read, &made, sizeof made);
    made.has_point = true;
    (void)memset(made.point, 0x32, sizeof made.point);
    made.cell = STATEMENT_CELL_EU;
    (void)strcpy(made.apn, "iot");
    out = fw_buffer_over(area, sizeof area);
    cart_factory_put(&out, &made);
    CHECK_EQ(cart_factory_read(fw_bytes_view(area, out.size), &read), FW_OK);
    CHECK_BYTES(&read, &made, sizeof made);
  }
  IT("refuses a record that is none, cut off, or changed in any byte") {
    CHECK_EQ(cart_factory_read(fw_bytes_view(area, 4), &read), FW_ERR_FORM);
    CHECK_EQ(cart_factory_read(fw_bytes_view(area, out.size - 1u), &read), FW_ERR_FORM);
    for (size_t at = 0; at < out.size; at++) {
      area[at] ^= 0x01u;
      CHECK(cart_factory_read(fw_bytes_view(area, out.size), &read) != FW_OK);
      area[at] ^= 0x01u;
    }
  }
  IT("refuses a record of another cell, and one that is no CBOR") {
    static const char *const CELLS[] = {"eu", "xx"};
    for (unsigned i = 0; i < 2u; i++) {
      uint8_t *cell = memmem(area, out.size, "beu", 3);
      CHECK(cell != NULL);
      (void)memcpy(cell + 1, CELLS[i], 2);
      uint32_t crc = crc32c(0, area + CART_FACTORY_HEAD_SIZE, out.size - CART_FACTORY_HEAD_SIZE);
      (void)memcpy(area + 6, &crc, sizeof crc);
      CHECK_EQ(cart_factory_read(fw_bytes_view(area, out.size), &read), i == 0u ? FW_OK : FW_ERR_FIELD);
    }
    area[CART_FACTORY_HEAD_SIZE] = 0xFF;
    uint32_t crc = crc32c(0, area + CART_FACTORY_HEAD_SIZE, out.size - CART_FACTORY_HEAD_SIZE);
    (void)memcpy(area + 6, &crc, sizeof crc);
    CHECK(cart_factory_read(fw_bytes_view(area, out.size), &read) != FW_OK);
  }
}

static void the_records(void) {
  static cart_trip trip, back;
  static display_model display, shown;
  uint8_t bytes[CART_RECORD_MAX];
  (void)memset(&trip, 0, sizeof trip);
  display_init(&display);
  (void)memcpy(display.currency, "EUR", 3);
  trip.next_seq = 7;
  trip.exit_told = true;
  trip.payment.has_order = true;
  trip.payment.approved = true;
  trip.payment.reference_size = 64;
  (void)memset(trip.payment.reference, 'R', 64);
  trip.payment.terminal_size = 32;
  (void)memset(trip.payment.terminal, 'T', 32);
  trip.payment.amount_minor = CBOR_MAX_INTEGER;
  trip.payment.expires_ms = CBOR_MAX_INTEGER;
  IT("reads a trip's summary as it was written, the longest one too, and refuses one that is cut off") {
    size_t size = cart_record_put_trip(bytes, &trip, &display);
    CHECK(size > 0);
    CHECK(cart_record_get_trip(fw_bytes_view(bytes, size), &back, &shown));
    CHECK_BYTES(&back, &trip, sizeof trip);
    CHECK_BYTES(shown.currency, "EUR", 3);
    for (size_t cut = 0; cut < size; cut++) {
      CHECK(!cart_record_get_trip(fw_bytes_view(bytes, cut), &back, &shown));
    }
  }
  IT("reads a bound number as it was written, and refuses one that is cut off") {
    cart_bound bound = {true, true, 3, 4, 5, 6, 7, 2, 0xFFFFFFFFu};
    cart_bound read = {.has = true};
    size_t size = cart_record_put_bound(bytes, &bound);
    CHECK(cart_record_get_bound(fw_bytes_view(bytes, size), &read));
    CHECK_BYTES(&read, &bound, sizeof bound);
    for (size_t cut = 0; cut < size; cut++) {
      CHECK(!cart_record_get_bound(fw_bytes_view(bytes, cut), &read));
    }
  }
}

static bool shows(const display_model *model, const char *text) {
  static uint8_t picture[DISPLAY_WIRE_PICTURE_MAX];
  size_t size = display_render(model, picture, sizeof picture);
  CHECK(size > 0);
  return memmem(picture, size, text, strlen(text)) != NULL;
}

static uint8_t tone_of_picture(const display_model *model) {
  static uint8_t picture[DISPLAY_WIRE_PICTURE_MAX];
  CHECK(display_render(model, picture, sizeof picture) > SERIAL_FRAME_OVERHEAD);
  /* Behind the frame's start, type and size. */
  return picture[4];
}

static void the_picture(void) {
  static display_model model;
  display_init(&model);
  IT("shows the newest lines, the total, what waits and what staff have to look at") {
    (void)memcpy(model.currency, "USD", 3);
    model.exponent = 2;
    model.screen = SCREEN_SHOPPING;
    for (uint16_t line = 1; line <= 8u; line++) {
      (void)display_put_line(&model, line, fw_bytes_of_text("Whole milk"), line, 289);
    }
    model.total_known = true;
    model.total_minor = 2312;
    model.pending = 3;
    model.held = DISPLAY_HELD_AGE | DISPLAY_HELD_WEIGHT | DISPLAY_HELD_UNKNOWN;
    model.held_line = 4;
    CHECK(shows(&model, "8 Whole milk x8 2.89"));
    CHECK(!shows(&model, "3 Whole milk"));
    CHECK(shows(&model, "Total 23.12 USD"));
    CHECK(shows(&model, "Pending: 3"));
    CHECK(shows(&model, "age check weight unknown item 4"));
    model.held = 0;
    CHECK(!shows(&model, "Staff:"));
  }
  IT("shows the amount, the receipt, an update and a notice") {
    model.amount_minor = 2400;
    model.notice = NOTICE_DO_NOT_PAY;
    CHECK(shows(&model, "To pay 24.00 USD"));
    CHECK(shows(&model, "Do not pay again"));
    (void)memcpy(model.receipt, "0123456789abcdefghijAB", 22);
    model.receipt_size = 22;
    model.screen = SCREEN_UPDATING;
    model.percent = 40;
    CHECK(shows(&model, "Receipt 0123456789abcdefghijAB"));
    CHECK(shows(&model, "40 %"));
  }
  IT("shows a nickname and the two digits, and nothing of either once the trip is forgotten") {
    display_nickname_set(&model.nickname, fw_bytes_of_text("Ada"));
    model.digits[0] = '0';
    model.digits[1] = '7';
    CHECK(shows(&model, "Hello Ada"));
    CHECK(shows(&model, "Your phone shows 07"));
    display_forget_trip(&model);
    CHECK(!shows(&model, "Ada"));
    CHECK(!shows(&model, "07"));
    CHECK_EQ(model.lines_used, 0);
  }
  IT("changes a line, takes it out, and lets the oldest go when there are too many") {
    for (uint16_t line = 1; line <= DISPLAY_LINES + 2u; line++) {
      (void)display_put_line(&model, line, fw_bytes_of_text("x"), 300, INT64_MAX);
    }
    CHECK_EQ(model.lines_used, DISPLAY_LINES);
    CHECK_EQ(model.lines[0].line, 3);
    CHECK_EQ(model.lines[0].total_minor, INT32_MAX);
    CHECK_EQ(model.lines[0].quantity, 255);
    (void)display_put_line(&model, 5, fw_bytes_of_text("y"), 1, INT64_MIN);
    CHECK_EQ(model.lines[DISPLAY_LINES - 1u].line, 5);
    CHECK_EQ(model.lines[DISPLAY_LINES - 1u].total_minor, INT32_MIN);
    (void)display_put_line(&model, 5, fw_bytes_of_text("y"), 0, 0);
    (void)display_put_line(&model, 7777, fw_bytes_of_text("y"), 0, 0);
    CHECK_EQ(model.lines_used, DISPLAY_LINES - 1u);
  }
  IT("tells a line that is gone or got less from one that is new, unchanged or got more") {
    display_init(&model);
    CHECK(!display_put_line(&model, 1, fw_bytes_of_text("x"), 2, 200));
    CHECK(!display_put_line(&model, 1, fw_bytes_of_text("x"), 3, 300));
    CHECK(!display_put_line(&model, 1, fw_bytes_of_text("x"), 3, 300));
    CHECK(display_put_line(&model, 1, fw_bytes_of_text("x"), 2, 200));
    CHECK(display_put_line(&model, 1, fw_bytes_of_text("x"), 0, 0));
    CHECK(display_put_line(&model, 9, fw_bytes_of_text("x"), 0, 0));
  }
  IT("has a notice's tone, and warns at least while staff have to look") {
    static const struct {
      display_notice notice;
      uint8_t held;
      display_tone tone;
    } TONES[] = {
        {NOTICE_NONE, 0, DISPLAY_TONE_NONE},
        {NOTICE_ADDED, 0, DISPLAY_TONE_OK},
        {NOTICE_NONE, DISPLAY_HELD_UNKNOWN, DISPLAY_TONE_WARN},
        {NOTICE_ADDED, DISPLAY_HELD_AGE, DISPLAY_TONE_WARN},
        {NOTICE_TAMPER, DISPLAY_HELD_WEIGHT, DISPLAY_TONE_ALARM},
    };
    for (size_t i = 0; i < sizeof TONES / sizeof TONES[0]; i++) {
      model.notice = TONES[i].notice;
      model.held = TONES[i].held;
      CHECK_EQ(tone_of_picture(&model), TONES[i].tone);
    }
  }
  IT("names each thing that staff have to look at, and no other") {
    static const uint8_t BITS[] = {DISPLAY_HELD_AGE, DISPLAY_HELD_WEIGHT, DISPLAY_HELD_UNKNOWN};
    static const char *const TEXTS[] = {" age check", " weight", " unknown item 4"};
    display_init(&model);
    model.screen = SCREEN_SHOPPING;
    model.held_line = 4;
    for (unsigned held = 0; held < 3u; held++) {
      model.held = BITS[held];
      for (unsigned text = 0; text < 3u; text++) {
        CHECK_EQ(shows(&model, TEXTS[text]), text == held);
      }
    }
  }
}

static void the_step(void) {
  IT("never writes more effects than there is room for") {
    static world w;
    world_init(&w);
    cart_init(&w.cart, &w.factory, 1);
    cart_event start = {.kind = CART_EV_START};
    cart_effect one[1];
    CHECK_EQ(cart_step(&w.cart, &start, one, 0), 0);
    cart_event found = {.kind = CART_EV_JOURNAL, .ok = true, .number = 1};
    CHECK_EQ(cart_step(&w.cart, &found, one, 1), 1);
  }
}

static bool anywhere(const world *w, const char *const *texts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (world_holds(w, texts[i])) {
      (void)fprintf(stderr, "found: %s\n", texts[i]);
      return true;
    }
  }
  return false;
}

static void residue(void) {
  static const char *const TEXTS[] = {"TokenOf24Characters12345", "LOYAL-777-888", "ABCDEFGHJKMNPQRSTVWXYZ2345",
                                      "Adelheid",  "TokenOf24", "LOYAL-777", "ABCDEFGHJK", "Adelh"};
  IT("holds no token, number, code or nickname in RAM or flash after a trip with all of them") {
    static world w;
    world_init(&w);
    w.platform.nickname = "Adelheid";
    world_start(&w);
    world_shop(&w);
    world_secret(&w, SECRET_CARD, TEXTS[0]);
    CHECK(world_holds(&w, "Adelheid"));
    world_key(&w, DISPLAY_KEY_LOYALTY, TEXTS[1]);
    w.platform.identity = MSG_TO_BE_CONFIRMED;
    world_secret(&w, SECRET_PAIRING, TEXTS[2]);
    CHECK(world_holds(&w, TEXTS[2]));
    w.platform.identity = MSG_LINKED;
    world_wait(&w, 4000);
    world_hand_over(&w);
    world_pay(&w, CART_TERMINAL_APPROVED, "AUTH");
    CHECK_EQ(w.cart.state, CART_READY);
    CHECK(!anywhere(&w, TEXTS, sizeof TEXTS / sizeof TEXTS[0]));
  }
}

int main(void) {
  clocks_and_pauses();
  the_factory();
  the_records();
  the_picture();
  the_step();
  residue();
  return check_report("test_cart_parts");
}
