import { and, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { CardOnFileCharge } from "../processor/processor.ts";
import { cards, tokens } from "../schema.ts";
import { openDataKeys } from "./data-key.ts";
import { panPlace } from "./sealed-tables.ts";
import { openSealed } from "./security-event.ts";
import { appendAccess, type Vault } from "./vault.ts";

/**
 * The card behind a payment token, opened for one charge; the access is logged before. undefined: expired or purged
 * since the charge was meant.
 * @throws SealBroken
 */
export async function cardOnFile(
  vault: Vault,
  token: string,
): Promise<Pick<CardOnFileCharge, "pan" | "expiryMonth" | "expiryYear"> | undefined> {
  const dataKeys = await openDataKeys(vault);
  const row = await drizzle(vault.database)
    .select()
    .from(tokens)
    .innerJoin(cards, eq(cards.fingerprint, tokens.card))
    .where(and(eq(tokens.digest, token), eq(tokens.use, "payment"), gt(tokens.expires, vault.now)))
    .get();
  if (row === undefined || row.cards.pan === null || row.cards.keyVersion === null) return undefined;
  const { fingerprint, keyVersion, pan } = row.cards;
  const access = { actor: "forwarder", act: "charge", object: fingerprint, outcome: "granted" } as const;
  await (await appendAccess(vault, access)).run();
  const opened = await openSealed({ ...vault, dataKeys }, panPlace(vault.cell, fingerprint, keyVersion), pan);
  const digits = new TextDecoder().decode(opened);
  opened.fill(0);
  return { pan: digits, expiryMonth: row.tokens.expMonth, expiryYear: row.tokens.expYear };
}
