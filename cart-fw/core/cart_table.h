/**
 * The cart's states and the only ways between them. cart_table.c is the whole of it: code raises a signal, the table
 * says where it leads. `test/model/` prints the table as JSON, and a test walks it against the platform.
 */
#ifndef CARTWRIGHT_CART_TABLE_H
#define CARTWRIGHT_CART_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/** X(state, name, needs a store attestation to be entered from a locked state) */
#define CART_STATES(X)                                                                                                 \
  X(CART_BOOT, "BOOT")                                                                                                 \
  X(CART_SELFTEST, "SELFTEST")                                                                                         \
  X(CART_LOCKED, "LOCKED")               /* no trip: no store has vouched for the cart, or none does any more */       \
  X(CART_STORE_ATTEST, "STORE_ATTEST")   /* asking for a store attestation */                                          \
  X(CART_READY, "READY")                                                                                               \
  X(CART_OPENING, "OPENING")                                                                                           \
  X(CART_SHOPPING, "SHOPPING")                                                                                         \
  X(CART_OFFLINE_HOLD, "OFFLINE_HOLD")   /* a trip without a link: scans are kept and shown as pending */              \
  X(CART_HANDOFF, "HANDOFF")             /* what is kept goes out, then the basket is frozen */                        \
  X(CART_AWAIT_TERMINAL, "AWAIT_TERMINAL") /* the terminal has the amount; money may be under way */                   \
  X(CART_CLOSING, "CLOSING")                                                                                           \
  X(CART_UPDATING, "UPDATING")                                                                                         \
  X(CART_FAULT, "FAULT")

#define CART_STATE_CODE(code, name) code,
typedef enum { CART_STATES(CART_STATE_CODE) CART_STATE_COUNT } cart_state;
#undef CART_STATE_CODE

/** X(signal, name) */
#define CART_SIGNALS(X)                                                                                                \
  X(CART_SIG_START, "start")                                                                                           \
  X(CART_SIG_TESTED, "tested")             /* journal mounted and read, element answers, image known */                \
  X(CART_SIG_BROKEN, "broken")             /* a part without which nothing works */                                    \
  X(CART_SIG_ASK, "ask")                   /* the link is there: ask for an attestation */                             \
  X(CART_SIG_ATTESTED, "attested")         /* one verified, valid now */                                               \
  X(CART_SIG_NOT_ATTESTED, "not_attested") /* refused, or no answer, or it does not verify */                          \
  X(CART_SIG_EXPIRED, "expired")                                                                                       \
  X(CART_SIG_WANTED, "wanted")             /* somebody wants to shop */                                                \
  X(CART_SIG_OPENED, "opened")                                                                                         \
  X(CART_SIG_NOT_OPENED, "not_opened")                                                                                 \
  X(CART_SIG_LINK_LOST, "link_lost")                                                                                   \
  X(CART_SIG_LINK_BACK, "link_back")                                                                                   \
  X(CART_SIG_PAY, "pay")                                                                                               \
  X(CART_SIG_HANDED, "handed")             /* the amount is the terminal's */                                          \
  X(CART_SIG_NOT_HANDED, "not_handed")                                                                                 \
  X(CART_SIG_PAID, "paid")                                                                                             \
  X(CART_SIG_NOT_PAID, "not_paid")         /* declined, or cancelled at the terminal: nothing is under way */          \
  X(CART_SIG_END, "end")                   /* the shopper leaves with nothing */                                       \
  X(CART_SIG_NOT_CLOSED, "not_closed")                                                                                 \
  X(CART_SIG_OVER, "over")                 /* the session is at its end, by whomever */                                \
  X(CART_SIG_UPDATE, "update")             /* a manifest that verifies was offered */                                  \
  X(CART_SIG_NOT_UPDATED, "not_updated")                                                                               \
  X(CART_SIG_BARRED, "barred")             /* quarantined or revoked */                                                \
  X(CART_SIG_RETRY, "retry")               /* out of FAULT, to be tested anew */

#define CART_SIGNAL_CODE(code, name) code,
typedef enum { CART_SIGNALS(CART_SIGNAL_CODE) CART_SIGNAL_COUNT } cart_signal;
#undef CART_SIGNAL_CODE

/** What must hold for a row to be taken; of two rows for one (state, signal) the first whose guard holds. */
typedef enum {
  CART_ALWAYS,
  CART_ATTESTED,        /* a store attestation is valid now */
  CART_ATTESTED_TRIP,   /* … and a trip was kept over a power loss */
  CART_ATTESTED_PAYING, /* … and its terminal had the amount */
  CART_GUARD_COUNT
} cart_guard;

typedef struct {
  cart_state from;
  cart_signal signal;
  cart_guard guard;
  cart_state to;
} cart_row;

const cart_row *cart_table(size_t *rows);
const char *cart_state_name(cart_state state);
const char *cart_signal_name(cart_signal signal);
const char *cart_guard_name(cart_guard guard);
/** Whether a trip's goods or money may be in play: the states that an attestation unlocks. */
bool cart_state_is_unlocked(cart_state state);

#endif
