import type { ReceiptEntry } from "../../../protocol/rooms/stores.ts";
import type { App } from "./app.ts";
import { refusal } from "./refusal.ts";
import { listReceipts } from "./routes.ts";

/** Pages of trips that one call looks at when none of them has a receipt: trips that were left without paying. */
const PAGES = 5;

/**
 * A person's receipts: the identity room says which trips are theirs, the stores room what their receipts say. Neither
 * learns the other's half. Failure policy: closed; a page is whole or not at all.
 */
export function addOwnReceipts(app: App): void {
  app.openapi(listReceipts, async (c) => {
    let next = c.req.valid("query").cursor ?? null;
    for (let pages = 1; ; pages += 1) {
      const trips = await c.env.IDENTITY.ownTrips(c.get("person"), next);
      if (!trips.ok) return trips.reason === "invalid" ? refusal("invalid_field", "cursor") : refusal(trips.reason);
      const { sessions } = trips.value;
      const read = sessions.length === 0 ? undefined : await c.env.STORES.receiptEntries(sessions);
      if (read !== undefined && !read.ok) return refusal(read.reason);
      const entries = read?.value ?? [];
      ({ next } = trips.value);
      if (entries.length > 0 || next === null || pages === PAGES) {
        const inOrder = sessions.flatMap((session) => newestFirst(entries.filter((each) => each.session === session)));
        return c.json({ receipts: inOrder.map(shown), next }, 200);
      }
    }
  });
}

function newestFirst(entries: readonly ReceiptEntry[]): ReceiptEntry[] {
  return entries.toSorted((a, b) => Date.parse(b.issuedAt) - Date.parse(a.issuedAt));
}

function shown({ reference, number, store, issuedAt, timeZone, currency, totalMinor, corrects }: ReceiptEntry) {
  return {
    reference,
    number,
    store: { id: store.id, name: store.name },
    issuedAt,
    timeZone,
    currency,
    totalMinor,
    corrects,
  };
}
