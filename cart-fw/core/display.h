/**
 * What the panel shows, as a model: a screen, a notice, figures, and one string about a person. The model holds no
 * token, no number of a person's and no code; `display_render` turns it into rows.
 */
#ifndef CARTWRIGHT_DISPLAY_H
#define CARTWRIGHT_DISPLAY_H

#include "display_text.h"
#include "display_wire.h"

/** X(screen, title) */
#define DISPLAY_SCREENS(X)                                                                                             \
  X(SCREEN_STARTING, "Starting")                                                                                       \
  X(SCREEN_LOCKED, "Not in service")                                                                                   \
  X(SCREEN_CHECKING_STORE, "Checking the store")                                                                       \
  X(SCREEN_READY, "Scan an item to begin")                                                                             \
  X(SCREEN_OPENING, "One moment")                                                                                      \
  X(SCREEN_SHOPPING, "Your basket")                                                                                    \
  X(SCREEN_OFFLINE, "Your basket, no connection")                                                                      \
  X(SCREEN_CHECKOUT, "Adding up")                                                                                      \
  X(SCREEN_PAY, "Pay at the terminal")                                                                                 \
  X(SCREEN_CHECKING_PAYMENT, "Do not pay again: checking")                                                             \
  X(SCREEN_PAID, "Paid. Thank you")                                                                                    \
  X(SCREEN_CLOSING, "Goodbye")                                                                                         \
  X(SCREEN_UPDATING, "Updating")                                                                                       \
  X(SCREEN_FAULT, "Out of order")

/** X(notice, tone, text) */
#define DISPLAY_NOTICES(X)                                                                                             \
  X(NOTICE_NONE, DISPLAY_TONE_NONE, "")                                                                                \
  X(NOTICE_ADDED, DISPLAY_TONE_OK, "Added")                                                                            \
  X(NOTICE_REMOVED, DISPLAY_TONE_OK, "Removed")                                                                        \
  X(NOTICE_NO_LINE, DISPLAY_TONE_WARN, "There is no such line")                                                        \
  X(NOTICE_SCAN_AGAIN, DISPLAY_TONE_WARN, "Could not read it: scan again")                                             \
  X(NOTICE_NOT_TAKEN, DISPLAY_TONE_WARN, "This item can't be added: ask staff")                                        \
  X(NOTICE_MEMORY_FULL, DISPLAY_TONE_ALARM, "The cart's memory is full: ask staff")                                    \
  X(NOTICE_NO_LINK, DISPLAY_TONE_WARN, "No connection: your items are kept")                                           \
  X(NOTICE_NO_LINK_READY, DISPLAY_TONE_WARN, "No connection: a trip can't begin yet")                                  \
  X(NOTICE_WAIT, DISPLAY_TONE_WARN, "One moment, then try again")                                                      \
  X(NOTICE_SCAN_LOYALTY, DISPLAY_TONE_NONE, "Scan your loyalty card")                                                  \
  X(NOTICE_TAP_CARD, DISPLAY_TONE_NONE, "Tap your card to be known, not to pay")                                       \
  X(NOTICE_SCAN_PHONE, DISPLAY_TONE_NONE, "Scan the code on your phone")                                               \
  X(NOTICE_TAP_AGAIN, DISPLAY_TONE_WARN, "That did not get through: tap or scan again")                                \
  X(NOTICE_LINKED, DISPLAY_TONE_OK, "You are known on this trip")                                                      \
  X(NOTICE_NOT_LINKED, DISPLAY_TONE_NONE, "Shopping as a guest")                                                       \
  X(NOTICE_CONFIRM, DISPLAY_TONE_NONE, "Confirm on your phone if it shows the same digits")                            \
  X(NOTICE_NOTHING_TO_PAY, DISPLAY_TONE_WARN, "There is nothing to pay for")                                           \
  X(NOTICE_HOLDS, DISPLAY_TONE_WARN, "Staff have to look first")                                                       \
  X(NOTICE_NO_TERMINAL, DISPLAY_TONE_WARN, "Go to a payment terminal")                                                 \
  X(NOTICE_DECLINED, DISPLAY_TONE_WARN, "Declined: nothing was taken")                                                 \
  X(NOTICE_CANCELLED, DISPLAY_TONE_NONE, "Nothing was taken")                                                          \
  X(NOTICE_DO_NOT_PAY, DISPLAY_TONE_ALARM, "Do not pay again: checking")                                               \
  X(NOTICE_PAY_FIRST, DISPLAY_TONE_WARN, "Finish paying, or go back first")                                            \
  X(NOTICE_EXIT_UNPAID, DISPLAY_TONE_ALARM, "Not paid yet: go back into the store")                                    \
  X(NOTICE_NOT_EMPTY, DISPLAY_TONE_WARN, "Take your items out first, or pay")                                          \
  X(NOTICE_OVER, DISPLAY_TONE_WARN, "This trip has ended: ask staff")                                                  \
  X(NOTICE_NO_STORE, DISPLAY_TONE_WARN, "Not near its store")                                                          \
  X(NOTICE_REFUSED, DISPLAY_TONE_WARN, "The store did not let the cart in: ask staff")                                 \
  X(NOTICE_QUARANTINED, DISPLAY_TONE_ALARM, "Set aside by the store: ask staff")                                       \
  X(NOTICE_REVOKED, DISPLAY_TONE_ALARM, "This cart is withdrawn")                                                      \
  X(NOTICE_BROKEN, DISPLAY_TONE_ALARM, "A part does not answer: ask staff")                                            \
  X(NOTICE_TAMPER, DISPLAY_TONE_ALARM, "The card reader was opened: ask staff")                                        \
  X(NOTICE_PAID, DISPLAY_TONE_OK, "Paid. Thank you")                                                                   \
  X(NOTICE_HELP, DISPLAY_TONE_NONE, "Staff have been called")

