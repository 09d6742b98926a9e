#include "modem.h"

#include <string.h>

#include "bytes.h"

enum {
  MODEM_CMD_NONE,
  /* Nothing is under way; whatever still comes belongs to the past. */
  MODEM_CMD_QUIET,
  MODEM_CMD_SETUP,
  MODEM_CMD_REGISTRATION,
  MODEM_CMD_ACTIVATE,
  MODEM_CMD_SIGNAL,
  MODEM_CMD_OPEN,
  /* OK came, the result is still due. */
  MODEM_CMD_OPEN_RESULT,
  MODEM_CMD_SEND,
  MODEM_CMD_SEND_DATA,
  MODEM_CMD_RECEIVE,
  /* The length came; data and OK follow. */
  MODEM_CMD_RECEIVE_DATA,
  MODEM_CMD_CLOSE
};

/* Silence that ends a backlog, ms; also between two tries of the set-up. */
#define QUIET_MS 300u
#define SETUP_PAUSE_MS 2000u
#define POLL_MS 1000u
#define COMMAND_MS 5000u
/* The data sheet allows 150 s for both; the shopper is shown "offline" long before. */
#define ACTIVATE_MS 40000u
#define OPEN_MS 40000u
#define SEND_MS 15000u

#define SOCKET_FAILED 0u

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

static const modem_event NOTHING = {MODEM_NOTHING, 0, 0, 0};

static modem_event event_of(modem_event_kind kind)
{
  const modem_event event = {kind, 0, 0, 0};
  return event;
}

/* --- commands --------------------------------------------------------------------------------------------------------- */

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

static void send_setup(modem *m, uint64_t now_ms)
{
  begin(m, MODEM_CMD_SETUP, SETUP[m->setup_step].text, now_ms + COMMAND_MS);
  if (m->setup_step == SETUP_STEPS - 1u) {
    put_bounded(m, m->config->apn, MODEM_APN_MAX);
    put(m, "\"");
  }
  end(m);
}

static void send_open(modem *m, uint64_t now_ms)
{
  begin(m, MODEM_CMD_OPEN, "AT+QSSLOPEN=1,1,0,\"", now_ms + COMMAND_MS);
  put_bounded(m, m->config->host, MODEM_HOST_MAX);
  put(m, "\",");
  put_number(m, m->config->port);
  put(m, ",0");
  end(m);
  m->state = MODEM_CONNECTING;
  m->want_open = false;
}

static void send_chunk(modem *m, uint64_t now_ms)
{
  const size_t left = m->sending_size - m->sent;
  m->chunk = left < MODEM_WRITE_MAX ? left : MODEM_WRITE_MAX;
  begin(m, MODEM_CMD_SEND, "AT+QSSLSEND=0,", now_ms + COMMAND_MS);
  put_number(m, (uint32_t)m->chunk);
  end(m);
}

static void send_receive(modem *m, uint64_t now_ms)
{
  m->received = false;
  begin(m, MODEM_CMD_RECEIVE, "AT+QSSLRECV=0,", now_ms + COMMAND_MS);
  put_number(m, MODEM_READ_MAX);
  end(m);
}

static void send_close(modem *m, uint64_t now_ms)
{
  begin(m, MODEM_CMD_CLOSE, "AT+QSSLCLOSE=0", now_ms + COMMAND_MS);
  end(m);
  m->state = MODEM_CLOSING;
  m->want_close = false;
}

/* --- falling back ------------------------------------------------------------------------------------------------------- */

static void forget_socket(modem *m)
{
  m->sending = NULL;
  m->data_left = 0;
  m->received = false;
  m->peer_closed = false;
  m->want_close = false;
  m->answered = SOCKET_FAILED;
}

