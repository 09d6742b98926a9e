import { and, asc, eq, sql } from "drizzle-orm";
import type { CardStatement } from "../../protocol/pay/contract.ts";
import type { FormToken, PaymentMethod, Principal } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { accountOf } from "./accounts.ts";
import { linkCard, unlinkCard } from "./card-links.ts";
import { believedStatement } from "./card-statement.ts";
import { openField } from "./person-fields.ts";
import type { PersonKey } from "./person-key.ts";
import { paymentMethods } from "./persons-schema.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

/** The sealed value. `card` is the blind index in Tier 2, kept here so that removing the method finds the link. */
interface Kept extends Omit<PaymentMethod, "id" | "added"> {
  readonly token: string;
  readonly card: string;
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
  const link = await room.index.of("card_reference", statement.reference);
  if (!(await linkCard(room, key.person, link))) return fail("taken");
  const kept = await keep(room, key, statement, { token: card.token, card: link });
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
  await unlinkCard(room, key.person, (await opened(room, key, row)).card);
  await room.persons.delete(paymentMethods).where(own);
  return ok();
}

/** @returns the row as it stands; undefined when it is another person's */
async function keep(
  room: Room,
  key: PersonKey,
  statement: CardStatement,
  secrets: Pick<Kept, "token" | "card">,
): Promise<Row | undefined> {
  const cardIndex = await room.index.of("payment_method", statement.reference);
  const where = eq(paymentMethods.cardIndex, cardIndex);
  const earlier = await room.persons.select().from(paymentMethods).where(where).get();
  const id = earlier?.id ?? crypto.randomUUID();
  const { scheme, last4, exp_month: expMonth, exp_year: expYear } = statement;
  const sealed = await seal(
    key,
    { cell: room.cell, person: key.person, field: `payment_method:${id}` },
    JSON.stringify({ scheme, last4, expMonth, expYear, ...secrets } satisfies Kept),
    room.random,
  );
  const now = room.now();
  const row = {
    id,
    person: key.person,
    cardIndex,
    indexKeyVersion: room.index.version,
    sealed,
    added: now,
    changed: now,
  };
  const [, rows] = await room.persons.batch([
    room.persons
      .insert(paymentMethods)
      .select(
        sql`SELECT ${row.id}, ${row.person}, ${row.cardIndex}, ${row.indexKeyVersion}, ${row.sealed}, ${now}, ${now}
          WHERE EXISTS (SELECT 1 FROM persons WHERE id = ${row.person})`,
      )
      // Sealed for this id: two first calls at once leave one row that opens.
      .onConflictDoUpdate({
        target: paymentMethods.cardIndex,
        set: { sealed, changed: now },
        setWhere: sql`person = ${key.person} AND id = ${id}`,
      }),
    room.persons.select().from(paymentMethods).where(where),
  ]);
  return rows[0]?.person === key.person ? rows[0] : undefined;
}

async function opened(room: Room, key: PersonKey, { id, sealed }: Row): Promise<Kept> {
  return JSON.parse(await openField(room, key, `payment_method:${id}`, sealed)) as Kept;
}

function shown({ id, added }: Row, { scheme, last4, expMonth, expYear }: Kept): PaymentMethod {
  return { id, scheme, last4, expMonth, expYear, added };
}
