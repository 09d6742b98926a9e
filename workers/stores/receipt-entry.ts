import type { Receipt, ReceiptEntry } from "../../protocol/rooms/stores.ts";

/** A receipt as a list shows it: nothing of what was bought, nothing of the card. */
export function entryOf(receipt: Receipt): ReceiptEntry {
  const { reference, session, number, store, issuedAt, timeZone, currency, totalMinor, corrects } = receipt;
  return {
    reference,
    session,
    number,
    store: { id: store.id, name: store.name },
    issuedAt,
    timeZone,
    currency,
    totalMinor,
    corrects: corrects?.reference ?? null,
  };
}
