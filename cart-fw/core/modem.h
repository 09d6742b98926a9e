/**
 * The LTE-M modem in Quectel's dialect, with the modem's own TLS socket: it holds the pinned root, the cart's bytes
 * never leave it in the clear. One connection; the caller owns every buffer. Pure: bytes and times in, bytes and
 * events out.
 *
 *   modem_init, then modem_tick(…) at least every 100 ms
 *   modem_feed  one byte from the line    → an event, or MODEM_NOTHING
 *   modem_take  bytes for the line
 *
 * A link known to be out of step is never used: any answer out of turn closes the socket, and a modem that stops
 * answering is set up from the start.
 */
#ifndef CART_CORE_MODEM_H
#define CART_CORE_MODEM_H

#include "at.h"

/* The largest write that all dialects take (750 to 1,500), less a margin. */
#define MODEM_WRITE_MAX 700u
#define MODEM_READ_MAX 1000u
#define MODEM_HOST_MAX 63u
#define MODEM_APN_MAX 31u
#define MODEM_COMMAND_MAX 160u

typedef struct {
  char host[MODEM_HOST_MAX + 1u];
  uint16_t port;
  char apn[MODEM_APN_MAX + 1u];
} modem_config;

typedef enum {
  MODEM_NOTHING,
  /* Registered on the network: modem_connect works. */
  MODEM_READY,
  /* Registration lost, or the modem stopped answering; a socket that was open is gone. */
  MODEM_LOST,
  /* The socket is open: TLS done, the server's name and certificate verified. */
  MODEM_OPEN,
  /* It was closed or could not be opened; what was being sent may have arrived or not. code: the modem's, 0: none. */
  MODEM_CLOSED,
  /* All of what modem_send was given has left. */
  MODEM_SENT,
  /* byte: received. */
  MODEM_BYTE,
  /* rssi_dbm: an answer to modem_ask_signal. */
  MODEM_SIGNAL
} modem_event_kind;

typedef struct {
  modem_event_kind kind;
  uint8_t byte;
  int16_t rssi_dbm;
  uint32_t code;
} modem_event;

typedef enum {
  /* Backlog of an earlier life is being waited out, then the modem is set up. */
  MODEM_SETUP,
  MODEM_SEARCHING,
  MODEM_REGISTERED,
  MODEM_CONNECTING,
  MODEM_CONNECTED,
  MODEM_CLOSING
} modem_state;

typedef struct {
  const modem_config *config;
  at_lexer lexer;
  modem_state state;
  /* The command that is under way, or MODEM_CMD_NONE; modem_internal.h has the list. */
  uint8_t command;
  uint8_t setup_step;
  bool told_ready;
  /* When the command is given up; when idle, when the next poll is due. */
  uint64_t deadline_ms;
  char out[MODEM_COMMAND_MAX];
  size_t out_size;
  size_t out_taken;
  const uint8_t *sending;
  size_t sending_size;
  size_t sent;
  size_t chunk;
  /* Bytes of the chunk that modem_take still owes. */
  size_t data_left;
  size_t receiving;
  /* Empty lines that modem_take owes, to end a data mode that nobody else would end. */
  size_t filling;
  bool received;
  bool peer_closed;
  bool want_open;
  bool want_close;
  bool want_signal;
  /* What the answer to the command under way said: a status, or why a socket closed. */
  uint32_t answered;
  /* Bytes sent and received inside TLS since init. */
  uint32_t bytes_up;
  uint32_t bytes_down;
  /* Connections opened since init, and set-ups from the start after the first. */
  uint32_t connections;
  uint32_t restarts;
} modem;

/** @param config the caller's, for the modem's life; at most the sizes above, printable, without quotes. */
void modem_init(modem *m, const modem_config *config);

/**
 * Opens the socket as soon as the network allows, and behind MODEM_CLOSED where one is still to be closed.
 * @return false when one is open or opening; one that is opening is then not closed again, whatever was asked before.
 */
bool modem_connect(modem *m, uint64_t now_ms);
/**
 * @param bytes the caller's, unchanged until MODEM_SENT, MODEM_CLOSED or MODEM_LOST; any size, cut into writes.
 * @return false when no socket is open or an earlier send is under way.
 */
bool modem_send(modem *m, const uint8_t *bytes, size_t size, uint64_t now_ms);
void modem_close(modem *m, uint64_t now_ms);
void modem_ask_signal(modem *m);

/** Forgets what passed through: with echo left on, what was sent came back. */
void modem_wipe(modem *m);

modem_event modem_feed(modem *m, uint8_t byte, uint64_t now_ms);
modem_event modem_tick(modem *m, uint64_t now_ms);
size_t modem_take(modem *m, uint8_t *out, size_t capacity);

#endif
