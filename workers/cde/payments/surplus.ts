import type { PaymentAnswer, PaymentState } from "../../../protocol/pay/contract.ts";
import type { ProcessorPayment } from "../processor/processor.ts";
import { appendAccess } from "../vault/vault.ts";
import { isFinal, surplus } from "./choice.ts";
import { answerOf, type AuthorizationRow, type Till } from "./records.ts";

/**
 * Voids what a second terminal got for the same hand-off: one is adopted, all others are given back, each under its
 * own key and in the access log. Without an answer the intent stays for the next asking.
 */
export async function giveBack(
  till: Till,
  row: AuthorizationRow,
  listed: readonly ProcessorPayment[],
  adopted: string,
): Promise<void> {
  const payments = surplus(listed, row.handoff, adopted);
  for (const payment of payments) await voidOne(till, row, payment);
  await closeVoided(till, row, listed);
}

/**
 * The answer about a hand-off, with whether anything beside the adopted payment may still hold money. Once the adopted
 * one is captured or void nobody else asks the processor any more, so a payment that came after is looked for here.
 */
export async function answerWithSurplus(till: Till, row: AuthorizationRow): Promise<PaymentAnswer> {
  let asked = true;
  if (isFinal(row.state as PaymentState) && row.reference !== null) {
    const found = await till.processor.ofHandoff(row.handoff);
    if (found.ok) await giveBack(till, row, found.value, row.reference);
    asked = found.ok;
  }
  const answer = await answerOf(till, row);
  const open = !asked || (await openIntents(till, row)).length > 0;
  return open ? { ...answer, surplus: "open" } : answer;
}

async function voidOne(till: Till, row: AuthorizationRow, payment: ProcessorPayment): Promise<void> {
  const key = keyOf(row, payment);
  await till.database
    .prepare(
      `INSERT INTO operations (id, authorization, verb, slot, key, amount_minor, currency, reason, state, created, updated)
       VALUES (?, ?, 'void_surplus', ?, ?, ?, ?, 'handoff_used', 'intent', ?, ?) ON CONFLICT DO NOTHING`,
    )
    .bind(
      crypto.randomUUID(),
      row.id,
      `surplus:${payment.reference}`,
      key,
      payment.amount.minor,
      payment.amount.currency,
      till.now,
      till.now,
    )
    .run();
  const given = await till.processor.void(payment.reference, key);
  if (!given.ok && given.reason === "no_answer") return;
  await till.database.batch([
    till.database
      .prepare("UPDATE operations SET state = ?, updated = ? WHERE key = ?")
      .bind(given.ok ? "done" : "refused", till.now, key),
    await appendAccess(till, {
      actor: "forwarder",
      act: "void_surplus",
      object: row.handoff,
      outcome: given.ok ? "granted" : "refused",
    }),
  ]);
}

/** A void whose answer was lost: the processor's list says that it took effect. */
async function closeVoided(till: Till, row: AuthorizationRow, listed: readonly ProcessorPayment[]): Promise<void> {
  const open = await openIntents(till, row);
  const voided = listed.filter((each) => each.state === "voided" && open.includes(keyOf(row, each)));
  for (const payment of voided)
    await till.database.batch([
      till.database
        .prepare("UPDATE operations SET state = 'done', updated = ? WHERE key = ?")
        .bind(till.now, keyOf(row, payment)),
      await appendAccess(till, { actor: "forwarder", act: "void_surplus", object: row.handoff, outcome: "granted" }),
    ]);
}

async function openIntents(till: Till, row: AuthorizationRow): Promise<readonly string[]> {
  const { results } = await till.database
    .prepare("SELECT key FROM operations WHERE authorization = ? AND verb = 'void_surplus' AND state = 'intent'")
    .bind(row.id)
    .all<{ key: string }>();
  return results.map(({ key }) => key);
}

function keyOf(row: AuthorizationRow, payment: ProcessorPayment): string {
  return `${row.handoff}:surplus:${payment.reference}`;
}
