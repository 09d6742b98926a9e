import type { Quote } from "../../protocol/rooms/stores.ts";

/**
 * SHA-256 over the frozen basket, which the cart carries from checkout to payment: what was paid is what was frozen.
 * The text is canonical: fixed order, decimal integers, one line a line of the basket, then the payable total.
 */
export async function basketDigest(quote: Pick<Quote, "lines">, handoff: string): Promise<Uint8Array> {
  const lines = quote.lines.map((line) =>
    [line.line, line.item, line.quantity, line.grams ?? "-", line.unitMinor, line.totalMinor].join("\t"),
  );
  const text = ["cartwright basket 1", handoff, ...lines].join("\n");
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