/* From the start, after what is on its way has been waited out. The caller is told once that the link is gone. */
static modem_event restart(modem *m, uint64_t pause_ms, uint64_t now_ms)
{
  const bool was_ready = m->told_ready;
  if (m->command == MODEM_CMD_SEND || m->command == MODEM_CMD_SEND_DATA) {
    /* It may be waiting for data, or will be once it goes on, and would take commands for data. What it gets so makes
       no frame: the signature does not verify, and the socket is closed next. */
    m->filling = MODEM_WRITE_MAX;
  }
  forget_socket(m);
  at_init(&m->lexer);
  at_wipe(&m->lexer);
  m->state = MODEM_SETUP;
  m->command = MODEM_CMD_QUIET;
  m->setup_step = 0;
  m->out_size = 0;
  m->out_taken = 0;
  m->want_signal = false;
  m->told_ready = false;
  m->restarts++;
  m->deadline_ms = now_ms + pause_ms;
  return event_of(was_ready ? MODEM_LOST : MODEM_NOTHING);
}

static modem_event closed(modem *m, uint32_t code)
{
  modem_event event = event_of(MODEM_CLOSED);
  event.code = code;
  forget_socket(m);
  m->state = MODEM_REGISTERED;
  m->command = MODEM_CMD_NONE;
  return event;
}

/* --- what the modem says ------------------------------------------------------------------------------------------------ */

static bool is_error(const at_token *line)
{
  return at_is(line, "ERROR") || at_starts(line, "+CME ERROR");
}

static bool is_registered(uint32_t status)
{
  /* Home, roaming (27.007, 10.1.22). */
  return status == 1u || status == 5u;
}

static void idle(modem *m, uint64_t now_ms)
{
  m->command = MODEM_CMD_NONE;
  m->deadline_ms = now_ms + POLL_MS;
}

static modem_event on_registration(modem *m, uint32_t status, uint64_t now_ms)
{
  if (is_registered(status)) {
    if (m->state == MODEM_SEARCHING && m->command == MODEM_CMD_NONE) {
      /* Asked for anew at once: an answer to the poll and a URC look alike but for a field. */
      m->deadline_ms = now_ms;
    }
    return NOTHING;
  }
  if (m->state == MODEM_SETUP || m->state == MODEM_SEARCHING) {
    return NOTHING;
  }
  return restart(m, QUIET_MS, now_ms);
}

/* Lines that may come at any time. @return true when it was one. */
static bool on_unsolicited(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  uint32_t status;
  if (at_starts(line, "AT")) {
    /* An echo. */
    return true;
  }
  if (at_starts(line, "+CEREG: ")) {
    if (at_field(line, "+CEREG: ", 1, &status)) {
      /* n,stat: an answer. */
      return false;
    }
    if (at_field(line, "+CEREG: ", 0, &status)) {
      *event = on_registration(m, status, now_ms);
    }
    return true;
  }
  if (at_is(line, "+QSSLURC: \"recv\",0")) {
    m->received = true;
    return true;
  }
  if (at_is(line, "+QSSLURC: \"closed\",0")) {
    /* What came before it can still be read. */
    m->peer_closed = m->state == MODEM_CONNECTED;
    m->received = m->peer_closed;
    return true;
  }
  if (at_starts(line, "+QIURC: \"pdpdeact\"") || at_is(line, "RDY")) {
    /* The network took the context away; or the modem has started anew. */
    *event = restart(m, QUIET_MS, now_ms);
    return true;
  }
  return false;
}

static modem_event on_setup_line(modem *m, const at_token *line, uint64_t now_ms)
{
  const bool failed = is_error(line);
  if (!failed && !at_is(line, "OK")) {
    return NOTHING;
  }
  if (failed && !SETUP[m->setup_step].may_fail) {
    return restart(m, SETUP_PAUSE_MS, now_ms);
  }
  m->setup_step++;
  if (m->setup_step == 1u) {
    /* ATE0 may have been answered more than once, as it may have been asked more than once. */
    m->command = MODEM_CMD_QUIET;
    m->deadline_ms = now_ms + QUIET_MS;
  } else if (m->setup_step < SETUP_STEPS) {
    send_setup(m, now_ms);
  } else {
    m->state = MODEM_SEARCHING;
    m->command = MODEM_CMD_NONE;
    m->deadline_ms = now_ms;
  }
  return NOTHING;
}

