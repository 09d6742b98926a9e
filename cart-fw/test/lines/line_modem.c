/*
 * Sends `count` requests over the modem that is simulated at `socket`, each until its own answer came, and says what it
 * took: line_modem SOCKET HOST PORT COUNT BODY-SIZE TIME-OUT-MS
 */
#include "line.h"
#include "modem.h"

#define BODY_MAX 4000u
#define ANSWER_MAX 4096u

typedef struct {
  modem modem;
  int line;
  uint8_t request[BODY_MAX + 200u];
  size_t request_size;
  char answer[ANSWER_MAX];
  size_t answer_size;
  uint64_t sent_at;
  bool waiting;
  bool open;
} run;

static void make_request(run *r, unsigned number, unsigned size, const char *host)
{
  const int head = snprintf((char *)r->request, sizeof r->request,
                            "POST /lines HTTP/1.1\r\nHost: %s\r\nContent-Length: %u\r\n\r\n%08u", host, size + 8u, number);
  memset(r->request + head, 'x', size);
  r->request_size = (size_t)head + size;
}

/* The server answers with the request's number. An answer to another request ends the connection. */
static bool is_answered(run *r, unsigned number)
{
  char expected[16];
  (void)snprintf(expected, sizeof expected, "\r\n\r\n%08u", number);
  r->answer[r->answer_size] = '\0';
  const char *end = strstr(r->answer, "\r\n\r\n");
  if (end == NULL || strlen(end) < 12u) {
    return false;
  }
  const bool mine = strcmp(end, expected) == 0;
  r->answer_size = 0;
  r->waiting = false;
  if (!mine) {
    modem_close(&r->modem, line_now_ms());
  }
  return mine;
}

static void handle(run *r, modem_event event)
{
  switch (event.kind) {
  case MODEM_OPEN:
    r->open = true;
    r->waiting = false;
    r->answer_size = 0;
    break;
  case MODEM_CLOSED:
  case MODEM_LOST:
    r->open = false;
    r->waiting = false;
    break;
  case MODEM_BYTE:
    if (r->answer_size < ANSWER_MAX - 1u) {
      r->answer[r->answer_size] = (char)event.byte;
      r->answer_size++;
    }
    break;
  case MODEM_NOTHING:
  case MODEM_READY:
  case MODEM_SENT:
  case MODEM_SIGNAL:
    break;
  }
}

static void go_on(run *r, uint64_t timeout_ms)
{
  const uint64_t now = line_now_ms();
  if (!r->open) {
    (void)modem_connect(&r->modem, now);
  } else if (!r->waiting) {
    r->waiting = modem_send(&r->modem, r->request, r->request_size, now);
    r->sent_at = now;
  } else if (now - r->sent_at > timeout_ms) {
    modem_close(&r->modem, now);
    r->sent_at = now;
  }
}

int main(int argc, char **argv)
{
  static run r;
  static modem_config config;
  if (argc != 7) {
    return 2;
  }
  (void)snprintf(config.host, sizeof config.host, "%s", argv[2]);
  (void)snprintf(config.apn, sizeof config.apn, "iot.test");
  config.port = (uint16_t)atoi(argv[3]);
  r.line = line_open(argv[1]);
  modem_init(&r.modem, &config);
  const unsigned count = (unsigned)atoi(argv[4]);
  for (unsigned number = 1; number <= count; number++) {
    make_request(&r, number, (unsigned)atoi(argv[5]), argv[2]);
    do {
      uint8_t bytes[512];
      handle(&r, modem_tick(&r.modem, line_now_ms()));
      go_on(&r, (uint64_t)atoi(argv[6]));
      for (size_t size = modem_take(&r.modem, bytes, sizeof bytes); size != 0u;
           size = modem_take(&r.modem, bytes, sizeof bytes)) {
        line_write(r.line, bytes, size);
      }
      const size_t size = line_read(r.line, bytes, sizeof bytes, 5);
      for (size_t i = 0; i < size; i++) {
        handle(&r, modem_feed(&r.modem, bytes[i], line_now_ms()));
      }
    } while (!is_answered(&r, number));
  }
  (void)printf("{\"answered\":%u,\"connections\":%u,\"restarts\":%u}\n", count, r.modem.connections, r.modem.restarts);
  return 0;
}
