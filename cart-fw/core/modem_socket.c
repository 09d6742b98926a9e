/* The one socket: opened, written, read and closed, as the modem answers. */
#include "modem_internal.h"

static const modem_event NOTHING = {MODEM_NOTHING, 0, 0, 0};

void modem_forget_socket(modem *m)
{
  m->sending = NULL;
  m->data_left = 0;
  m->received = false;
  m->peer_closed = false;
  m->want_close = false;
  m->answered = MODEM_NO_REASON;
}

modem_event modem_on_open_line(modem *m, const at_token *line, uint64_t now_ms)
{
  uint32_t code;
  if (m->command == MODEM_CMD_OPEN) {
    if (at_is(line, "OK")) {
      m->command = MODEM_CMD_OPEN_RESULT;
      m->deadline_ms = now_ms + MODEM_OPEN_MS;
    } else if (modem_is_error(line)) {
      modem_send_close(m, now_ms);
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
    modem_send_close(m, now_ms);
    return NOTHING;
  }
  m->state = MODEM_CONNECTED;
  m->connections++;
  modem_idle(m, now_ms);
  return modem_event_of(MODEM_OPEN);
}

modem_event modem_on_send_line(modem *m, const at_token *line, uint64_t now_ms)
{
  if (at_is(line, "SEND OK") && m->command == MODEM_CMD_SEND_DATA && m->data_left == 0u) {
    m->sent += m->chunk;
    m->bytes_up += (uint32_t)m->chunk;
    at_wipe(&m->lexer);
    modem_idle(m, now_ms);
    if (m->sent < m->sending_size) {
      return NOTHING;
    }
    m->sending = NULL;
    return modem_event_of(MODEM_SENT);
  }
  if (at_is(line, "SEND FAIL") || modem_is_error(line)) {
    m->data_left = 0;
    m->sending = NULL;
    modem_send_close(m, now_ms);
  }
  return NOTHING;
}

modem_event modem_on_receive_line(modem *m, const at_token *line, uint64_t now_ms)
{
  uint32_t size;
  if (m->command == MODEM_CMD_RECEIVE) {
    if (at_field(line, "+QSSLRECV: ", 0, &size)) {
      if (size > MODEM_READ_MAX) {
        return modem_restart(m, MODEM_QUIET_MS, now_ms);
      }
      m->receiving = size;
      m->command = MODEM_CMD_RECEIVE_DATA;
      at_expect_data(&m->lexer, size);
    } else if (modem_is_error(line)) {
      modem_send_close(m, now_ms);
    } else {
      /* Nothing that concerns this. */
    }
    return NOTHING;
  }
  if (!at_is(line, "OK")) {
    return NOTHING;
  }
  modem_idle(m, now_ms);
  if (m->receiving == MODEM_READ_MAX) {
    /* There may be more, and no URC says so. */
    m->received = true;
  } else if (m->peer_closed) {
    modem_send_close(m, now_ms);
  } else {
    /* Read empty. */
  }
  return NOTHING;
}

modem_event modem_on_close_line(modem *m, const at_token *line)
{
  if (!at_is(line, "OK") && !modem_is_error(line)) {
    return NOTHING;
  }
  modem_event event = modem_event_of(MODEM_CLOSED);
  event.code = m->answered;
  modem_forget_socket(m);
  m->state = MODEM_REGISTERED;
  m->command = MODEM_CMD_NONE;
  return event;
}
