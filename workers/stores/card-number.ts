import { looksLikePan } from "../../protocol/pan/tripwire.ts";

/** Whether a text from outside, an import's or a terminal's, holds what may be a card number (cards.md, PAN tripwire). */
export function holdsCardNumber(text: string): boolean {
  return looksLikePan(text) !== null;
}
