#include "_modem_line.h"

int main(void)
{
  fill_bytes();

  IT("opens a connection when the network is there, however early it is asked to") {
    seen_count = 0;
    now = 0;
    modem_init(&m, &CONFIG);
    CHECK(modem_connect(&m, now));
    set_up();
    say("\r\n+CEREG: 1,1\r\n\r\nOK\r\n");
    (void)take();
    say("\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_READY);
    SAYS("AT+QSSLOPEN=1,1,0,\"eu.cart.example\",8443,0\r");
    CHECK(!modem_connect(&m, now));
    say("\r\nhm\r\nOK\r\n\r\nhm\r\n+QSSLOPEN: 0,0\r\n");
    CHECK_EQ(event(), MODEM_OPEN);
    CHECK(!modem_connect(&m, now));
    CHECK_EQ(m.connections, 1);
  }

  IT("says why a connection did not come about, and frees the socket") {
    registered();
    CHECK(modem_connect(&m, now));
    tick(0);
    (void)take();
    say("\r\nOK\r\n\r\n+QSSLOPEN: 0,579\r\n");
    SAYS("AT+QSSLCLOSE=0\r");
    say("\r\nhm\r\nOK\r\n");
    CHECK_EQ(seen[0].code, 579);
    CHECK_EQ(event(), MODEM_CLOSED);
    const char *refusals[] = {"\r\nERROR\r\n", "\r\n+CME ERROR: 3\r\n"};
    for (unsigned i = 0; i < 2u; i++) {
      CHECK(modem_connect(&m, now));
      tick(0);
      (void)take();
      say(refusals[i]);
      SAYS("AT+QSSLCLOSE=0\r");
      say(refusals[i]);
      CHECK_EQ(event(), MODEM_CLOSED);
    }
  }

  IT("sends in writes of 700 at most and says when all has left") {
    connected();
    CHECK(modem_send(&m, bytes, 1500, now));
    CHECK(!modem_send(&m, bytes, 1, now));
    for (size_t at = 0; at < 1500u; at += 700u) {
      const size_t size = at == 1400u ? 100u : 700u;
      CHECK_EQ(event(), MODEM_NOTHING);
      SAYS(at == 1400u ? "AT+QSSLSEND=0,100\r" : "AT+QSSLSEND=0,700\r");
      say("\r\n> ");
      CHECK_EQ(strlen(take()), size);
      CHECK_BYTES(out, bytes + at, size);
      say("\r\nSEND OK\r\n");
    }
    CHECK_EQ(event(), MODEM_SENT);
    CHECK_EQ(m.bytes_up, 1500);
    CHECK(modem_send(&m, bytes, 1, now));
  }

  IT("sends nothing without a connection, and no nothing") {
    registered();
    CHECK(!modem_send(&m, bytes, 10, now));
    connected();
    CHECK(!modem_send(&m, bytes, 0, now));
  }

  IT("hands over what it receives, byte by byte, and reads on while reads come full") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    say("\r\nhm\r\n+QSSLRECV: 5\r\n");
    say("\nOK\r\n");
    CHECK_EQ(seen_count, 5);
    CHECK_EQ(seen[0].byte, '\n');
    CHECK_EQ(seen[4].byte, '\n');
    seen_count = 0;
    say("\r\nhm\r\n\r\nOK\r\n");
    SAYS("");
    say("\r\n+QSSLURC: \"recv\",0\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    say("\r\n+QSSLRECV: 1000\r\n");
    for (unsigned i = 0; i < 1000u; i++) {
      CHECK_EQ(modem_feed(&m, (uint8_t)i, now).kind, MODEM_BYTE);
    }
    say("\r\n\r\nOK\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    say("\r\n+QSSLRECV: 0\r\n\r\n\r\nOK\r\n");
    SAYS("");
    CHECK_EQ(event(), MODEM_NOTHING);
    CHECK_EQ(m.bytes_down, 1005);
  }

  IT("reads to the end what came before the other side closed, then closes") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n\r\n+QSSLURC: \"closed\",0\r\n");
    CHECK(!modem_send(&m, bytes, 10, now));
    SAYS("AT+QSSLRECV=0,1000\r");
    say("\r\n+QSSLRECV: 1\r\nx\r\n\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_BYTE);
    SAYS("AT+QSSLCLOSE=0\r");
    say("\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_CLOSED);
    CHECK_EQ(m.state, MODEM_REGISTERED);
  }

  IT("closes when the caller wants it, also in the middle of things, and opens again") {
    connected();
    modem_close(&m, now);
    SAYS("AT+QSSLCLOSE=0\r");
    say("\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_CLOSED);
    CHECK(modem_connect(&m, now));
    tick(0);
    (void)take();
    modem_close(&m, now);
    CHECK(!modem_send(&m, bytes, 10, now));
    say("\r\nOK\r\n\r\n+QSSLOPEN: 0,0\r\n");
    CHECK_EQ(event(), MODEM_OPEN);
    CHECK(!modem_send(&m, bytes, 10, now));
    SAYS("AT+QSSLCLOSE=0\r");
    CHECK(modem_connect(&m, now));
    say("\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_CLOSED);
    SAYS("AT+QSSLOPEN=1,1,0,\"eu.cart.example\",8443,0\r");
    modem_close(&m, now);
    registered();
    modem_close(&m, now);
    SAYS("");
  }

  IT("opens anew behind a close that waits for its turn") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    modem_close(&m, now);
    CHECK(modem_connect(&m, now));
    say("\r\n+QSSLRECV: 0\r\n\r\n\r\nOK\r\n");
    SAYS("AT+QSSLCLOSE=0\r");
    say("\r\nOK\r\n");
    CHECK_EQ(event(), MODEM_CLOSED);
    SAYS("AT+QSSLOPEN=1,1,0,\"eu.cart.example\",8443,0\r");
  }

  IT("uses a connection that takes longer to open than its caller has patience") {
    registered();
    CHECK(modem_connect(&m, now));
    tick(0);
    (void)take();
    say("\r\nOK\r\n");
    tick(20000);
    modem_close(&m, now);
    tick(400);
    CHECK(!modem_connect(&m, now));
    tick(10000);
    say("\r\n+QSSLOPEN: 0,0\r\n");
    CHECK_EQ(event(), MODEM_OPEN);
    SAYS("");
    CHECK(modem_send(&m, bytes, 3, now));
    SAYS("AT+QSSLSEND=0,3\r");
  }

  IT("sends after a read that was under way when it was asked to") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    CHECK(modem_send(&m, bytes, 3, now));
    say("\r\n+QSSLRECV: 0\r\n\r\n\r\nOK\r\n");
    SAYS("AT+QSSLSEND=0,3\r");
  }

  IT("sends nothing more on a connection that is about to be closed") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n");
    SAYS("AT+QSSLRECV=0,1000\r");
    modem_close(&m, now);
    CHECK(!modem_send(&m, bytes, 10, now));
    say("\r\n+QSSLRECV: 0\r\n\r\n\r\nOK\r\n");
    SAYS("AT+QSSLCLOSE=0\r");
  }

  IT("gives its commands in pieces when the line takes no more, with names as long as they may be") {
    static modem_config longest;
    memset(&longest, 'h', sizeof longest);
    longest.port = 65535;
    seen_count = 0;
    now = 0;
    modem_init(&m, &longest);
    CHECK(modem_connect(&m, now));
    m.state = MODEM_REGISTERED;
    m.command = 0;
    tick(0);
    size_t size = 0;
    for (size_t more = modem_take(&m, (uint8_t *)out, 7); more != 0u; more = modem_take(&m, (uint8_t *)out + size, 7)) {
      size += more;
    }
    CHECK_EQ(size, strlen("AT+QSSLOPEN=1,1,0,\"\",65535,0\r") + MODEM_HOST_MAX);
  }

  IT("closes when a send or a read is refused") {
    const char *refusals[] = {"\r\nhm\r\nSEND FAIL\r\n", "\r\nERROR\r\n", "\r\n+CME ERROR: 3\r\n"};
    for (unsigned i = 0; i < 3u; i++) {
      connected();
      CHECK(modem_send(&m, bytes, 10, now));
      (void)take();
      say("\r\n> ");
      (void)take();
      say(refusals[i]);
      SAYS("AT+QSSLCLOSE=0\r");
      say("\r\nOK\r\n");
      CHECK_EQ(event(), MODEM_CLOSED);
      connected();
      say("\r\n+QSSLURC: \"recv\",0\r\n");
      (void)take();
      say(i == 0u ? "\r\nERROR\r\n" : refusals[i]);
      SAYS("AT+QSSLCLOSE=0\r");
    }
  }

  IT("takes no SEND OK before the data has left") {
    connected();
    CHECK(modem_send(&m, bytes, 10, now));
    (void)take();
    say("\r\nSEND OK\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    say("\r\n> ");
    say("\r\nSEND OK\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    (void)take();
    say("\r\nSEND OK\r\n");
    CHECK_EQ(event(), MODEM_SENT);
  }

  IT("passes over echoes, and wipes what came back of what was sent") {
    connected();
    CHECK(modem_send(&m, (const uint8_t *)"AT token 012345\r", 16, now));
    say("AT+QSSLSEND=0,16\r\r\n> ");
    (void)take();
    say("AT token 012345\r\r\nSEND OK\r\n");
    CHECK_EQ(event(), MODEM_SENT);
    modem_wipe(&m);
    for (size_t i = 0; i < sizeof m.lexer.bytes; i++) {
      CHECK_EQ(m.lexer.bytes[i], 0);
    }
  }

  IT("takes a URC of a close that is not its connection's for nothing") {
    registered();
    say("\r\n+QSSLURC: \"closed\",0\r\n");
    tick(1);
    SAYS("");
    CHECK_EQ(event(), MODEM_NOTHING);
  }

  return check_report("modem_socket");
}
