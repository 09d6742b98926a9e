/* One request at a time on the connection that is kept: opened, sent, answered, and all that goes wrong. */
#include "_bench.h"
#include "check.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static bench b;
static const char *answer; /* of the server; null: none */
static bool hangs_up;

static void serve(bench *at, const char *request) {
  (void)request;
  if (answer != NULL) {
    bench_answer_text(at, answer);
  }
  if (hangs_up) {
    bench_hang_up(at);
  }
}

static void ready(const char *with) {
  answer = with;
  hangs_up = false;
  bench_ready(&b, serve);
}

/* The cart waits for the answer of a frame that it has sent. */
static void await_answer(msg_kind message) {
  b.rt.cart.flight.phase = FLIGHT_SENT;
  b.rt.cart.flight.message = message;
  b.rt.cart.flight.attempts = 0;
  b.rt.cart.flight.sent_ms = b.port.now_ms;
}

static bool is_paused(void) { return b.rt.cart.flight.phase == FLIGHT_PAUSED; }

static void post(void) {
  await_answer(MSG_TELEMETRY);
  bench_post(&b, "/cart/v1/telemetry", "hello");
}

static void kept(void) {
  IT("opens a connection for the first request and keeps it for the next") {
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    CHECK(strstr(b.request, "POST /cart/v1/telemetry HTTP/1.1\r\nHost: api.cart.test\r\n") == b.request);
    CHECK(strstr(b.request, "Content-Length: 5\r\n\r\nhello") != NULL);
    CHECK_EQ(b.rt.exchange.phase, EXCHANGE_NONE);
    post();
    bench_run(&b, 100);
    CHECK_EQ(b.requests, 2);
    CHECK_EQ(b.modem.opened, 1);
  }

  IT("writes to a line that takes a few bytes at a time") {
    ready(OK_EMPTY);
    b.write_most = 7;
    post();
    bench_run(&b, 100);
    CHECK_EQ(b.requests, 1);
  }

  IT("says hello in CBOR and everything else in COSE") {
    ready(OK_EMPTY);
    cart_effect hello = {.kind = CART_FX_SEND, .message = MSG_HELLO, .path = fw_bytes_of_text("/cart/v1/hello"), .bytes = fw_bytes_of_text("x")};
    runtime_carry_out(&b.rt, &hello);
    bench_run(&b, 100);
    CHECK(strstr(b.request, "Content-Type: application/cbor\r\n") != NULL);
  }

  IT("closes a connection that the answer says is over") {
    ready("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    post();
    bench_run(&b, 100);
    CHECK(!b.modem.connected);
    post();
    bench_run(&b, 20);
    CHECK_EQ(b.modem.opened, 2);
  }

  IT("hands the answer to the cart: its status, its body, and how long it asks to wait") {
    ready("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 3\r\n\r\nabc");
    post();
    bench_run(&b, 100);
    CHECK(is_paused());
    CHECK(b.rt.cart.flight.due_ms >= b.port.now_ms + 6000u);
    CHECK_EQ(b.rt.exchange.answer[0], 0);
    answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    post();
    bench_run(&b, 100);
    CHECK(is_paused());
    CHECK(b.rt.cart.flight.due_ms < b.port.now_ms + 6000u);
  }

  IT("keeps of a long answer what it has room for, and says that it is cut") {
    static char longest[RUNTIME_ANSWER_MAX + 100u];
    const int head = snprintf(longest, sizeof longest, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", RUNTIME_ANSWER_MAX + 2u);
    (void)memset(longest + head, 'x', RUNTIME_ANSWER_MAX + 2u);
    ready(longest);
    post();
    bench_run(&b, 300);
    CHECK_EQ(b.rt.exchange.phase, EXCHANGE_NONE);
    CHECK_EQ(b.rt.exchange.answer_size, RUNTIME_ANSWER_MAX);
    CHECK(b.rt.exchange.is_cut);
  }

  IT("sends the next request from within an answer, whose buffer is the next answer's by then") {
    ready("HTTP/1.1 204 No Content\r\n\r\n");
    bench_post(&b, "/cart/v1/firmware", "x");
    await_answer(MSG_FIRMWARE);
    b.rt.cart.state = CART_STORE_ATTEST;
    for (unsigned passes = 0; b.requests < 1u && passes < 100u; passes++) {
      bench_run(&b, 10);
    }
    answer = NULL;
    bench_run(&b, 100);
    CHECK_EQ(b.requests, 2);
    CHECK(strstr(b.request, "/hello") != NULL);
  }
}

static void unanswered(void) {
  IT("gives up a request without an answer after 10 s, and the connection with it") {
    ready(NULL);
    post();
    bench_run(&b, 9500);
    CHECK(!is_paused());
    bench_run(&b, 600);
    CHECK(is_paused());
    CHECK(!b.modem.connected);
  }

  IT("gives up a connection that does not open after 20 s, or that is refused") {
    ready(OK_EMPTY);
    b.modem.open_ms = 30000;
    post();
    bench_run(&b, 19500);
    CHECK(!is_paused());
    bench_run(&b, 600);
    CHECK(is_paused());
    ready(OK_EMPTY);
    b.modem.refuses_open = true;
    post();
    bench_run(&b, 100);
    CHECK(is_paused());
  }

  IT("uses a connection that took longer to open than one request could wait") {
    ready(OK_EMPTY);
    b.modem.open_ms = 30000;
    post();
    bench_run(&b, 32000);
    CHECK_EQ(b.modem.opened, 1);
    CHECK(b.requests >= 1u);
    CHECK(b.modem.connected);
  }

  IT("closes on an answer that is not HTTP") {
    ready("nonsense\r\n\r\n");
    post();
    bench_run(&b, 100);
    CHECK(is_paused());
    CHECK(!b.modem.connected);
  }

  IT("closes on bytes that nobody asked for, and on those before a request") {
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    bench_answer_text(&b, "more");
    bench_run(&b, 100);
    CHECK(!b.modem.connected);
    CHECK_EQ(b.rt.exchange.phase, EXCHANGE_NONE);
  }

  IT("takes an answer that comes before the request has left whole") {
    static char longer[1500];
    (void)memset(longer, 'y', sizeof longer - 1u);
    ready(NULL);
    b.modem.early = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    await_answer(MSG_TELEMETRY);
    bench_post(&b, "/cart/v1/telemetry", longer);
    bench_run(&b, 50);
    CHECK(is_paused());
  }
}

static bool holds(const void *bytes, size_t size, const char *text) { return memmem(bytes, size, text, strlen(text)) != NULL; }

/* A card's token in its signed frame, for the cart to send. */
static cart_effect a_secret(const char *token) {
  static const uint8_t session[16];
  static const uint8_t signature[64];
  uint8_t text[24];
  uint8_t digest[32];
  cart_identity *identity = &b.rt.cart.identity;
  const msg_envelope envelope = {.session = session, .boot = 1, .seq = 1, .time_ms = 1};
  (void)memcpy(text, token, sizeof text);
  CHECK_EQ(secret_take(&identity->text, SECRET_CARD, text, sizeof text, b.port.now_ms), FW_OK);
  CHECK_EQ(secret_frame_begin(&identity->frame, &identity->text, &envelope, b.factory.kid, fw_bytes_of_text("purpose"), digest), FW_OK);
  CHECK_EQ(secret_frame_finish(&identity->frame, signature), FW_OK);
  await_answer(MSG_IDENTITY);
  return (cart_effect){.kind = CART_FX_SEND_SECRET, .message = MSG_IDENTITY, .path = fw_bytes_of_text("/cart/v1/identity"), .frame = &identity->frame};
}

static void repeated(void) {
  IT("sends a request once more where the kept connection was closed meanwhile") {
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    answer = NULL;
    hangs_up = true;
    post();
    bench_run(&b, 20);
    CHECK_EQ(b.modem.opened, 2);
    bench_run(&b, 100);
    CHECK_EQ(b.requests, 3);
    CHECK(is_paused());
  }

  IT("repeats no request whose answer has begun") {
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    answer = "HTTP/1.1 2";
    hangs_up = true;
    post();
    bench_run(&b, 50);
    CHECK_EQ(b.requests, 2);
    CHECK(is_paused());
  }

  IT("repeats no person's secret, and wipes it as soon as it has left") {
    static const char TOKEN[] = "tokAbcdefghijklmnop01234";
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    answer = NULL;
    hangs_up = true;
    cart_effect secret = a_secret(TOKEN);
    runtime_carry_out(&b.rt, &secret);
    CHECK(holds(b.rt.exchange.request, sizeof b.rt.exchange.request, TOKEN));
    bench_run(&b, 50);
    CHECK_EQ(b.requests, 2);
    CHECK(strstr(b.request, "POST /cart/v1/identity") == b.request);
    CHECK(!holds(&b.rt.exchange, sizeof b.rt.exchange, TOKEN));
    CHECK(!holds(&b.rt.modem_out, sizeof b.rt.modem_out, TOKEN));
    CHECK(is_paused());
  }

  IT("tells at the next pass that a connection took nothing more") {
    ready(OK_EMPTY);
    post();
    bench_run(&b, 100);
    b.rt.modem.peer_closed = true;
    post();
    CHECK(!is_paused());
    (void)runtime_pass(&b.rt);
    CHECK(is_paused());
  }

  IT("opens another connection where the one that is there is being closed, or is to be") {
    for (unsigned i = 0; i < 2u; i++) {
      ready(OK_EMPTY);
      post();
      bench_run(&b, 100);
      if (i == 0u) {
        modem_close(&b.rt.modem, b.port.now_ms);
      } else {
        b.rt.modem.want_close = true;
      }
      answer = NULL;
      post();
      CHECK_EQ(b.rt.exchange.phase, EXCHANGE_OPENING);
      bench_run(&b, 50);
      CHECK_EQ(b.modem.opened, 2);
      CHECK_EQ(b.requests, 2);
      CHECK(!is_paused());
    }
  }
}

static void dropped(void) {
  static const cart_effect CLOSE = {.kind = CART_FX_LINK_CLOSE};

  IT("forgets a request that the cart gives up, while it opens, while it is sent and afterwards") {
    ready(OK_EMPTY);
    b.modem.open_ms = 500;
    post();
    bench_run(&b, 100);
    runtime_carry_out(&b.rt, &CLOSE);
    b.rt.cart.flight.phase = FLIGHT_NONE;
    bench_run(&b, 1000);
    CHECK_EQ(b.requests, 0);
    CHECK(!b.modem.connected);
    b.modem.open_ms = 0;
    b.modem.holds_sends = true;
    post();
    bench_run(&b, 100);
    CHECK_EQ(b.rt.exchange.phase, EXCHANGE_SENDING);
    runtime_carry_out(&b.rt, &CLOSE);
    b.rt.cart.flight.phase = FLIGHT_NONE;
    bench_say_text(&b, HAL_MODEM, "\r\nSEND OK\r\n");
    bench_run(&b, 100);
    CHECK_EQ(b.rt.exchange.phase, EXCHANGE_NONE);
    CHECK(!b.modem.connected);
  }
}

static void network(void) {
  IT("tells the cart when the network is there and when it is lost, with or without a request under way") {
    ready(NULL);
    CHECK(b.rt.cart.linked);
    bench_say_text(&b, HAL_MODEM, "\r\n+CEREG: 2\r\n");
    bench_settle(&b);
    CHECK(!b.rt.cart.linked);
    bench_run(&b, 2000);
    CHECK(b.rt.cart.linked);
    post();
    bench_run(&b, 100);
    bench_say_text(&b, HAL_MODEM, "\r\n+CEREG: 2\r\n");
    bench_settle(&b);
    CHECK(is_paused());
    CHECK(!b.rt.cart.linked);
  }
}

int main(void) {
  kept();
  unanswered();
  repeated();
  dropped();
  network();
  return check_report("runtime_http");
}
