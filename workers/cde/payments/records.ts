import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { parseCurrency } from "../../../protocol/money/money.ts";
import type { DeclineReason, EmvBlock, PaymentAnswer, PaymentState } from "../../../protocol/pay/contract.ts";
import type { Processor } from "../processor/processor.ts";
import { authorizations, operations } from "../schema.ts";
import type { AccessWriter } from "../vault/vault.ts";

export type AuthorizationRow = typeof authorizations.$inferSelect;
export type OperationRow = typeof operations.$inferSelect;

/** What the payment operations work with. */
export interface Till {
  readonly log: AccessWriter;
  readonly database: D1Database;
  readonly processor: Processor;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function authorizationById(till: Till, id: string): Promise<AuthorizationRow | undefined> {
  return drizzle(till.database).select().from(authorizations).where(eq(authorizations.id, id)).get();
}

export function authorizationByHandoff(till: Till, handoff: string): Promise<AuthorizationRow | undefined> {
  return drizzle(till.database).select().from(authorizations).where(eq(authorizations.handoff, handoff)).get();
}

/** The one operation in a slot of an authorization; refused ones have given theirs up. */
export function operationIn(till: Till, authorization: string, slot: string): Promise<OperationRow | undefined> {
  return drizzle(till.database)
    .select()
    .from(operations)
    .where(and(eq(operations.authorization, authorization), eq(operations.slot, slot)))
    .get();
}

/** Refunds that were meant and of which no answer came, the oldest first. */
export function openRefunds(till: Till, authorization: string): Promise<OperationRow[]> {
  return drizzle(till.database)
    .select()
    .from(operations)
    .where(
      and(eq(operations.authorization, authorization), eq(operations.verb, "refund"), eq(operations.state, "intent")),
    )
    .orderBy(operations.created)
    .all();
}

export function operationByKey(till: Till, key: string): Promise<OperationRow | undefined> {
  return drizzle(till.database).select().from(operations).where(eq(operations.key, key)).get();
}

/** The normal form. While a capture or void is meant but not confirmed, the state is `unknown`. */
export async function answerOf(till: Till, row: AuthorizationRow): Promise<PaymentAnswer> {
  const settling = await operationIn(till, row.id, "settle");
  return {
    id: row.id,
    state: settling?.state === "intent" ? "unknown" : (row.state as PaymentState),
    amount_minor: row.amountMinor,
    currency: row.currency === null ? null : (parseCurrency(row.currency) ?? null),
    terminal: row.terminal,
    store: row.store,
    handoff: row.handoff,
    emv: row.emv === null ? null : (JSON.parse(row.emv) as EmvBlock),
    decline: row.decline as DeclineReason | null,
    processor_reference: row.reference === null ? null : `…${row.reference.slice(-6)}`,
  };
}