static modem_event on_signal_line(modem *m, const at_token *line, uint64_t now_ms)
{
  modem_event event = NOTHING;
  uint32_t level;
  /* 0 to 31 in steps of 2 dBm from -113 (27.007, 8.5); 99: unknown. */
  if (at_field(line, "+CSQ: ", 0, &level) && level <= 31u) {
    event.kind = MODEM_SIGNAL;
    event.rssi_dbm = (int16_t)(-113 + (2 * (int)level));
  } else if (at_is(line, "OK") || is_error(line)) {
    idle(m, now_ms);
  } else {
    /* Nothing that concerns this. */
  }
  return event;
}

static modem_event on_registration_line(modem *m, const at_token *line, uint64_t now_ms)
{
  uint32_t status;
  if (at_field(line, "+CEREG: ", 1, &status)) {
    m->answered = status;
  } else if (at_is(line, "OK")) {
    if (is_registered(m->answered)) {
      begin(m, MODEM_CMD_ACTIVATE, "AT+QIACT=1", now_ms + ACTIVATE_MS);
      end(m);
    } else {
      idle(m, now_ms);
    }
  } else if (is_error(line)) {
    return restart(m, SETUP_PAUSE_MS, now_ms);
  } else {
    /* Nothing that concerns this. */
  }
  return NOTHING;
}

static modem_event on_activate_line(modem *m, const at_token *line, uint64_t now_ms)
{
  if (at_is(line, "OK")) {
    m->state = MODEM_REGISTERED;
    m->told_ready = true;
    m->answered = SOCKET_FAILED;
    idle(m, now_ms);
    return event_of(MODEM_READY);
  }
  if (is_error(line)) {
    return restart(m, SETUP_PAUSE_MS, now_ms);
  }
  return NOTHING;
}

static modem_event on_open_line(modem *m, const at_token *line, uint64_t now_ms)
{
  uint32_t code;
  if (m->command == MODEM_CMD_OPEN) {
    if (at_is(line, "OK")) {
      m->command = MODEM_CMD_OPEN_RESULT;
      m->deadline_ms = now_ms + OPEN_MS;
    } else if (is_error(line)) {
      send_close(m, now_ms);
    } else {
      /* Nothing that concerns this. */
    }
    return NOTHING;
  }
  if (!at_field(line, "+QSSLOPEN: 0,", 0, &code)) {
    return NOTHING;
  }
  if (code != 0u) {
    /* A failed open still holds the socket's number. */
    m->answered = code;
    send_close(m, now_ms);
    return NOTHING;
  }
  m->state = MODEM_CONNECTED;
  m->connections++;
  idle(m, now_ms);
  return event_of(MODEM_OPEN);
}

static modem_event on_send_line(modem *m, const at_token *line, uint64_t now_ms)
{
  if (at_is(line, "SEND OK") && m->command == MODEM_CMD_SEND_DATA && m->data_left == 0u) {
    m->sent += m->chunk;
    m->bytes_up += (uint32_t)m->chunk;
    at_wipe(&m->lexer);
    idle(m, now_ms);
    if (m->sent < m->sending_size) {
      return NOTHING;
    }
    m->sending = NULL;
    return event_of(MODEM_SENT);
  }
  if (at_is(line, "SEND FAIL") || is_error(line)) {
    m->data_left = 0;
    m->sending = NULL;
    send_close(m, now_ms);
  }
  return NOTHING;
}

