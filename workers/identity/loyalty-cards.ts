import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { LoyaltyCard, LoyaltyFormat, Principal } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { accountOf } from "./accounts.ts";
import { loyaltyFormats, loyaltyNumbers } from "./entities-schema.ts";
import { reportPan } from "./identify.ts";
import { fitsFormat, formatProblem, parseLoyaltyNumber } from "./loyalty-format.ts";
import { openField } from "./person-fields.ts";
import type { PersonKey } from "./person-key.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

export async function listCards(
  room: Room,
  person: Principal,
): Promise<Result<readonly LoyaltyCard[], "unavailable" | "erased">> {
  const account = await accountOf(room, person, "loyalty_show", "loyalty");
  if (!account.ok) return account;
  const { key } = account.value;
  const rows = await room.entities
    .select()
    .from(loyaltyNumbers)
    .where(eq(loyaltyNumbers.customer, key.person))
    .orderBy(asc(loyaltyNumbers.added), asc(loyaltyNumbers.id));
  return ok(
    await Promise.all(
      rows.map(async ({ id, sealed, added }) => ({
        id,
        number: await openField(room, key, `loyalty:${id}`, sealed),
        added,
      })),
    ),
  );
}

/**
 * Nobody has so many. Who adds a number sees the trips that it is typed on, and nothing proves that it is theirs:
 * without a limit one account could take up every number of a retailer that nobody has claimed.
 */
const MOST_CARDS = 20;

/**
 * One holder a cell: a number that another customer holds is `taken`; the person's own, added again, is the same card.
 * The count and the write are one statement: no burst gets past it.
 */
export async function addCard(
  room: Room,
  person: Principal,
  text: string,
): Promise<Result<LoyaltyCard, "unavailable" | "erased" | "invalid" | "pan_detected" | "taken" | "too_many">> {
  const number = parseLoyaltyNumber(text);
  const formats = await room.entities.select().from(loyaltyFormats);
  if (number === undefined || !formats.some((format) => fitsFormat(format, number)))
    return (await reportPan(room, "loyalty_number", text)) ?? fail("invalid");
  const account = await accountOf(room, person, "loyalty_add", "loyalty");
  if (!account.ok) return account;
  const { key } = account.value;
  const row = await loyaltyRow(room, key, number);
  const held = inArray(loyaltyNumbers.blindIndex, [...row.indexes]);
  const [, kept] = await room.entities.batch([
    room.entities
      .insert(loyaltyNumbers)
      .select(
        sql`SELECT ${row.id}, ${row.customer}, ${row.blindIndex}, ${row.indexKeyVersion}, ${row.sealed}, ${row.added}
          WHERE (SELECT count(*) FROM loyalty_numbers WHERE customer = ${row.customer}) < ${MOST_CARDS}
            AND EXISTS (SELECT 1 FROM customers WHERE id = ${row.customer})
            AND NOT EXISTS (SELECT 1 FROM loyalty_numbers WHERE ${held})`,
      )
      .onConflictDoNothing(),
    room.entities.select().from(loyaltyNumbers).where(held),
  ]);
  const holder = kept[0];
  if (holder === undefined) return fail("too_many");
  if (holder.customer !== key.person) return fail("taken");
  return ok({ id: holder.id, number, added: holder.added });
}

export async function removeCard(
  room: Room,
  person: Principal,
  id: string,
): Promise<Result<undefined, "unavailable" | "erased" | "unknown">> {
  const account = await accountOf(room, person, "loyalty_remove", "loyalty");
  if (!account.ok) return account;
  const removed = await room.entities
    .delete(loyaltyNumbers)
    .where(and(eq(loyaltyNumbers.id, id), eq(loyaltyNumbers.customer, account.value.key.person)));
  return removed.meta.changes === 1 ? ok() : fail("unknown");
}

/** A retailer's format; registered again with another check digit, the new one holds. */
export async function registerFormat(
  room: Room,
  format: LoyaltyFormat,
): Promise<Result<undefined, "unavailable" | "invalid" | "overlaps_card_range">> {
  const problem = formatProblem(format);
  if (problem !== undefined) return fail(problem);
  const { retailer, prefix, length, check } = format;
  if (!(await room.trail.record("settings_changed", true, `retailer:${retailer}`, { prefix, length, check })))
    return fail("unavailable");
  await room.entities
    .insert(loyaltyFormats)
    .values({ retailer, prefix, length, check })
    .onConflictDoUpdate({
      target: [loyaltyFormats.retailer, loyaltyFormats.prefix, loyaltyFormats.length],
      set: { check },
    });
  return ok();
}

/** A number as it is kept: its blind indexes, the first of them to write, and itself under its holder's key, bound to its row. */
export async function loyaltyRow(room: Room, holder: PersonKey, number: string) {
  const id = crypto.randomUUID();
  const indexes = await room.index.all("loyalty", number);
  return {
    id,
    customer: holder.person,
    indexes,
    blindIndex: indexes[0] ?? "",
    indexKeyVersion: room.index.version,
    sealed: await seal(holder, { cell: room.cell, person: holder.person, field: `loyalty:${id}` }, number, room.random),
    added: room.now(),
  };
}
