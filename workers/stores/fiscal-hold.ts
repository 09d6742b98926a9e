import { dateIn, type CalendarDate } from "../../protocol/calendar/date.ts";
import { FISCAL_FIELDS, fiscalRule, heldUntil } from "../../protocol/retention/fiscal.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { fiscalHolds } from "./schema.ts";

export type FiscalHold = typeof fiscalHolds.$inferInsert;

/** The fiscal minimum of a receipt under the law of its store; undefined where the table names none. */
export function holdOf(receipt: Receipt, now: number): FiscalHold | undefined {
  const rule = fiscalRule(receipt.store.country);
  if (rule === undefined) return undefined;
  const issued = dateIn(receipt.timeZone, Date.parse(receipt.issuedAt));
  return {
    reference: receipt.reference,
    store: receipt.store.id,
    jurisdiction: rule.jurisdiction,
    recordClass: rule.recordClass,
    law: rule.law,
    fields: FISCAL_FIELDS.join(" "),
    record: JSON.stringify(Object.fromEntries(FISCAL_FIELDS.map((field) => [field, receipt[field]]))),
    begun: now,
    until: heldUntil(rule, issued),
  };
}

/** A hold is over on the day after its last, wherever on earth its store is. */
export function overOn(now: number): CalendarDate {
  return dateIn("Etc/GMT+12", now);
}

const OF_A_RECEIPT = new Set(
  (
    "reference number store id name legalName address taxId country session issuedAt startedAt timeZone language " +
    "taxIncluded currency lines line item quantity grams unitMinor totalMinor taxClass taxes rateBasisPoints netMinor " +
    "taxMinor payment scheme last4 aid applicationName tvr tsi cryptogram arc approvalCode cvm entry terminal merchant " +
    "result amountMinor pos transaction fiscal corrects expires"
  ).split(" "),
);

/**
 * Names in a stored receipt, however deep, that no receipt of ours has: a customer's would be one. What an erasure
 * looks for, in place of trusting that nobody ever wrote any.
 */
export function strangeNames(stored: unknown): string[] {
  if (Array.isArray(stored)) return stored.flatMap(strangeNames);
  if (typeof stored !== "object" || stored === null) return [];
  return Object.entries(stored).flatMap(([name, value]) => [
    ...(OF_A_RECEIPT.has(name) ? [] : [name]),
    ...strangeNames(value),
  ]);
}
