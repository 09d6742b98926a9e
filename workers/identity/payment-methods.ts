import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { CardStatement } from "../../protocol/pay/contract.ts";
import type { FormToken, PaymentMethod, Principal } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { accountOf } from "./accounts.ts";
import { linkCard, unlinkCard } from "./card-links.ts";
import { believedStatement } from "./card-statement.ts";
import { openField } from "./person-fields.ts";
import type { PersonKey } from "./person-key.ts";
import { cardReferences } from "./entities-schema.ts";
import { paymentMethods } from "./persons-schema.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

/** The sealed value. `reference` is the CDE's of the card: it leads to the link in Tier 2, and both indexes are made from it. */
export interface Kept extends Omit<PaymentMethod, "id" | "added"> {
  readonly token: string;
  readonly reference?: string;
  /** In rows from before: the link's index of that day, in place of the reference. */
  readonly card?: string;
}

type Row = typeof paymentMethods.$inferSelect;

export async function listMethods(
  room: Room,
  person: Principal,
): Promise<Result<readonly PaymentMethod[], "unavailable" | "erased">> {
  const account = await accountOf(room, person, "payment_method_show", "payment_method");
  if (!account.ok) return account;
  const { key } = account.value;
  const rows = await room.persons
    .select()
    .from(paymentMethods)
    .where(eq(paymentMethods.person, key.person))
    .orderBy(asc(paymentMethods.added), asc(paymentMethods.id));
  return ok(await Promise.all(rows.map(async (row) => shown(row, await opened(room, key, row)))));
}

/**
 * One account a card and cell. The link in Tier 2 decides and comes first; the record in Tier 3 follows. Whatever
 * stops in between, the same call again completes it; the same card again keeps its id and takes the newer token.
 */
export async function addMethod(
  room: Room,
  person: Principal,
  card: FormToken,
): Promise<Result<PaymentMethod, "unavailable" | "erased" | "invalid" | "taken">> {
  const believed = await believedStatement(room.statements, room.cell, card, room.now());
  if (!believed.ok) {
    const recorded = await room.trail.record("refusal", false, "payment_method", { code: believed.reason });
    return fail(recorded ? "invalid" : "unavailable");
  }
  const account = await accountOf(room, person, "payment_method_add", "payment_method card_reference");
  if (!account.ok) return account;
  const { key } = account.value;
  const statement = believed.value;
  if (!(await linkCard(room, key, statement.reference))) return fail("taken");
  const kept = await keep(room, key, statement, card.token);
  return kept === undefined ? fail("taken") : ok(shown(kept, await opened(room, key, kept)));
}

export async function removeMethod(
  room: Room,
  person: Principal,
  id: string,
): Promise<Result<undefined, "unavailable" | "erased" | "unknown">> {
  const account = await accountOf(room, person, "payment_method_remove", "payment_method card_reference");
  if (!account.ok) return account;
  const { key } = account.value;
  const own = and(eq(paymentMethods.id, id), eq(paymentMethods.person, key.person));
  const row = await room.persons.select().from(paymentMethods).where(own).get();
  if (row === undefined) return fail("unknown");
  // The link goes first: a method that is still listed can be removed again.
  await unlinkCard(room, key.person, await linksOf(room, key, await opened(room, key, row)));
  await room.persons.delete(paymentMethods).where(own);
  return ok();
}

/** @returns the row as it stands; undefined when it is another person's */
async function keep(room: Room, key: PersonKey, statement: CardStatement, token: string): Promise<Row | undefined> {
  const indexes = await room.index.all("payment_method", statement.reference);
  const where = inArray(paymentMethods.cardIndex, [...indexes]);
  const earlier = await room.persons.select().from(paymentMethods).where(where).get();
  const id = earlier?.id ?? crypto.randomUUID();
  const { scheme, last4, exp_month: expMonth, exp_year: expYear } = statement;
  const sealed = await seal(
    key,
    { cell: room.cell, person: key.person, field: `payment_method:${id}` },
    JSON.stringify({ scheme, last4, expMonth, expYear, token, reference: statement.reference } satisfies Kept),
    room.random,
  );
  const now = room.now();
  const row = {
    id,
    person: key.person,
    cardIndex: indexes[0] ?? "",
    indexKeyVersion: room.index.version,
    sealed,
    added: now,
    changed: now,
  };
  const [, , rows] = await room.persons.batch([
    room.persons
      .insert(paymentMethods)
      .select(
        sql`SELECT ${row.id}, ${row.person}, ${row.cardIndex}, ${row.indexKeyVersion}, ${row.sealed}, ${now}, ${now}
          WHERE EXISTS (SELECT 1 FROM persons WHERE id = ${row.person})
            AND NOT EXISTS (SELECT 1 FROM payment_methods WHERE ${inArray(sql`card_index`, [...indexes])})`,
      )
      .onConflictDoNothing(),
    // Sealed for this id: two first calls at once leave one row that opens.
    room.persons
      .update(paymentMethods)
      .set({ sealed, changed: now, cardIndex: row.cardIndex, indexKeyVersion: row.indexKeyVersion })
      .where(and(where, eq(paymentMethods.person, key.person), eq(paymentMethods.id, id))),
    room.persons.select().from(paymentMethods).where(where),
  ]);
  return rows[0]?.person === key.person ? rows[0] : undefined;
}

async function opened(room: Room, key: PersonKey, { id, sealed }: Row): Promise<Kept> {
  return JSON.parse(await openField(room, key, `payment_method:${id}`, sealed)) as Kept;
}

/** The indexes that a method's link in Tier 2 may have. */
async function linksOf(room: Room, key: PersonKey, { reference, card }: Kept): Promise<readonly string[]> {
  if (reference !== undefined) return room.index.all("card_reference", reference);
  // The link may have been written anew since: of the account's cards it is the one whose reference had that index.
  const cards = await room.entities.select().from(cardReferences).where(eq(cardReferences.customer, key.person));
  const found = await Promise.all(
    cards.map(async ({ id, sealed, blindIndex }) => {
      if (id === null || sealed === null) return blindIndex === card ? [blindIndex] : [];
      const own = await room.index.all("card_reference", await openField(room, key, `card_reference:${id}`, sealed));
      return card !== undefined && own.includes(card) ? own : [];
    }),
  );
  return found.flat();
}

function shown({ id, added }: Row, { scheme, last4, expMonth, expYear }: Kept): PaymentMethod {
  return { id, scheme, last4, expMonth, expYear, added };
}
