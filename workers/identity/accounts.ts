import { eq, inArray, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import type { Principal, Profile } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Purpose } from "./audit-trail.ts";
import { customers } from "./entities-schema.ts";
import { reportPan } from "./identify.ts";
import { readFields, sealFields } from "./person-fields.ts";
import { commitment, type PersonKey } from "./person-key.ts";
import { buryAgain } from "./tombstone-replay.ts";
import { persons } from "./persons-schema.ts";
import { parseChange, parseField, PROFILE_FIELDS } from "./profile-rules.ts";
import { oweNotices } from "./recipient-notices.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

/** A person who is signed in, and the name that the audit log has for them. */
export interface Account {
  readonly key: PersonKey;
  readonly on: string;
}

/**
 * The account of a checked token, made at first sight. Whatever is then done with it is audited under `purpose` before
 * it is returned: a caller that holds an `Account` may go on.
 */
export async function accountOf(
  room: Room,
  person: Principal,
  purpose: Purpose,
  fields: string,
): Promise<Result<Account, "unavailable" | "erased">> {
  const indexes = await room.index.all("subject", person.issuer, person.subject);
  const mark = await room.tombstones.value("subject", person.issuer, person.subject);
  const holder = await livingHolder(room, person, indexes, mark);
  if (holder === undefined && (await isOfTheErased(room, person, mark))) return fail("erased");
  const id = holder?.id ?? (await createAccount(room, person, indexes, mark));
  const key = holder?.key ?? (id === undefined ? undefined : await room.keys.read(id));
  if (key === undefined) return fail("unavailable");
  const on = `subject:${await commitment(key)}`;
  return (await room.trail.join(purpose, on, { fields })) ? ok({ key, on }) : fail("unavailable");
}

/** A token that is older than an erasure of its subject: the account that it was for is gone, and stays gone. */
async function isOfTheErased(room: Room, person: Principal, mark: string): Promise<boolean> {
  const issued = (person.issuedAt ?? 0) * 1000;
  return (await room.tombstones.find("subject", mark)).some(({ erased }) => issued <= erased);
}

/**
 * The holder of a subject. A row that a restored database brought back is no holder: it goes again. A row from before
 * there were marks, or under an older version of the index key, is brought up to date.
 */
async function livingHolder(
  room: Room,
  person: Principal,
  indexes: readonly string[],
  mark: string,
): Promise<{ readonly id: CustomerId; readonly key: PersonKey | undefined } | undefined> {
  const row = await holderOf(room, indexes);
  if (row === undefined) return undefined;
  const key = await room.keys.read(row.id);
  const stone = key === undefined ? await stoneOf(room, row.id) : undefined;
  if (stone !== undefined) {
    await buryAgain(room, row.id, stone);
    return undefined;
  }
  if (key !== undefined && (row.mark === null || row.subject === null || row.version !== room.index.version))
    await room.persons
      .update(persons)
      .set({
        subjectMark: mark,
        subject: await sealSubject(room, key, person),
        subjectIndex: indexes[0] ?? "",
        indexKeyVersion: room.index.version,
      })
      .where(eq(persons.id, row.id));
  return { id: row.id, key };
}

async function stoneOf(room: Room, customer: CustomerId): Promise<string | undefined> {
  return (await room.tombstones.all("customer")).match(await room.tombstones.value("customer", customer));
}

export async function showProfile(room: Room, person: Principal): Promise<Result<Profile, "unavailable" | "erased">> {
  const account = await accountOf(room, person, "profile_show", PROFILE_FIELDS.join(" "));
  return account.ok ? ok(await readFields(room, account.value.key, PROFILE_FIELDS)) : account;
}

/** Taken whole or not at all. A field that looks like a card number is an incident before it is a mistake. */
export async function correctProfile(
  room: Room,
  person: Principal,
  change: Readonly<Record<string, unknown>>,
): Promise<Result<Profile, "unavailable" | "invalid" | "pan_detected" | "erased">> {
  for (const value of Object.values(change)) {
    const reported = typeof value === "string" ? await reportPan(room, "profile", value) : undefined;
    if (reported !== undefined) return reported;
  }
  const parsed = parseChange(change);
  if (parsed === undefined) return fail("invalid");
  const changed = Object.keys(parsed).join(" ");
  const account = await accountOf(room, person, "profile_correct", changed);
  if (!account.ok) return account;
  const { key } = account.value;
  if (changed !== "")
    await room.persons
      .update(persons)
      .set({ ...(await sealFields(room, key, parsed)), changed: room.now() })
      .where(eq(persons.id, key.person));
  const fields = Object.keys(parsed) as (keyof Profile)[];
  await oweNotices(room, { customer: key.person, request: null, kind: "correction", fields });
  return ok(await readFields(room, key, PROFILE_FIELDS));
}

interface Holder {
  readonly id: CustomerId;
  readonly mark: string | null;
  readonly subject: string | null;
  readonly version: number | null;
}

async function holderOf(room: Room, indexes: readonly string[]): Promise<Holder | undefined> {
  const row = await room.persons
    .select({
      id: persons.id,
      mark: persons.subjectMark,
      subject: persons.subject,
      version: persons.indexKeyVersion,
    })
    .from(persons)
    .where(inArray(persons.subjectIndex, [...indexes]))
    .get();
  return row === undefined ? undefined : { ...row, id: row.id as CustomerId };
}

/** What the blind index is made from, for the day when its key is rotated. */
function sealSubject(room: Room, key: PersonKey, { issuer, subject }: Principal): Promise<string> {
  const place = { cell: room.cell, person: key.person, field: "subject" } as const;
  return seal(key, place, JSON.stringify([issuer, subject]), room.random);
}

/**
 * Two databases and a bucket have no common transaction: the key comes first, so that no record is ever without one,
 * and the subject's row comes last and decides between two first sights at once.
 */
async function createAccount(
  room: Room,
  person: Principal,
  indexes: readonly string[],
  mark: string,
): Promise<CustomerId | undefined> {
  const id = crypto.randomUUID() as CustomerId;
  const made = await room.keys.make(id);
  const on = `subject:${await commitment(made.key)}`;
  const fields = {
    email: await firstSight(room, on, "email", person.email),
    name: await firstSight(room, on, "name", person.name),
  };
  if (!(await room.trail.join("account_create", on, { fields: "email name" }))) return undefined;
  const now = room.now();
  await made.keep();
  await room.entities.insert(customers).values({ id, kind: "account", created: now });
  const { email = null, name = null } = await sealFields(room, made.key, fields);
  const subject = await sealSubject(room, made.key, person);
  // One account a subject, whatever version of the key another isolate writes with at this moment.
  const written = await room.persons
    .insert(persons)
    .select(
      sql`SELECT ${id}, ${indexes[0] ?? ""}, ${room.index.version}, ${subject}, ${mark}, ${email}, ${name}, NULL, NULL,
          NULL, ${now}, ${now}
        WHERE NOT EXISTS (SELECT 1 FROM persons WHERE ${inArray(sql`subject_index`, [...indexes])})`,
    )
    .onConflictDoNothing();
  if (written.meta.changes === 1) return id;
  await room.entities.delete(customers).where(eq(customers.id, id));
  await room.keys.destroy(id);
  return (await holderOf(room, indexes))?.id;
}

/** The identity provider's claims are text from outside, too: what we would not take from the person is left out. */
async function firstSight(
  room: Room,
  on: string,
  field: "email" | "name",
  claim: string | null,
): Promise<string | null> {
  if (claim === null || (await reportPan(room, on, claim)) !== undefined) return null;
  return parseField(field, claim) ?? null;
}
