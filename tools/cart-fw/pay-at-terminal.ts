import { setTimeout as pause } from "node:timers/promises";
import { textOf, type DisplaySimulator, type Picture } from "../../cart-fw/sim/display.ts";
import type { RadioSimulator } from "../../cart-fw/sim/radio.ts";

const NO_TERMINAL = /Go to a payment terminal/;
/** The key's answers on the basket's own screen (cart-fw/core/display.h); any other screen is one too. */
const NOT_NOW = /Go to a payment terminal|One moment, then try again|No connection: your items are kept/;
const BASKET = /^Your basket/;

/** Radio and keys are two lines: the cart reads a report before a key that follows it by so long. */
const READ_MS = 50;
/** Several of the radio's periods. */
const REPORT_MS = 5_000;
/** A key is answered by a picture in a moment, on a busy machine too; one that changes nothing is not answered. */
const ANSWER_MS = 5_000;
/** Of one report the cart may read the key first; of so many, it hears none at all. */
const MOST_REPORTS = 5;

/**
 * Goes to a terminal, which stays in reach, and presses "pay" after the radio has reported it. It is pressed once more,
 * after the next report, only where the panel still asks the shopper to go to one.
 * Nothing is pressed after it has returned: it resolves with the panel's answer, which may be why there is nothing to pay.
 * @throws Error when the cart is off, or does not take note of the terminal
 */
export async function payAtTerminal(display: DisplaySimulator, radio: RadioSimulator, terminal: string): Promise<void> {
  let reported = radio.reported("terminal", terminal, REPORT_MS);
  radio.near("terminal", terminal);
  for (let report = 1; report <= MOST_REPORTS; report += 1) {
    await reported;
    await pause(READ_MS);
    if (report > 1 && !asksForTerminal(display.picture)) return;
    const answer = display.next(isAnswer, ANSWER_MS);
    display.press("pay");
    if (!asksForTerminal(await answer.catch(() => display.picture))) return;
    reported = radio.reported("terminal", terminal, REPORT_MS);
  }
  throw new Error(`the cart takes no note of terminal ${terminal}`);
}

function asksForTerminal(picture: Picture | null): boolean {
  return picture !== null && NO_TERMINAL.test(textOf(picture));
}

function isAnswer(picture: Picture): boolean {
  const text = textOf(picture);
  return NOT_NOW.test(text) || !BASKET.test(text);
}
