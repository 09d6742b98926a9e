import { and, eq, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { cardReferences, customers, sessionLinks } from "./entities-schema.ts";
import type { Room } from "./room.ts";

/**
 * Makes a card's next tap be this account. A card that was only ever tapped has an anonymous holder, whose record
 * gives way and is forgotten; another account's card stays that account's. The caller has audited it before.
 * @param index the reference's blind index
 * @returns whether the account has the card now
 */
export async function linkCard(room: Room, account: CustomerId, index: string): Promise<boolean> {
  const card = eq(cardReferences.blindIndex, index);
  const before = await room.entities.select().from(cardReferences).where(card).get();
  const [, , , rows] = await room.entities.batch([
    room.entities
      .insert(cardReferences)
      .select(
        sql`SELECT ${index}, ${room.index.version}, ${account}, ${room.now()}
          WHERE EXISTS (SELECT 1 FROM customers WHERE id = ${account})`,
      )
      .onConflictDoUpdate({
        target: cardReferences.blindIndex,
        set: { customer: account, added: room.now() },
        setWhere: sql`card_references.customer IN (SELECT id FROM customers WHERE kind = 'card_holder')`,
      }),
    // The holder's trips were a stranger's and stay it: they don't become the account's, and lead to no record.
    room.entities
      .update(sessionLinks)
      .set({ customer: null, oneTrip: null, credential: null, linked: null })
      .where(
        sql`customer = ${before?.customer ?? ""} AND customer IN (SELECT id FROM customers WHERE kind = 'card_holder')
          AND customer NOT IN (SELECT customer FROM card_references)`,
      ),
    // Only a holder whom no card leads to any more.
    room.entities
      .delete(customers)
      .where(
        sql`id = ${before?.customer ?? ""} AND kind = 'card_holder' AND id NOT IN (SELECT customer FROM card_references)`,
      ),
    room.entities.select().from(cardReferences).where(card),
  ]);
  if (rows[0]?.customer !== account) return false;
  if (before !== undefined && before.customer !== account) await room.keys.destroy(before.customer as CustomerId);
  return true;
}

/** From here on a tap of the card is a stranger's. */
export async function unlinkCard(room: Room, account: CustomerId, index: string): Promise<void> {
  await room.entities
    .delete(cardReferences)
    .where(and(eq(cardReferences.blindIndex, index), eq(cardReferences.customer, account)));
}
