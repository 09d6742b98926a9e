/* The one socket: opened, written, read and closed, as the modem answers. */
#include "modem_internal.h"

void modem_forget_socket(modem *m)
{
  m->sending = NULL;
  m->data_left = 0;
  m->received = false;
  m->peer_closed = false;
  m->want_close = false;
  m->answered = MODEM_NO_REASON;
}

void modem_on_open_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
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
    return;
  }
  if (!at_field(line, "+QSSLOPEN: 0,", 0, &code)) {
    return;
  }
  if (code != 0u) {
    /* A failed open still holds the socket's number. */
    m->answered = code;
    modem_send_close(m, now_ms);
    return;
  }
  m->state = MODEM_CONNECTED;
  m->connections++;
  modem_idle(m, now_ms);
  event->kind = MODEM_OPEN;
}

void modem_on_send_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  if (at_is(line, "SEND OK") && m->command == MODEM_CMD_SEND_DATA && m->data_left == 0u) {
    m->sent += m->chunk;
    m->bytes_up += (uint32_t)m->chunk;
    at_wipe(&m->lexer);
    modem_idle(m, now_ms);
    if (m->sent < m->sending_size) {
      return;
    }
    m->sending = NULL;
    event->kind = MODEM_SENT;
    return;
  }
  if (at_is(line, "SEND FAIL") || modem_is_error(line)) {
    m->data_left = 0;
    m->sending = NULL;
    modem_send_close(m, now_ms);
  }
}

void modem_on_receive_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  uint32_t size;
  if (m->command == MODEM_CMD_RECEIVE) {
    if (at_field(line, "+QSSLRECV: ", 0, &size)) {
      if (size > MODEM_READ_MAX) {
        modem_restart(m, MODEM_QUIET_MS, now_ms, event);
        return;
      }
      m->receiving = size;
      m->command = MODEM_CMD_RECEIVE_DATA;
      at_expect_data(&m->lexer, size);
    } else if (modem_is_error(line)) {
      modem_send_close(m, now_ms);
    } else {
      /* Nothing that concerns this. */
    }
    return;
  }
  if (!at_is(line, "OK")) {
    return;
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
}

void modem_on_close_line(modem *m, const at_token *line, modem_event *event)
{
  if (!at_is(line, "OK") && !modem_is_error(line)) {
    return;
  }
  event->kind = MODEM_CLOSED;
  event->code = m->answered;
  modem_forget_socket(m);
  m->state = MODEM_REGISTERED;
  m->command = MODEM_CMD_NONE;
}
