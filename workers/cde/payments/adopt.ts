import { and, eq, isNull, or } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { PaymentState } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { ProcessorPayment } from "../processor/processor.ts";
import { authorizations } from "../schema.ts";
import { appendAccess } from "../vault/vault.ts";
import { chosen, isFinal, stateAfterNothingFound, stateAfterSilence } from "./choice.ts";
import { authorizationById, type AuthorizationRow, type Till } from "./records.ts";
import { giveBack } from "./surplus.ts";

/**
 * Asks the processor what became of a hand-off and writes what it said. Two answers at the same time choose alike,
 * and a payment once adopted is only left for another when it was declined.
 * @param hint the caller's reference: looked up only when the hand-off finds nothing, and believed only when the
 * processor says that it belongs to this hand-off
 */
export async function adopt(till: Till, row: AuthorizationRow, hint: string | null): Promise<AuthorizationRow> {
  if (isFinal(row.state as PaymentState)) return row;
  const asked = await ask(till, row.handoff, hint);
  if (!asked.ok) return setState(till, row, stateAfterSilence(row.state as PaymentState));
  const payment = chosen(asked.value, row.handoff, row.claimedTerminal);
  if (payment === undefined) return setState(till, row, stateAfterNothingFound(row.state as PaymentState));
  const updated = await write(till, row, payment);
  if (updated.reference !== null) await giveBack(till, updated, asked.value, updated.reference);
  return updated;
}

async function ask(
  till: Till,
  handoff: string,
  hint: string | null,
): Promise<Result<readonly ProcessorPayment[], "no_answer">> {
  const found = await till.processor.ofHandoff(handoff);
  if (!found.ok) return fail("no_answer");
  if (found.value.length > 0 || hint === null) return ok(found.value);
  const hinted = await till.processor.payment(hint);
  if (!hinted.ok) return fail("no_answer");
  if (hinted.value !== null && hinted.value.handoff !== handoff) {
    await appendAccess(till, {
      actor: "forwarder",
      act: "authorize",
      object: handoff,
      outcome: "foreign_reference",
    }).run();
    return ok([]);
  }
  return ok(hinted.value === null ? [] : [hinted.value]);
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
