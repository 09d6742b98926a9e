import { looksLikePan } from "../../protocol/pan/tripwire.ts";

/** Whether a text from outside, an import's or a terminal's, holds what may be a card number (CARDS-34). */
export function holdsCardNumber(text: string): boolean {
  return looksLikePan(text) !== null;
}
