/** Deadlines and limits of a session, each with its one-line why. */

/** A cart that says nothing for so long was left behind. */
export const IDLE_MS = 15 * 60_000;
/** How long a finished session still answers a repeated frame before it is deleted. */
export const LINGER_MS = 60_000;
/** Between the cart's exit report and the verdict: a payment that is under way may still arrive. */
export const EXIT_GRACE_MS = 60_000;
/** First and longest pause between two questions about a payment whose outcome is unknown. */
export const ASK_AGAIN_FIRST_MS = 1_000;
export const ASK_AGAIN_LONGEST_MS = 60_000;
/** Longest pause between two looks at a hand-off that is no longer this trip's to be paid. */
export const LOOK_PAUSE_MS = 10 * 60_000;
/** Pause before finishing is tried again while another room does not answer. */
export const FINISH_AGAIN_MS = 5_000;
/** A frame further ahead than this is refused, not kept: it bounds what a cart can make the object hold. */
export const FRAMES_AHEAD = 64;
/** As in the trade: 500 lines, 9,999,999 minor units. */
export const MAX_LINES = 500;
export const MAX_TOTAL_MINOR = 9_999_999;
/** What a cart keeps of one answer, bytes: the firmware's buffer. A longer answer reaches it cut, with no line of it shown. */
export const CART_ANSWER_BYTES = 5_120;
/** Loyalty numbers and cards that one trip may try: more is someone looking for numbers that exist. */
export const MAX_INTRODUCTIONS = 10;
/** The firmware's fault code for leaving the store's range with goods and without payment. */
export const FAULT_EXIT_UNPAID = 1;
