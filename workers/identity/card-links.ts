import { and, eq, inArray, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { cardRow, heldCard, insertCard } from "./card-rows.ts";
import { cardReferences, customers, sessionLinks } from "./entities-schema.ts";
import type { PersonKey } from "./person-key.ts";
import type { Room } from "./room.ts";

/**
 * Makes a card's next tap be this account. A card that was only ever tapped has an anonymous holder, whose record
 * gives way and is forgotten; another account's card stays that account's. The caller has audited it before.
 * @returns whether the account has the card now
 */
export async function linkCard(room: Room, owner: PersonKey, reference: string): Promise<boolean> {
  const account = owner.person;
  const indexes = await room.index.all("card_reference", reference);
  const card = inArray(cardReferences.blindIndex, [...indexes]);
  const before = await heldCard(room, indexes);
  const row = await cardRow(room, owner, indexes, reference);
  const stillThere = sql`EXISTS (SELECT 1 FROM customers WHERE id = ${account})`;
  const [, , , forgotten, rows] = await room.entities.batch([
    room.entities
      .update(cardReferences)
      .set({ ...row, added: sql`CASE WHEN customer = ${account} THEN added ELSE ${row.added} END` })
      .where(
        and(
          card,
          stillThere,
          sql`customer IN (SELECT id FROM customers WHERE kind = 'card_holder' OR id = ${account})`,
        ),
      ),
    insertCard(room, row, indexes, stillThere),
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
      )
      .returning({ id: customers.id }),
    room.entities.select().from(cardReferences).where(card),
  ]);
  // Whom the batch deleted, and nobody else: what was read before it may have been another account that let the card go.
  for (const { id } of forgotten) await room.keys.destroy(id as CustomerId);
  return rows[0]?.customer === account;
}

/** From here on a tap of the card is a stranger's. @param indexes of its reference, of every version */
export async function unlinkCard(room: Room, account: CustomerId, indexes: readonly string[]): Promise<void> {
  await room.entities
    .delete(cardReferences)
    .where(and(inArray(cardReferences.blindIndex, [...indexes]), eq(cardReferences.customer, account)));
}
