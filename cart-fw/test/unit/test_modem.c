#include "_modem_line.h"

int main(void)
{
  fill_bytes();

  IT("sets the modem up, waits for the network and says that it is ready") {
    registered();
    CHECK_EQ(m.restarts, 0);
  }

  IT("asks again once a second while the network is searched for, and at once when a URC says so") {
    seen_count = 0;
    now = 0;
    modem_init(&m, &CONFIG);
    set_up();
    SAYS("AT+CEREG?\r");
    say("\r\n+CEREG: 1,2\r\n\r\nOK\r\n");
    SAYS("");
    tick(999);
    SAYS("");
    tick(1);
    SAYS("AT+CEREG?\r");
    say("\r\n+CEREG: 1\r\n");
    say("\r\n+CEREG: 1,3\r\n\r\nOK\r\n");
    modem_ask_signal(&m);
    tick(1);
    SAYS("");
    say("\r\n+CEREG: 2\r\n+CEREG: \"\"\r\n");
    SAYS("");
    say("\r\n+CEREG: 1\r\n");
    SAYS("AT+CEREG?\r");
    say("\r\nunknown\r\n+CEREG: 1,1\r\n\r\nOK\r\n");
    SAYS("AT+QIACT=1\r");
    say("\r\nwhat\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
  }

  IT("begins anew when set-up, registration or activation are refused, without a word to the caller") {
    const char *refusals[] = {"\r\nERROR\r\n", "\r\n+CME ERROR: 30\r\n"};
    for (unsigned i = 0; i < 5u; i++) {
      seen_count = 0;
      now = 0;
      modem_init(&m, &CONFIG);
      if (i == 0u) {
        tick(300);
        say("\r\nbla\r\nERROR\r\n");
      } else {
        set_up();
        if (i >= 3u) {
          say("\r\n+CEREG: 1,1\r\n\r\nOK\r\n");
          (void)take();
        }
        say(refusals[i % 2u]);
      }
      (void)take();
      CHECK_EQ(event(), MODEM_NOTHING);
      CHECK_EQ(m.restarts, 1);
      tick(1999);
      SAYS("");
      tick(1);
      SAYS("ATE0\r");
    }
  }

  IT("tells the signal when it is known") {
    registered();
    modem_ask_signal(&m);
    tick(0);
    SAYS("AT+CSQ\r");
    say("\r\n+CSQ: 20,99\r\n");
    CHECK_EQ(seen[0].rssi_dbm, -73);
    CHECK_EQ(event(), MODEM_SIGNAL);
    say("\r\nOK\r\n");
    const char *unknown[] = {"\r\n+CSQ: 99,99\r\n\r\nOK\r\n", "\r\nERROR\r\n", "\r\n+CME ERROR: 100\r\n"};
    for (unsigned i = 0; i < 3u; i++) {
      modem_ask_signal(&m);
      tick(0);
      SAYS("AT+CSQ\r");
      say(unknown[i]);
      CHECK_EQ(event(), MODEM_NOTHING);
    }
  }

  IT("keeps its connection when the signal is not told, whatever the refusal is called") {
    const char *refusals[] = {"\r\nERROR\r\n", "\r\n+CME ERROR: 100\r\n"};
    for (unsigned i = 0; i < 2u; i++) {
      connected();
      modem_ask_signal(&m);
      tick(0);
      SAYS("AT+CSQ\r");
      say(refusals[i]);
      tick(5000);
      CHECK_EQ(event(), MODEM_NOTHING);
      CHECK_EQ(m.state, MODEM_CONNECTED);
      CHECK(modem_send(&m, bytes, 1, now));
    }
  }

  IT("falls back to the start when registration or the context is lost or the modem has started anew") {
    const char *losses[] = {"\r\n+CEREG: 2\r\n", "\r\n+QIURC: \"pdpdeact\",1\r\n", "\r\nRDY\r\n"};
    for (unsigned i = 0; i < 3u; i++) {
      connected();
      say(losses[i]);
      lost();
    }
    connected();
    say("\r\n+CEREG: 5\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    CHECK_EQ(m.state, MODEM_CONNECTED);
  }

  IT("falls back to the start when an answer comes out of turn") {
    const char *answers[] = {"\r\nOK\r\n",       "\r\nERROR\r\n",          "\r\nSEND OK\r\n",       "\r\nSEND FAIL\r\n",
                             "\r\n+CME ERROR: 3\r\n", "\r\n+QSSLRECV: 3\r\n", "\r\n+QSSLOPEN: 0,0\r\n", "\r\n> "};
    for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; i++) {
      connected();
      say(answers[i]);
      lost();
    }
    connected();
    say("\r\n+QSSLURC: \"recv\",1\r\n+NEWS: 1\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    CHECK_EQ(m.state, MODEM_CONNECTED);
  }

  IT("falls back when it is given more than it asked for") {
    connected();
    say("\r\n+QSSLURC: \"recv\",0\r\n\r\n+QSSLRECV: 1001\r\n");
    lost();
  }

  IT("falls back when the modem stalls, waits out what it still says, and fills a data mode that may be open") {
    connected();
    CHECK(modem_send(&m, bytes, 700, now));
    (void)take();
    tick(4999);
    CHECK_EQ(event(), MODEM_NOTHING);
    tick(1);
    CHECK_EQ(event(), MODEM_LOST);
    CHECK_EQ(strlen(take()), 700);
    CHECK_EQ(out[0], '\r');
    say("\r\n> \r\nSEND OK\r\n");
    tick(299);
    SAYS("");
    say("\r\nOK\r\n");
    tick(299);
    SAYS("");
    tick(1);
    SAYS("ATE0\r");
    say("\r\nOK\r\n");
    say("\r\nOK\r\n");
    tick(299);
    SAYS("");
    tick(1);
    SAYS("AT+CEREG=1\r");
    connected();
    CHECK(modem_send(&m, bytes, 700, now));
    (void)take();
    say("\r\n> ");
    tick(15000);
    CHECK_EQ(event(), MODEM_LOST);
    CHECK_EQ(strlen(take()), 700);
  }

  IT("gives no event for what it was told while it waited out a backlog") {
    registered();
    say("\r\nRDY\r\n");
    CHECK_EQ(event(), MODEM_LOST);
    say("\r\n+CEREG: 0\r\n\r\nRDY\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    tick(300);
    say("\r\n+CEREG: 0\r\n");
    SAYS("ATE0\r");
    say("\r\nRDY\r\n");
    CHECK_EQ(event(), MODEM_NOTHING);
    CHECK_EQ(m.restarts, 2);
  }

  return check_report("modem");
}
