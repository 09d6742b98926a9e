import { and, asc, eq, isNotNull, isNull, not, type SQL, sql } from "drizzle-orm";
import type { CustomerId, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { ProfileField } from "../../protocol/rooms/identity.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import type { SealedNotice, StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import { disclosures, loyaltyFormats, loyaltyNumbers, privacyNotices, recipients } from "./entities-schema.ts";
import { CORRECTIONS_OWED, removalOf } from "./erasure-tables.ts";
import { fitsFormat } from "./loyalty-format.ts";
import { openField, readFields } from "./person-fields.ts";
import { commitment, type PersonKey } from "./person-key.ts";
import { openRequest, requestRow } from "./privacy-rows.ts";
import { sealTo } from "./recipients.ts";
import type { Room } from "./room.ts";
import { answering } from "./store-failure.ts";

type NoticeRow = typeof privacyNotices.$inferSelect;

interface Owed {
  readonly customer: CustomerId;
  /** Null for a correction made in the app. */
  readonly request: string | null;
  readonly kind: "correction" | "erasure";
  readonly fields: readonly ProfileField[];
}

/**
 * Of somebody who was erased, or whose erasure has begun: the recipient would have the person back from it. Never sent,
 * and deleted by the erasure; what an erasure of before left, by retention.
 */
export const UNTELLABLE = sql`(kind = 'correction' AND delivered IS NULL
  AND NOT EXISTS (SELECT 1 FROM customers WHERE customers.id = privacy_notices.customer))`;

/** Something older is still to be told to the same recipient of the same person: its values must not come last. */
const IS_BEHIND = sql`(EXISTS (SELECT 1 FROM privacy_notices AS older
  WHERE older.customer = privacy_notices.customer AND older.retailer = privacy_notices.retailer
    AND older.delivered IS NULL AND (older.created, older.id) < (privacy_notices.created, privacy_notices.id)))`;

/** Of all recipients together, in one call. */
const MOST_AT_ONCE = 50;

/**
 * One notice for each recipient that has a field of these (GDPR Art. 19); none where nobody has. Written after the
 * change that it tells of, and before that is answered: a change that was acknowledged is owed to every recipient. A
 * correction of somebody whose erasure has begun is owed to nobody: it would be told after the erasure.
 */
export async function oweNotices(room: Room, { customer, request, kind, fields }: Owed): Promise<void> {
  const had = await room.entities.select().from(disclosures).where(eq(disclosures.customer, customer));
  const rows = had.flatMap(({ retailer, fields: given }) => {
    const names = given.split(" ");
    const concerned = kind === "erasure" ? names : fields.filter((field) => names.includes(field));
    if (concerned.length === 0) return [];
    const id = crypto.randomUUID();
    return [{ id, retailer, names: concerned.join(" ") }];
  });
  const there = kind === "erasure" ? sql`1` : sql`EXISTS (SELECT 1 FROM customers WHERE id = ${customer})`;
  for (const { id, retailer, names } of rows)
    await room.entities
      .insert(privacyNotices)
      .select(
        sql`SELECT ${id}, ${request}, ${customer}, ${retailer}, ${kind}, ${names}, NULL, ${room.now()}, NULL, NULL
          WHERE ${there}`,
      )
      .onConflictDoNothing();
}

/**
 * What this request still has to tell, sealed. An erasure owes its notices from the first call on, and what was still to
 * be told of a correction goes: after the erasure's notice it would bring the person back to the recipient.
 * `unavailable` while all that it has to tell is behind something older.
 */
export async function noticesOf(room: Room, request: string): Promise<Result<readonly SealedNotice[], Unfinished>> {
  const row = await requestRow(room, request);
  if (row === undefined || row.kind === "access") return fail("unknown");
  if (row.kind === "erasure" && row.customer !== null) {
    for (const each of CORRECTIONS_OWED) await removalOf(room.entities, each, row.customer);
    const open = await openRequest(room, request, "erasure");
    if (open.ok) await oweNotices(room, { customer: open.value.key.person, request, kind: "erasure", fields: [] });
  }
  const which = eq(privacyNotices.request, request);
  const rows = await undelivered(room, and(which, not(IS_BEHIND)));
  if (rows.length === 0 && (await undelivered(room, which)).length > 0) return fail("unavailable");
  return sealAll(room, rows);
}

/** Of one recipient: who does not answer takes no more of a call than that, however much they are owed. */
const MOST_OF_ONE = 5;

/**
 * Corrections made in the app that some recipient has not acknowledged. One that can't be sealed yet holds up no other.
 * Which of them is chance, of a recipient's own and among recipients: whoever fails is not asked first every time.
 */
export async function owedNotices(room: Room): Promise<Result<readonly SealedNotice[], "unavailable">> {
  const own = sql`SELECT id, row_number() OVER (PARTITION BY retailer ORDER BY random()) AS place FROM privacy_notices
    WHERE request IS NULL AND delivered IS NULL AND NOT ${UNTELLABLE} AND NOT ${IS_BEHIND}
      AND retailer IN (SELECT retailer FROM recipients)`;
  const some = sql`(SELECT id FROM (${own}) WHERE place <= ${MOST_OF_ONE} ORDER BY place, random() LIMIT ${MOST_AT_ONCE})`;
  const sealed: SealedNotice[] = [];
  for (const row of await undelivered(room, sql`id IN ${some}`)) {
    const one = await answering(() => sealAll(room, [row]));
    if (one.ok) sealed.push(...one.value);
  }
  return ok(sealed);
}

export async function acknowledge(
  room: Room,
  notice: string,
  acknowledgement: string,
): Promise<Result<undefined, Unfinished>> {
  await room.entities
    .update(privacyNotices)
    .set({ delivered: room.now(), acknowledgement, jwe: null })
    .where(and(eq(privacyNotices.id, notice), isNull(privacyNotices.delivered), isNotNull(privacyNotices.jwe)));
  const row = await room.entities.select().from(privacyNotices).where(eq(privacyNotices.id, notice)).get();
  return row === undefined || row.delivered === null ? fail("unknown") : ok();
}

export async function toldOf(room: Room, request: string): Promise<Result<StoreAnswer, Unfinished>> {
  if ((await requestRow(room, request)) === undefined) return fail("unknown");
  const row = await room.entities
    .select({ all: sql<number>`count(*)`, told: sql<number>`count(delivered)` })
    .from(privacyNotices)
    .where(eq(privacyNotices.request, request))
    .get();
  const { all = 0, told = 0 } = row ?? {};
  return ok({ store: "recipients", outcome: all === 0 ? "none" : "told", count: told, left: all - told });
}

function undelivered(room: Room, which: SQL | undefined): Promise<NoticeRow[]> {
  return room.entities
    .select()
    .from(privacyNotices)
    .where(and(which, isNull(privacyNotices.delivered), not(UNTELLABLE)))
    .orderBy(asc(privacyNotices.created), asc(privacyNotices.id))
    .limit(MOST_AT_ONCE);
}

/** `unavailable` when a recipient has no key yet: an erasure then waits, as afterwards nobody could say whom it was about. */
async function sealAll(
  room: Room,
  rows: readonly NoticeRow[],
): Promise<Result<readonly SealedNotice[], "unavailable">> {
  const sealed: SealedNotice[] = [];
  for (const row of rows) {
    const to = await room.entities.select().from(recipients).where(eq(recipients.retailer, row.retailer)).get();
    if (to === undefined) return fail("unavailable");
    const jwe = row.jwe ?? (await sealOne(room, row, to));
    if (jwe === undefined) return fail("unavailable");
    sealed.push({ id: row.id, store: to.store as StoreId, jwe });
  }
  return ok(sealed);
}

/** Opens what the recipient has of the person, audited before, and keeps it sealed to them: a repeat is the same text. */
async function sealOne(room: Room, row: NoticeRow, to: typeof recipients.$inferSelect): Promise<string | undefined> {
  const key = row.customer === null ? undefined : await room.keys.read(row.customer as CustomerId);
  if (key === undefined) return undefined;
  const on = `subject:${await commitment(key)}`;
  const detail = { fields: `loyalty ${row.fields}`, recipient: row.retailer };
  if (!(await room.trail.join("privacy_notice", on, detail))) return undefined;
  const message = {
    notice: row.id,
    kind: row.kind,
    recipient: row.retailer,
    loyalty: await numbersOf(room, key, row.retailer),
    ...(row.kind === "correction" ? { fields: await readFields(room, key, fieldsOf(row)) } : {}),
    at: row.created,
  };
  const jwe = await sealTo({ store: to.store as StoreId, jwk: to.jwk }, message);
  await room.entities
    .update(privacyNotices)
    .set({ jwe })
    .where(and(eq(privacyNotices.id, row.id), isNull(privacyNotices.jwe)));
  const kept = await room.entities.select().from(privacyNotices).where(eq(privacyNotices.id, row.id)).get();
  return kept?.jwe ?? undefined;
}

const fieldsOf = ({ fields }: NoticeRow) => fields.split(" ") as ProfileField[];

/** By what the retailer knows the person: the numbers of its own formats. */
async function numbersOf(room: Room, key: PersonKey, retailer: string): Promise<readonly string[]> {
  const [formats, rows] = await room.entities.batch([
    room.entities.select().from(loyaltyFormats).where(eq(loyaltyFormats.retailer, retailer)),
    room.entities.select().from(loyaltyNumbers).where(eq(loyaltyNumbers.customer, key.person)),
  ]);
  const numbers = await Promise.all(rows.map(({ id, sealed }) => openField(room, key, `loyalty:${id}`, sealed)));
  return numbers.filter((number) => formats.some((format) => fitsFormat(format, number)));
}