static modem_event on_receive_line(modem *m, const at_token *line, uint64_t now_ms)
{
  uint32_t size;
  if (m->command == MODEM_CMD_RECEIVE) {
    if (at_field(line, "+QSSLRECV: ", 0, &size)) {
      if (size > MODEM_READ_MAX) {
        return restart(m, QUIET_MS, now_ms);
      }
      m->receiving = size;
      m->command = MODEM_CMD_RECEIVE_DATA;
      at_expect_data(&m->lexer, size);
    } else if (is_error(line)) {
      send_close(m, now_ms);
    } else {
      /* Nothing that concerns this. */
    }
    return NOTHING;
  }
  if (!at_is(line, "OK")) {
    return NOTHING;
  }
  idle(m, now_ms);
  if (m->receiving == MODEM_READ_MAX) {
    /* There may be more, and no URC says so. */
    m->received = true;
  } else if (m->peer_closed) {
    send_close(m, now_ms);
  } else {
    /* Read empty. */
  }
  return NOTHING;
}

static bool is_final(const at_token *line)
{
  return at_is(line, "OK") || is_error(line) || at_is(line, "SEND OK") || at_is(line, "SEND FAIL") ||
         at_starts(line, "+QSSLRECV: ") || at_starts(line, "+QSSLOPEN: ");
}

static modem_event on_line(modem *m, const at_token *line, uint64_t now_ms)
{
  modem_event event = NOTHING;
  if (m->command == MODEM_CMD_QUIET) {
    m->deadline_ms = now_ms + QUIET_MS;
    return event;
  }
  if (on_unsolicited(m, line, now_ms, &event)) {
    return event;
  }
  switch (m->command) {
  case MODEM_CMD_SETUP:
    return on_setup_line(m, line, now_ms);
  case MODEM_CMD_REGISTRATION:
    return on_registration_line(m, line, now_ms);
  case MODEM_CMD_ACTIVATE:
    return on_activate_line(m, line, now_ms);
  case MODEM_CMD_SIGNAL:
    return on_signal_line(m, line, now_ms);
  case MODEM_CMD_OPEN:
  case MODEM_CMD_OPEN_RESULT:
    return on_open_line(m, line, now_ms);
  case MODEM_CMD_SEND:
  case MODEM_CMD_SEND_DATA:
    return on_send_line(m, line, now_ms);
  case MODEM_CMD_RECEIVE:
  case MODEM_CMD_RECEIVE_DATA:
    return on_receive_line(m, line, now_ms);
  case MODEM_CMD_CLOSE:
    if (at_is(line, "OK") || is_error(line)) {
      return closed(m, m->answered);
    }
    return event;
  default:
    /* No command is under way: an answer now is out of turn. */
    if (is_final(line)) {
      return restart(m, QUIET_MS, now_ms);
    }
    return event;
  }
}

/* --- the caller's side -------------------------------------------------------------------------------------------------- */

void modem_init(modem *m, const modem_config *config)
{
  memset(m, 0, sizeof *m);
  m->config = config;
  at_init(&m->lexer);
  m->state = MODEM_SETUP;
  m->command = MODEM_CMD_QUIET;
}

bool modem_connect(modem *m, uint64_t now_ms)
{
  if (m->state == MODEM_CONNECTING) {
    /* Whoever gave up waiting waits again: it is taken as it comes. */
    m->want_close = false;
    return false;
  }
  if (m->state == MODEM_CONNECTED) {
    return false;
  }
  m->want_open = true;
  if (m->command == MODEM_CMD_NONE) {
    m->deadline_ms = now_ms;
  }
  return true;
}

bool modem_send(modem *m, const uint8_t *bytes, size_t size, uint64_t now_ms)
{
  if (m->state != MODEM_CONNECTED || m->sending != NULL || m->peer_closed || m->want_close || size == 0u) {
    return false;
  }
  m->sending = bytes;
  m->sending_size = size;
  m->sent = 0;
  if (m->command == MODEM_CMD_NONE) {
    send_chunk(m, now_ms);
  }
  return true;
}

