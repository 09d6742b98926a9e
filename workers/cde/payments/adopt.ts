import { and, eq, isNull, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { PaymentState } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { ProcessorPayment } from "../processor/processor.ts";
import { authorizations } from "../schema.ts";
import { appendAccess } from "../vault/vault.ts";
import { chosen, isFinal, stateAfterNothingFound, stateAfterSilence } from "./choice.ts";
import { referencesOf } from "./noted.ts";
import { authorizationById, type AuthorizationRow, type Till } from "./records.ts";
import { giveBack } from "./surplus.ts";

/**
 * Asks the processor what became of a hand-off and writes what it said. Two answers at the same time choose alike,
 * and a payment once adopted is only left for another when it was declined.
 * @param hint the caller's reference: looked up when the hand-off does not find it, and believed only when the
 * processor says that it belongs to this hand-off
 */
export async function adopt(till: Till, row: AuthorizationRow, hint: string | null): Promise<AuthorizationRow> {
  return (await adoptAnswer(till, row, hint)).row;
}

/** As `adopt`; `answered` is false when the processor gave no answer in time, so that who can ask later does. */
export async function adoptAnswer(
  till: Till,
  row: AuthorizationRow,
  hint: string | null,
): Promise<{ readonly row: AuthorizationRow; readonly answered: boolean }> {
  if (isFinal(row.state as PaymentState)) return { row, answered: true };
  const asked = await ask(till, row, hint);
  if (!asked.ok)
    return { row: await setState(till, row, stateAfterSilence(row.state as PaymentState)), answered: false };
  const payment = chosen(asked.value, row.handoff, row.claimedTerminal);
  if (payment === undefined)
    return { row: await setState(till, row, stateAfterNothingFound(row.state as PaymentState)), answered: true };
  const updated = await write(till, row, payment);
  if (updated.reference !== null) await giveBack(till, updated, asked.value, updated.reference);
  return { row: updated, answered: true };
}

/** What the processor lists for the hand-off, and every reference known for it that a lagging list does not show. */
async function ask(
  till: Till,
  row: AuthorizationRow,
  hint: string | null,
): Promise<Result<readonly ProcessorPayment[], "no_answer">> {
  const found = await till.processor.ofHandoff(row.handoff);
  if (!found.ok) return fail("no_answer");
  const payments = [...found.value];
  for (const reference of new Set([row.reference, hint, ...(await referencesOf(till, row.handoff))])) {
    if (reference === null || payments.some((each) => each.reference === reference)) continue;
    const one = await till.processor.payment(reference);
    if (!one.ok) return fail("no_answer");
    if (one.value?.handoff === row.handoff) payments.push(one.value);
    else if (one.value !== null)
      await (
        await appendAccess(till, {
          actor: "forwarder",
          act: "authorize",
          object: row.handoff,
          outcome: "foreign_reference",
        })
      ).run();
  }
  return ok(payments);
}

async function write(till: Till, row: AuthorizationRow, payment: ProcessorPayment): Promise<AuthorizationRow> {
  const known = payment.state === "approved" || payment.state === "captured" || payment.state === "voided";
  await drizzle(till.database)
    .update(authorizations)
    .set({
      state: payment.state,
      reference: payment.reference,
      amountMinor: known ? payment.amount.minor : null,
      currency: known ? payment.amount.currency : null,
      terminal: payment.terminal,
      store: payment.store,
      emv: payment.emv === null ? null : JSON.stringify(payment.emv),
      decline: payment.decline,
      capturedMinor: payment.capturedMinor,
      updated: till.now,
    })
    .where(
      and(
        eq(authorizations.id, row.id),
        eq(authorizations.state, row.state),
        or(
          isNull(authorizations.reference),
          eq(authorizations.reference, payment.reference),
          eq(authorizations.state, "declined"),
        ),
      ),
    );
  return (await authorizationById(till, row.id)) ?? row;
}

async function setState(till: Till, row: AuthorizationRow, state: PaymentState): Promise<AuthorizationRow> {
  if (state !== row.state)
    await drizzle(till.database)
      .update(authorizations)
      .set({ state, updated: till.now })
      .where(and(eq(authorizations.id, row.id), eq(authorizations.state, row.state)));
  return (await authorizationById(till, row.id)) ?? row;
}
