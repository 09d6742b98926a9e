/**
 * The EMV-certified NFC module's line. The module talks to its vendor's back end itself and hands the cart a token of
 * 24 characters: no card data ever crosses this line, and a frame that looks like some is refused.
 */
#ifndef CART_CORE_NFC_H
#define CART_CORE_NFC_H

#include "serial_frame.h"

#define NFC_TOKEN_SIZE 24u
#define NFC_SERIAL_MAX 32u
#define NFC_BUFFER_SIZE (NFC_SERIAL_MAX + SERIAL_FRAME_OVERHEAD)

/* Frames of the module. */
#define NFC_FRAME_SERIAL 0x01u
#define NFC_FRAME_TOKEN 0x02u
#define NFC_FRAME_REFUSED 0x03u
#define NFC_FRAME_TAMPER 0x04u
/* Frames of the cart. */
#define NFC_FRAME_ARM 0x81u
#define NFC_FRAME_DISARM 0x82u
#define NFC_FRAME_ASK_SERIAL 0x83u

typedef enum {
  NFC_NOTHING,
  /* text, size: the module's serial, 1 to 32 printable characters; after power-on and when asked. */
  NFC_SERIAL,
  /* text: 24 of A-Z a-z 0-9, for secret_take; then nfc_wipe. */
  NFC_TOKEN,
  /* reason: the card could not be read or the vendor refused it. "Tap again." */
  NFC_REFUSED,
  /* The module's case was opened: it is out of use until staff replace it. */
  NFC_TAMPER,
  /* A whole frame of another form. */
  NFC_MALFORMED
} nfc_event_kind;

typedef struct {
  nfc_event_kind kind;
  /* Not const: secret_take wipes what it took. */
  uint8_t *text;
  size_t size;
  uint8_t reason;
} nfc_event;

typedef struct {
  serial_frame_reader reader;
  uint8_t bytes[NFC_BUFFER_SIZE];
} nfc_line;

void nfc_init(nfc_line *line);

/** One byte from the line. `event->text` stays valid until the next call. */
nfc_event nfc_feed(nfc_line *line, uint8_t byte);

/** After a token was taken over, and when it will not be. */
void nfc_wipe(nfc_line *line);

/** Armed, the module reads the next card and reports it; disarmed, it is silent. @return bytes written, 0: no room. */
size_t nfc_write_arm(uint8_t *out, size_t capacity, bool armed);
size_t nfc_write_ask_serial(uint8_t *out, size_t capacity);

#endif
