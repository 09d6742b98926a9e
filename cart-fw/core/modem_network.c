/* What the modem says of itself and of the network: set-up, registration, signal, the context. */
#include "modem_internal.h"

static bool is_registered(uint32_t status)
{
  /* Home, roaming (27.007, 10.1.22). */
  return status == 1u || status == 5u;
}

static void on_registration(modem *m, uint32_t status, uint64_t now_ms, modem_event *event)
{
  if (is_registered(status)) {
    if (m->state == MODEM_SEARCHING && m->command == MODEM_CMD_NONE) {
      /* Asked for anew at once: an answer to the poll and a URC look alike but for a field. */
      m->deadline_ms = now_ms;
    }
    return;
  }
  if (m->state == MODEM_SETUP || m->state == MODEM_SEARCHING) {
    return;
  }
  modem_restart(m, MODEM_QUIET_MS, now_ms, event);
}

bool modem_on_unsolicited(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
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
      on_registration(m, status, now_ms, event);
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
    modem_restart(m, MODEM_QUIET_MS, now_ms, event);
    return true;
  }
  return false;
}

void modem_on_setup_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  const bool failed = modem_is_error(line);
  if (!failed && !at_is(line, "OK")) {
    return;
  }
  if (failed && !modem_setup_may_fail(m)) {
    modem_restart(m, MODEM_SETUP_PAUSE_MS, now_ms, event);
    return;
  }
  m->setup_step++;
  if (m->setup_step == 1u) {
    /* ATE0 may have been answered more than once, as it may have been asked more than once. */
    m->command = MODEM_CMD_QUIET;
    m->deadline_ms = now_ms + MODEM_QUIET_MS;
  } else if (!modem_setup_is_over(m)) {
    modem_send_setup(m, now_ms);
  } else {
    m->state = MODEM_SEARCHING;
    m->command = MODEM_CMD_NONE;
    m->deadline_ms = now_ms;
  }
}

void modem_on_signal_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  uint32_t level;
  /* 0 to 31 in steps of 2 dBm from -113 (27.007, 8.5); 99: unknown. */
  if (at_field(line, "+CSQ: ", 0, &level) && level <= 31u) {
    event->kind = MODEM_SIGNAL;
    event->rssi_dbm = (int16_t)(-113 + (2 * (int)level));
  } else if (at_is(line, "OK") || modem_is_error(line)) {
    modem_idle(m, now_ms);
  } else {
    /* Nothing that concerns this. */
  }
}

void modem_on_registration_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  uint32_t status;
  if (at_field(line, "+CEREG: ", 1, &status)) {
    m->answered = status;
  } else if (at_is(line, "OK")) {
    if (is_registered(m->answered)) {
      modem_send_activate(m, now_ms);
    } else {
      modem_idle(m, now_ms);
    }
  } else if (modem_is_error(line)) {
    modem_restart(m, MODEM_SETUP_PAUSE_MS, now_ms, event);
  } else {
    /* Nothing that concerns this. */
  }
}

void modem_on_activate_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event)
{
  if (at_is(line, "OK")) {
    m->state = MODEM_REGISTERED;
    m->told_ready = true;
    m->answered = MODEM_NO_REASON;
    modem_idle(m, now_ms);
    event->kind = MODEM_READY;
  } else if (modem_is_error(line)) {
    modem_restart(m, MODEM_SETUP_PAUSE_MS, now_ms, event);
  } else {
    /* Nothing that concerns this. */
  }
}
