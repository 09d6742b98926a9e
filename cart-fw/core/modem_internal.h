/** What the modem's files share. */
#ifndef CART_CORE_MODEM_INTERNAL_H
#define CART_CORE_MODEM_INTERNAL_H

#include "modem.h"

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
#define MODEM_QUIET_MS 300u
#define MODEM_SETUP_PAUSE_MS 2000u
#define MODEM_POLL_MS 1000u
#define MODEM_COMMAND_MS 5000u
/* The data sheet allows 150 s for both; the shopper is shown "offline" long before. */
#define MODEM_ACTIVATE_MS 40000u
#define MODEM_OPEN_MS 40000u
#define MODEM_SEND_MS 15000u

/* What `answered` is where the modem has named no reason. */
#define MODEM_NO_REASON 0u

/* What a line or a fall brings about is put into `event`, which says MODEM_NOTHING before. */

/* modem.c */
/** ERROR, or +CME ERROR with a number. */
bool modem_is_error(const at_token *line);
/** No command is under way. */
void modem_idle(modem *m, uint64_t now_ms);
/** From the start, after what is on its way has been waited out. The caller is told once that the link is gone. */
void modem_restart(modem *m, uint32_t pause_ms, uint64_t now_ms, modem_event *event);

/* modem_commands.c: each begins a command, which modem_take writes. */
void modem_send_setup(modem *m, uint64_t now_ms);
bool modem_setup_may_fail(const modem *m);
bool modem_setup_is_over(const modem *m);
void modem_send_registration(modem *m, uint64_t now_ms);
void modem_send_activate(modem *m, uint64_t now_ms);
void modem_send_signal(modem *m, uint64_t now_ms);
void modem_send_open(modem *m, uint64_t now_ms);
void modem_send_chunk(modem *m, uint64_t now_ms);
void modem_send_receive(modem *m, uint64_t now_ms);
void modem_send_close(modem *m, uint64_t now_ms);

/* modem_network.c */
/** Lines that may come at any time. @return true when it was one. */
bool modem_on_unsolicited(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_setup_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_signal_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_registration_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_activate_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);

/* modem_socket.c */
void modem_forget_socket(modem *m);
void modem_on_open_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_send_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_receive_line(modem *m, const at_token *line, uint64_t now_ms, modem_event *event);
void modem_on_close_line(modem *m, const at_token *line, modem_event *event);

#endif
