import type { Currency, Money } from "../../../protocol/money/money.ts";
import type { RefundAnswer } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { authorizationById, openRefunds, operationByKey, type OperationRow, type Till } from "./records.ts";

export type RefundRefusal = "not_found" | "state" | "amount" | "refused" | "idempotency_mismatch";

/**
 * Gives captured money back, each refund under its own key. The sum of all that are meant or done never exceeds
 * what was captured: the row is only written where it fits, so refunds at the same time can't pass it together.
 */
export async function refund(
  till: Till,
  id: string,
  amount: Money,
  key: string,
): Promise<Result<RefundAnswer, RefundRefusal>> {
  const row = await authorizationById(till, id);
  if (row === undefined) return fail("not_found");
  if (row.state !== "captured" || row.reference === null) return fail("state");
  if (amount.currency !== row.currency || amount.minor <= 0) return fail("amount");
  const operation = crypto.randomUUID();
  await till.database
    .prepare(
      `INSERT INTO operations (id, authorization, verb, slot, key, amount_minor, currency, reason, state, created, updated)
       SELECT ?, a.id, 'refund', ?, ?, ?, ?, NULL, 'intent', ?, ? FROM authorizations AS a
       WHERE a.id = ? AND ? + (SELECT coalesce(sum(o.amount_minor), 0) FROM operations AS o
         WHERE o.authorization = a.id AND o.verb = 'refund' AND o.state <> 'refused') <= a.captured_minor
       ON CONFLICT DO NOTHING`,
    )
    .bind(operation, `refund:${operation}`, key, amount.minor, amount.currency, till.now, till.now, id, amount.minor)
    .run();
  const intent = await operationByKey(till, key);
  if (intent === undefined) return fail("amount");
  const same =
    intent.authorization === id &&
    intent.verb === "refund" &&
    intent.amountMinor === amount.minor &&
    intent.currency === amount.currency;
  if (!same) return fail("idempotency_mismatch");
  if (intent.state === "refused") return fail("refused");
  if (intent.state === "done") return ok(answer(intent, "refunded"));

  const given = await till.processor.refund(row.reference, amount, key);
  if (!given.ok && given.reason === "no_answer") return ok(answer(intent, "unknown"));
  await till.database
    .prepare("UPDATE operations SET state = ?, updated = ? WHERE id = ?")
    .bind(given.ok ? "done" : "refused", till.now, intent.id)
    .run();
  return given.ok ? ok(answer(intent, "refunded")) : fail("refused");
}

/** Carries on refunds whose answer was lost, each under its own key. @returns whether all of them are settled now */
export async function resumeRefunds(till: Till, authorization: string): Promise<boolean> {
  let settled = true;
  for (const { amountMinor, currency, key } of await openRefunds(till, authorization)) {
    const amount = { minor: amountMinor ?? 0, currency: currency as Currency };
    const answered = await refund(till, authorization, amount, key);
    settled &&= !answered.ok || answered.value.state !== "unknown";
  }
  return settled;
}

function answer(intent: OperationRow, state: RefundAnswer["state"]): RefundAnswer {
  return {
    id: intent.id,
    authorization: intent.authorization,
    state,
    amount_minor: intent.amountMinor ?? 0,
    currency: intent.currency as Currency,
  };
}
