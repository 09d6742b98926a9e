import type { Currency, Money } from "../../../protocol/money/money.ts";
import type { PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { adopt } from "./adopt.ts";
import {
  answerOf,
  authorizationById,
  operationByKey,
  operationIn,
  type AuthorizationRow,
  type OperationRow,
  type Till,
} from "./records.ts";

export type SettleRefusal = "not_found" | "state" | "amount" | "refused" | "idempotency_mismatch";
type Settled = Result<PaymentAnswer, SettleRefusal>;

/** What is meant to happen to an approved authorization; one of the two, once. */
type Settlement =
  | { readonly verb: "capture"; readonly amount: Money }
  | { readonly verb: "void"; readonly reason: string };

/** Takes the money of an approved authorization, at most what was authorized. */
export function capture(till: Till, id: string, amount: Money, key: string): Promise<Settled> {
  return settle(till, id, { verb: "capture", amount }, key);
}

/** Gives an approved authorization back. */
export function voidAuthorization(till: Till, id: string, reason: string, key: string): Promise<Settled> {
  return settle(till, id, { verb: "void", reason }, key);
}

/**
 * Intent row, then the processor, then the result: a crash in between leaves an intent that the next call with the
 * same key, or the next question, carries on under the same idempotency key. The slot `settle` is unique, so a
 * capture and a void can't both be meant.
 */
async function settle(till: Till, id: string, meant: Settlement, key: string): Promise<Settled> {
  const stored = await authorizationById(till, id);
  if (stored === undefined) return fail("not_found");
  const before = await earlier(till, stored, meant, key);
  if (before !== undefined) return before;
  // The processor is asked once more: a second terminal's payment, if any, is found and given back before money moves.
  const row = await adopt(till, stored, null);
  // An equal call may have settled it meanwhile: then both get its answer.
  if (row.state !== "approved" || row.reference === null)
    return (await earlier(till, row, meant, key)) ?? fail("state");
  if (meant.verb === "capture" && !covers(row, meant.amount)) return fail("amount");
  await till.database
    .prepare(
      `INSERT INTO operations (id, authorization, verb, slot, key, amount_minor, currency, reason, state, created, updated)
       SELECT ?, id, ?, 'settle', ?, ?, ?, ?, 'intent', ?, ? FROM authorizations WHERE id = ? AND state = 'approved'
       ON CONFLICT DO NOTHING`,
    )
    .bind(
      crypto.randomUUID(),
      meant.verb,
      key,
      meant.verb === "capture" ? meant.amount.minor : null,
      meant.verb === "capture" ? meant.amount.currency : null,
      meant.verb === "void" ? meant.reason : null,
      till.now,
      till.now,
      id,
    )
    .run();
  return (await earlier(till, row, meant, key)) ?? fail("state");
}

/** What the operation of this key comes to, if there is one: its answer, or its carrying out. */
async function earlier(
  till: Till,
  row: AuthorizationRow,
  meant: Settlement,
  key: string,
): Promise<Settled | undefined> {
  const operation = await operationByKey(till, key);
  if (operation === undefined) return undefined;
  if (!sameMeaning(operation, row.id, meant)) return fail("idempotency_mismatch");
  if (operation.state === "refused") return fail("refused");
  if (operation.state === "intent") return carryOut(till, row, operation);
  return ok(await answerOf(till, (await authorizationById(till, row.id)) ?? row));
}

/** Carries on a capture or void that was meant before a crash or a lost answer. */
export async function resume(till: Till, row: AuthorizationRow): Promise<AuthorizationRow> {
  const intent = await operationIn(till, row.id, "settle");
  if (intent?.state === "intent") await carryOut(till, row, intent);
  return (await authorizationById(till, row.id)) ?? row;
}

async function carryOut(till: Till, row: AuthorizationRow, intent: OperationRow): Promise<Settled> {
  if (row.reference === null) return fail("state");
  const answer =
    intent.verb === "capture"
      ? await till.processor.capture(
          row.reference,
          { minor: intent.amountMinor ?? 0, currency: intent.currency as Currency },
          intent.key,
        )
      : await till.processor.void(row.reference, intent.key);
  if (!answer.ok && answer.reason === "refused") {
    // The slot is given up, so that what was refused as a capture can still be voided.
    await till.database
      .prepare(
        "UPDATE operations SET state = 'refused', slot = 'refused:' || id, updated = ? WHERE id = ? AND state = 'intent'",
      )
      .bind(till.now, intent.id)
      .run();
    return fail("refused");
  }
  if (answer.ok) {
    const done = intent.verb === "capture" ? "captured" : "voided";
    const capturedMinor = answer.value.capturedMinor;
    await till.database.batch([
      till.database.prepare("UPDATE operations SET state = 'done', updated = ? WHERE id = ?").bind(till.now, intent.id),
      till.database
        .prepare("UPDATE authorizations SET state = ?, captured_minor = ?, updated = ? WHERE id = ?")
        .bind(done, capturedMinor, till.now, row.id),
    ]);
    return ok(await answerOf(till, (await authorizationById(till, row.id)) ?? row));
  }
  return ok(await answerOf(till, row));
}

function covers(row: AuthorizationRow, amount: Money): boolean {
  return amount.currency === row.currency && amount.minor > 0 && amount.minor <= (row.amountMinor ?? 0);
}

/** The reason of a void is for the log: the same void with another reason is still the same void. */
function sameMeaning(operation: OperationRow, authorization: string, meant: Settlement): boolean {
  if (operation.authorization !== authorization || operation.verb !== meant.verb) return false;
  return (
    meant.verb === "void" ||
    (operation.amountMinor === meant.amount.minor && operation.currency === meant.amount.currency)
  );
}
