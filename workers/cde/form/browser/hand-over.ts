/** What the CDE answers for a card (protocol/pay: TokenizeAnswer). */
export interface FormAnswer {
  readonly token: string;
  readonly statement?: string;
  readonly scheme: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
}

/** The name of the message, and of the event. */
export const CARD_ADDED = "cartwright:card";

/**
 * Gives the result to whoever opened the form: an event on the document (an app's own web view), a message to the
 * framing page of exactly the registered origin, and the fragment of the registered address, which no server sees.
 */
export function handOver(
  { token, statement, scheme, last4, exp_month: expMonth, exp_year: expYear }: FormAnswer,
  to: { readonly embedder: string | null; readonly returnTo: string | null },
): void {
  const detail = { type: CARD_ADDED, token, statement, scheme, last4, expMonth, expYear };
  document.dispatchEvent(new CustomEvent(CARD_ADDED, { detail }));
  if (to.embedder !== null && parent !== self) parent.postMessage(detail, to.embedder);
  if (to.returnTo === null) return;
  // The form's address leaves the history with it.
  location.replace(`${to.returnTo}#${new URLSearchParams({ token, statement: statement ?? "" })}`);
}
