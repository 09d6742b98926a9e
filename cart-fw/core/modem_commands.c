/* What the modem is told: the set-up and each command, put together in the caller's buffer. */
#include "modem_internal.h"

typedef struct {
  const char *text;
  /* A modem that has nothing to close or to deactivate answers ERROR. */
  bool may_fail;
} setup_command;

/* TLS 1.2 at least, server's certificate up to the pinned root, its name by SNI, sessions resumed. */
static const setup_command SETUP[] = {
    {"ATE0", false},
    {"AT+CEREG=1", false},
    {"AT+QSSLCFG=\"sslversion\",1,3", false},
    {"AT+QSSLCFG=\"seclevel\",1,1", false},
    {"AT+QSSLCFG=\"cacert\",1,\"root.pem\"", false},
    {"AT+QSSLCFG=\"sni\",1,1", false},
    {"AT+QSSLCFG=\"checkhost\",1,1", false},
    {"AT+QSSLCFG=\"session\",1,1", false},
    {"AT+QSSLCLOSE=0", true},
    {"AT+QIDEACT=1", true},
    /* The last one names the APN, so it is put together. */
    {"AT+QICSGP=1,1,\"", false},
};
#define SETUP_STEPS (sizeof SETUP / sizeof SETUP[0])

/* AT+QSSLOPEN is the longest command. */
_Static_assert(sizeof "AT+QSSLOPEN=1,1,0,\"\",65535,0\r" + MODEM_HOST_MAX <= MODEM_COMMAND_MAX, "a command fits");
_Static_assert(MODEM_APN_MAX <= MODEM_HOST_MAX, "so does every other");

/* A text of the caller's, which may lack its zero. */
static void put_bounded(modem *m, const char *text, size_t most)
{
  for (size_t i = 0; i < most && text[i] != '\0'; i++) {
    m->out[m->out_size] = text[i];
    m->out_size++;
  }
}

static void put(modem *m, const char *text)
{
  for (size_t i = 0; text[i] != '\0'; i++) {
    m->out[m->out_size] = text[i];
    m->out_size++;
  }
}

static void put_number(modem *m, uint32_t number)
{
  char digits[11];
  size_t at = sizeof digits - 1u;
  digits[at] = '\0';
  uint32_t left = number;
  do {
    at--;
    digits[at] = (char)('0' + (char)(left % 10u));
    left /= 10u;
  } while (left != 0u);
  put(m, digits + at);
}

static void begin(modem *m, uint8_t command, const char *text, uint64_t deadline_ms)
{
  m->command = command;
  m->out_size = 0;
  m->out_taken = 0;
  m->deadline_ms = deadline_ms;
  put(m, text);
}

static void end(modem *m)
{
  put(m, "\r");
}

/* A command that is one text. */
static void send(modem *m, uint8_t command, const char *text, uint64_t deadline_ms)
{
  begin(m, command, text, deadline_ms);
  end(m);
}

void modem_send_setup(modem *m, uint64_t now_ms)
{
  begin(m, MODEM_CMD_SETUP, SETUP[m->setup_step].text, now_ms + MODEM_COMMAND_MS);
  if (m->setup_step == SETUP_STEPS - 1u) {
    put_bounded(m, m->config->apn, MODEM_APN_MAX);
    put(m, "\"");
  }
  end(m);
}

bool modem_setup_may_fail(const modem *m)
{
  return SETUP[m->setup_step].may_fail;
}

bool modem_setup_is_over(const modem *m)
{
  return m->setup_step == SETUP_STEPS;
}

void modem_send_registration(modem *m, uint64_t now_ms)
{
  m->answered = MODEM_NO_REASON;
  send(m, MODEM_CMD_REGISTRATION, "AT+CEREG?", now_ms + MODEM_COMMAND_MS);
}

void modem_send_activate(modem *m, uint64_t now_ms)
{
  send(m, MODEM_CMD_ACTIVATE, "AT+QIACT=1", now_ms + MODEM_ACTIVATE_MS);
}

void modem_send_signal(modem *m, uint64_t now_ms)
{
  m->want_signal = false;
  send(m, MODEM_CMD_SIGNAL, "AT+CSQ", now_ms + MODEM_COMMAND_MS);
}

void modem_send_open(modem *m, uint64_t now_ms)
{
  begin(m, MODEM_CMD_OPEN, "AT+QSSLOPEN=1,1,0,\"", now_ms + MODEM_COMMAND_MS);
  put_bounded(m, m->config->host, MODEM_HOST_MAX);
  put(m, "\",");
  put_number(m, m->config->port);
  put(m, ",0");
  end(m);
  m->state = MODEM_CONNECTING;
  m->want_open = false;
}

void modem_send_chunk(modem *m, uint64_t now_ms)
{
  const size_t left = m->sending_size - m->sent;
  m->chunk = left < MODEM_WRITE_MAX ? left : MODEM_WRITE_MAX;
  begin(m, MODEM_CMD_SEND, "AT+QSSLSEND=0,", now_ms + MODEM_COMMAND_MS);
  put_number(m, (uint32_t)m->chunk);
  end(m);
}

void modem_send_receive(modem *m, uint64_t now_ms)
{
  m->received = false;
  begin(m, MODEM_CMD_RECEIVE, "AT+QSSLRECV=0,", now_ms + MODEM_COMMAND_MS);
  put_number(m, MODEM_READ_MAX);
  end(m);
}

void modem_send_close(modem *m, uint64_t now_ms)
{
  send(m, MODEM_CMD_CLOSE, "AT+QSSLCLOSE=0", now_ms + MODEM_COMMAND_MS);
  m->state = MODEM_CLOSING;
  m->want_close = false;
}