void modem_close(modem *m, uint64_t now_ms)
{
  m->want_open = false;
  if (m->state == MODEM_CONNECTING || m->state == MODEM_CONNECTED) {
    m->want_close = true;
    if (m->command == MODEM_CMD_NONE) {
      send_close(m, now_ms);
    }
  }
}

void modem_ask_signal(modem *m)
{
  m->want_signal = true;
}

void modem_wipe(modem *m)
{
  at_wipe(&m->lexer);
}

static modem_event on_token(modem *m, uint8_t byte, uint64_t now_ms)
{
  modem_event event = NOTHING;
  const at_token token = at_push(&m->lexer, byte);
  if (token.kind == AT_DATA) {
    m->bytes_down++;
    event.kind = MODEM_BYTE;
    event.byte = token.byte;
    return event;
  }
  if (token.kind == AT_LINE) {
    return on_line(m, &token, now_ms);
  }
  if (token.kind != AT_PROMPT || m->command == MODEM_CMD_QUIET) {
    return event;
  }
  if (m->command != MODEM_CMD_SEND) {
    /* A modem that waits for data takes commands for data. */
    return restart(m, QUIET_MS, now_ms);
  }
  m->command = MODEM_CMD_SEND_DATA;
  m->data_left = m->chunk;
  m->deadline_ms = now_ms + SEND_MS;
  return event;
}

/* What an idle modem is to do next. */
static void next(modem *m, uint64_t now_ms)
{
  if (m->state == MODEM_CONNECTED && m->received) {
    send_receive(m, now_ms);
  } else if (m->state == MODEM_CONNECTED && m->want_close) {
    send_close(m, now_ms);
  } else if (m->state == MODEM_CONNECTED && m->sending != NULL) {
    send_chunk(m, now_ms);
  } else if (m->state == MODEM_REGISTERED && m->want_open) {
    send_open(m, now_ms);
  } else if (m->want_signal && m->state != MODEM_SEARCHING) {
    m->want_signal = false;
    begin(m, MODEM_CMD_SIGNAL, "AT+CSQ", now_ms + COMMAND_MS);
    end(m);
  } else if (m->state == MODEM_SEARCHING && now_ms >= m->deadline_ms) {
    m->answered = SOCKET_FAILED;
    begin(m, MODEM_CMD_REGISTRATION, "AT+CEREG?", now_ms + COMMAND_MS);
    end(m);
  } else {
    /* Nothing to do. */
  }
}

modem_event modem_feed(modem *m, uint8_t byte, uint64_t now_ms)
{
  const modem_event event = on_token(m, byte, now_ms);
  if (m->command == MODEM_CMD_NONE) {
    next(m, now_ms);
  }
  return event;
}

modem_event modem_tick(modem *m, uint64_t now_ms)
{
  if (m->command == MODEM_CMD_NONE) {
    next(m, now_ms);
    return NOTHING;
  }
  if (now_ms < m->deadline_ms) {
    return NOTHING;
  }
  if (m->command == MODEM_CMD_QUIET) {
    send_setup(m, now_ms);
    return NOTHING;
  }
  /* It does not answer any more, or too late to be believed. */
  return restart(m, QUIET_MS, now_ms);
}

size_t modem_take(modem *m, uint8_t *out, size_t capacity)
{
  size_t size = m->filling < capacity ? m->filling : capacity;
  if (size != 0u) {
    memset(out, '\r', size);
    m->filling -= size;
    return size;
  }
  size = m->out_size - m->out_taken;
  if (size != 0u) {
    size = size < capacity ? size : capacity;
    memcpy(out, m->out + m->out_taken, size);
    m->out_taken += size;
    return size;
  }
  size = m->data_left < capacity ? m->data_left : capacity;
  if (size != 0u) {
    memcpy(out, m->sending + m->sent + (m->chunk - m->data_left), size);
    m->data_left -= size;
  }
  return size;
}