#define DISPLAY_SCREEN_CODE(code, title) code,
typedef enum { DISPLAY_SCREENS(DISPLAY_SCREEN_CODE) SCREEN_COUNT } display_screen;
#undef DISPLAY_SCREEN_CODE
#define DISPLAY_NOTICE_CODE(code, tone, text) code,
typedef enum { DISPLAY_NOTICES(DISPLAY_NOTICE_CODE) NOTICE_COUNT } display_notice;
#undef DISPLAY_NOTICE_CODE

#define DISPLAY_NAME_SIZE ((size_t)28) /* bytes of a product's name that are kept */
#define DISPLAY_LINES ((size_t)96)     /* lines that the cart remembers; the platform has them all */
#define DISPLAY_HELD_AGE 1u
#define DISPLAY_HELD_WEIGHT 2u
#define DISPLAY_HELD_UNKNOWN 4u

typedef struct {
  uint16_t line;
  uint8_t quantity;
  uint8_t name_size;
  int32_t total_minor;
  uint8_t name[28]; /* UTF-8, cut between characters */
} display_line;

typedef struct {
  display_screen screen;
  display_notice notice;
  display_nickname nickname;
  char currency[4];
  uint8_t exponent;
  bool total_known;
  int64_t total_minor;
  uint64_t amount_minor; /* what the terminal is to take; 0: nothing */
  uint16_t pending;      /* scans that the platform has not priced yet */
  uint8_t held;          /* DISPLAY_HELD_… */
  uint8_t digits[2];     /* pairing's two digits; 0: none */
  uint8_t percent;       /* of an update */
  uint8_t battery;
  uint16_t held_line;    /* of an unknown item; 0: none */
  uint8_t receipt[22];   /* the receipt's reference, until the next trip */
  size_t receipt_size;
  size_t lines_used;
  display_line lines[96]; /* oldest first */
} display_model;

void display_init(display_model *model);
/**
 * A line as the platform tells it: new, changed, or gone with quantity 0. The oldest makes room.
 * @return whether it is gone, or less than it was.
 */
bool display_put_line(display_model *model, uint16_t line, fw_bytes name, uint64_t quantity, int64_t total_minor);
/** Forgets the trip: lines, figures, nickname, digits. */
void display_forget_trip(display_model *model);
/**
 * The picture as one frame for the panel. Its tone is the notice's, and no better than a warning while staff have to look.
 * @return bytes, 0: `capacity` is below DISPLAY_WIRE_PICTURE_MAX.
 */
size_t display_render(const display_model *model, uint8_t *out, size_t capacity);

#endif
