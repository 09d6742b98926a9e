import { and, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { cardReferences } from "./entities-schema.ts";
import type { PersonKey } from "./person-key.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

/** Rows of cards: found by the index of any version, written under the one that writes. */

export type CardRow = typeof cardReferences.$inferSelect;

/** @param indexes of one reference, `BlindIndex.all` */
export function heldCard(room: Room, indexes: readonly string[]): Promise<CardRow | undefined> {
  return room.entities
    .select()
    .from(cardReferences)
    .where(inArray(cardReferences.blindIndex, [...indexes]))
    .get();
}

/** A card of a holder: its reference is sealed under the holder's key, bound to the row. */
export async function cardRow(room: Room, holder: PersonKey, indexes: readonly string[], reference: string) {
  const id = crypto.randomUUID();
  return {
    blindIndex: indexes[0] ?? "",
    indexKeyVersion: room.index.version,
    customer: holder.person,
    added: room.now(),
    id,
    sealed: await sealReference(room, holder, id, reference),
  };
}

/** One row a card, whatever version of the key wrote it: the same statement that writes looks for the others. */
export function insertCard(
  room: Room,
  row: Awaited<ReturnType<typeof cardRow>>,
  indexes: readonly string[],
  provided: SQL,
) {
  return room.entities
    .insert(cardReferences)
    .select(
      sql`SELECT ${row.blindIndex}, ${row.indexKeyVersion}, ${row.customer}, ${row.added}, ${row.id}, ${row.sealed}
        WHERE ${provided} AND NOT EXISTS (SELECT 1 FROM card_references WHERE ${inArray(sql`blind_index`, [...indexes])})`,
    )
    .onConflictDoNothing();
}

/** A tap of a card whose row is from before its reference was kept, or under an older key: the row is brought up to date. */
export async function sealAnew(room: Room, held: CardRow, reference: string): Promise<void> {
  const holder = await room.keys.read(held.customer as CustomerId);
  if (holder === undefined) return;
  const id = held.id ?? crypto.randomUUID();
  const sealed = await sealReference(room, holder, id, reference);
  const blindIndex = await room.index.of("card_reference", reference);
  await room.entities
    .update(cardReferences)
    .set({ blindIndex, indexKeyVersion: room.index.version, id, sealed })
    .where(and(eq(cardReferences.blindIndex, held.blindIndex), eq(cardReferences.customer, held.customer)));
}

function sealReference(room: Room, holder: PersonKey, id: string, reference: string): Promise<string> {
  const place = { cell: room.cell, person: holder.person, field: `card_reference:${id}` } as const;
  return seal(holder, place, reference, room.random);
}
