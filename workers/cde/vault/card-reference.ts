import { and, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { CardReferenceAnswer, CardReferenceRequest } from "../../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import { cards, tokens } from "../schema.ts";
import { appendAccess, type Vault } from "./vault.ts";

/**
 * The keyed reference of the account behind an identify token. Unknown, expired, of another store, cell or use:
 * one refusal. The access is logged before the card's row is read.
 */
export async function cardReference(
  vault: Omit<Vault, "keks" | "processor">,
  request: CardReferenceRequest,
): Promise<Result<CardReferenceAnswer, "not_found">> {
  const records = drizzle(vault.database);
  const digest = await vault.digest("token", request.token);
  const token = await records
    .select()
    .from(tokens)
    .where(and(eq(tokens.digest, digest), eq(tokens.use, "identify")))
    .get();
  const good =
    token !== undefined &&
    token.cell === vault.cell &&
    request.cell === vault.cell &&
    token.store === request.store &&
    token.expires > vault.now;
  await (
    await appendAccess(vault, {
      actor: "forwarder",
      act: "card_reference",
      object: token?.card ?? null,
      outcome: good ? "granted" : "refused",
    })
  ).run();
  if (!good) return fail("not_found");
  const card = await records
    .select({ account: cards.account })
    .from(cards)
    .where(eq(cards.fingerprint, token.card))
    .get();
  if (card === undefined) return fail("not_found");
  return ok({ reference: await vault.digest("card-reference", card.account) });
}
