#include "modem_internal.h"

#include <string.h>

static const modem_event NOTHING = {MODEM_NOTHING, 0, 0, 0};

void modem_idle(modem *m, uint64_t now_ms)
{
  m->command = MODEM_CMD_NONE;
  m->deadline_ms = now_ms + MODEM_POLL_MS;
}

void modem_restart(modem *m, uint32_t pause_ms, uint64_t now_ms, modem_event *event)
{
  const bool was_ready = m->told_ready;
  if (m->command == MODEM_CMD_SEND || m->command == MODEM_CMD_SEND_DATA) {
    /* It may be waiting for data, or will be once it goes on, and would take commands for data. What it gets so makes
       no frame: the signature does not verify, and the socket is closed next. */
    m->filling = MODEM_WRITE_MAX;
  }
  modem_forget_socket(m);
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
  event->kind = was_ready ? MODEM_LOST : MODEM_NOTHING;
}

/* --- what the modem says ------------------------------------------------------------------------------------------------ */

bool modem_is_error(const at_token *line)
{
  return at_is(line, "ERROR") || at_starts(line, "+CME ERROR");
}

static bool is_final(const at_token *line)
{
  return at_is(line, "OK") || modem_is_error(line) || at_is(line, "SEND OK") || at_is(line, "SEND FAIL") ||
         at_starts(line, "+QSSLRECV: ") || at_starts(line, "+QSSLOPEN: ");
}

static void on_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  if (m->command == MODEM_CMD_QUIET) {
    m->deadline_ms = now_ms + MODEM_QUIET_MS;
    return;
  }
  if (modem_on_unsolicited(m, line, now_ms, event)) {
    return;
  }
  switch (m->command) {
  case MODEM_CMD_SETUP:
    modem_on_setup_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_REGISTRATION:
    modem_on_registration_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_ACTIVATE:
    modem_on_activate_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_SIGNAL:
    modem_on_signal_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_OPEN:
  case MODEM_CMD_OPEN_RESULT:
    modem_on_open_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_SEND:
  case MODEM_CMD_SEND_DATA:
    modem_on_send_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_RECEIVE:
  case MODEM_CMD_RECEIVE_DATA:
    modem_on_receive_line(m, line, now_ms, event);
    break;
  case MODEM_CMD_CLOSE:
    modem_on_close_line(m, line, event);
    break;
  default:
    /* No command is under way: an answer now is out of turn. */
    if (is_final(line)) {
      modem_restart(m, MODEM_QUIET_MS, now_ms, event);
    }
    break;
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
  if (m->state == MODEM_CONNECTED && !m->want_close) {
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
    modem_send_chunk(m, now_ms);
  }
  return true;
}

void modem_close(modem *m, uint64_t now_ms)
{
  m->want_open = false;
  if (m->state == MODEM_CONNECTING || m->state == MODEM_CONNECTED) {
    m->want_close = true;
    if (m->command == MODEM_CMD_NONE) {
      modem_send_close(m, now_ms);
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

static void on_token(modem *m, uint8_t byte, uint64_t now_ms, modem_event *event)
{
  const at_token token = at_push(&m->lexer, byte);
  if (token.kind == AT_DATA) {
    m->bytes_down++;
    event->kind = MODEM_BYTE;
    event->byte = token.byte;
    return;
  }
  if (token.kind == AT_LINE) {
    on_line(m, &token, now_ms, event);
    return;
  }
  if (token.kind != AT_PROMPT || m->command == MODEM_CMD_QUIET) {
    return;
  }
  if (m->command != MODEM_CMD_SEND) {
    /* A modem that waits for data takes commands for data. */
    modem_restart(m, MODEM_QUIET_MS, now_ms, event);
    return;
  }
  m->command = MODEM_CMD_SEND_DATA;
  m->data_left = m->chunk;
  m->deadline_ms = now_ms + MODEM_SEND_MS;
}

/* What an idle modem is to do next. */
static void next(modem *m, uint64_t now_ms)
{
  if (m->state == MODEM_CONNECTED && m->received) {
    modem_send_receive(m, now_ms);
  } else if (m->state == MODEM_CONNECTED && m->want_close) {
    modem_send_close(m, now_ms);
  } else if (m->state == MODEM_CONNECTED && m->sending != NULL) {
    modem_send_chunk(m, now_ms);
  } else if (m->state == MODEM_REGISTERED && m->want_open) {
    modem_send_open(m, now_ms);
  } else if (m->want_signal && m->state != MODEM_SEARCHING) {
    modem_send_signal(m, now_ms);
  } else if (m->state == MODEM_SEARCHING && now_ms >= m->deadline_ms) {
    modem_send_registration(m, now_ms);
  } else {
    /* Nothing to do. */
  }
}

modem_event modem_feed(modem *m, uint8_t byte, uint64_t now_ms)
{
  modem_event event = NOTHING;
  on_token(m, byte, now_ms, &event);
  if (m->command == MODEM_CMD_NONE) {
    next(m, now_ms);
  }
  return event;
}

modem_event modem_tick(modem *m, uint64_t now_ms)
{
  modem_event event = NOTHING;
  if (m->command == MODEM_CMD_NONE) {
    next(m, now_ms);
  } else if (now_ms < m->deadline_ms) {
    /* It may still answer. */
  } else if (m->command == MODEM_CMD_QUIET) {
    modem_send_setup(m, now_ms);
  } else {
    /* It does not answer any more, or too late to be believed. */
    modem_restart(m, MODEM_QUIET_MS, now_ms, &event);
  }
  return event;
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
