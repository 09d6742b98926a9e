import { inArray, sql } from "drizzle-orm";
import type { CustomerId } from "../../protocol/ids.ts";
import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import type { LoyaltyFormat, Member, Profile } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { customers, disclosures, loyaltyFormats, loyaltyNumbers } from "./entities-schema.ts";
import { fitsFormat, parseLoyaltyNumber } from "./loyalty-format.ts";
import { loyaltyRow } from "./loyalty-cards.ts";
import { reportPan } from "./identify.ts";
import { sealFields } from "./person-fields.ts";
import { commitment } from "./person-key.ts";
import { persons } from "./persons-schema.ts";
import { parseChange } from "./profile-rules.ts";
import type { Room } from "./room.ts";
import { completeMember, type Unfinished, unfinishedAmong } from "./unfinished-members.ts";

/** Members a batch: with an index of each of four versions still under D1's 100 parameters a statement. */
export const CHUNK = 24;

type Refusal = { readonly row: number; readonly reason: string };
type Accepted = {
  readonly row: number;
  readonly number: string;
  /** Whose format the number has: they gave us these fields, so they have them. */
  readonly retailer: string;
  readonly fields: Partial<Profile>;
};

/**
 * Adds a retailer's members, each under a key of their own. Every join is audited before the first is written: no
 * audit, no import. Bad rows are named and the others are taken; the same list again adds nobody twice, and completes
 * whom an import that broke off has left without a record.
 */
export async function importMembers(
  room: Room,
  members: readonly Member[],
): Promise<Result<{ readonly added: number; readonly refused: readonly Refusal[] }, "unavailable">> {
  const formats = await room.entities.select().from(loyaltyFormats);
  const refused: Refusal[] = [];
  const accepted: Accepted[] = [];
  const seen = new Set<string>();
  for (const [i, member] of members.entries()) {
    const parsed = parseMember(member, formats);
    if (typeof parsed === "string") {
      if (parsed === "pan_detected" && !(await reportMember(room, member))) return fail("unavailable");
      refused.push({ row: i + 1, reason: parsed });
    } else if (seen.has(parsed.number)) refused.push({ row: i + 1, reason: "duplicate" });
    else {
      seen.add(parsed.number);
      accepted.push({ row: i + 1, ...parsed });
    }
  }
  const free: Prepared[] = [];
  const begun: Begun[] = [];
  for (const chunk of chunksOf(accepted)) {
    const prepared = await Promise.all(chunk.map((each) => prepare(room, each)));
    const holders = await holdersOf(room, prepared);
    const unfinished = await unfinishedAmong(room, [...new Set(holders.values())]);
    for (const each of prepared) {
      const holder = each.loyalty.indexes.map((index) => holders.get(index)).find((id) => id !== undefined);
      const member = unfinished.get(holder ?? "");
      if (holder === undefined) free.push(each);
      else if (member !== undefined) begun.push({ ...each, ...member });
      else refused.push({ row: each.row, reason: "taken" });
    }
  }
  for (const chunk of chunksOf([...free, ...begun])) {
    const appended = await Promise.all(
      chunk.map(({ on }) => room.trail.join("member_import", on, { fields: "loyalty email name phone nickname" })),
    );
    if (appended.includes(false)) return fail("unavailable");
  }
  let added = 0;
  for (const chunk of chunksOf(free)) {
    const lost = await write(room, chunk);
    added += chunk.length - lost.length;
    refused.push(...lost);
  }
  for (const { row, key, on, disclosure, fields } of begun) {
    const sealed = await sealFields(room, key, fields);
    if (await completeMember(room, { key, on }, { retailer: disclosure.retailer, fields: disclosure.fields, sealed }))
      added += 1;
    else refused.push({ row, reason: "taken" });
  }
  return ok({ added, refused: refused.toSorted((a, b) => a.row - b.row) });
}

type Prepared = Awaited<ReturnType<typeof prepare>>;
/** Somebody whose number is theirs already, and nothing else. */
type Begun = Prepared & Unfinished;

/** A member's record, sealed and ready, of which nothing is kept yet. */
async function prepare(room: Room, { row, number, retailer, fields }: Accepted) {
  const made = await room.keys.make(crypto.randomUUID() as CustomerId);
  return {
    row,
    made,
    on: `subject:${await commitment(made.key)}`,
    loyalty: await loyaltyRow(room, made.key, number),
    fields,
    sealed: await sealFields(room, made.key, fields),
    disclosure: { customer: made.key.person, retailer, fields: fieldsGiven(fields), since: room.now() },
  };
}

/** Keys, then Tier 2, where the number's row decides between two imports at once, then Tier 3 of those who won. */
async function write(room: Room, chunk: readonly Prepared[]): Promise<readonly Refusal[]> {
  await Promise.all(chunk.map(({ made }) => made.keep()));
  const now = room.now();
  const statements = chunk.flatMap(({ made, loyalty, disclosure }) => [
    room.entities
      .insert(loyaltyNumbers)
      .select(
        sql`SELECT ${loyalty.id}, ${loyalty.customer}, ${loyalty.blindIndex}, ${loyalty.indexKeyVersion}, ${loyalty.sealed}, ${loyalty.added}
          WHERE NOT EXISTS (SELECT 1 FROM loyalty_numbers WHERE ${inArray(sql`blind_index`, [...loyalty.indexes])})`,
      )
      .onConflictDoNothing(),
    room.entities.insert(customers).select(sql`SELECT ${made.key.person}, 'member', ${now}
      WHERE EXISTS (SELECT 1 FROM loyalty_numbers WHERE id = ${loyalty.id})`),
    room.entities.insert(disclosures).select(sql`SELECT ${disclosure.customer}, ${disclosure.retailer},
      ${disclosure.fields}, ${disclosure.since} WHERE EXISTS (SELECT 1 FROM loyalty_numbers WHERE id = ${loyalty.id})`),
  ]);
  const [first, ...rest] = statements;
  if (first === undefined) return [];
  await room.entities.batch([first, ...rest]);
  const kept = new Set(
    (
      await room.entities
        .select({ id: loyaltyNumbers.id })
        .from(loyaltyNumbers)
        .where(
          inArray(
            loyaltyNumbers.id,
            chunk.map(({ loyalty }) => loyalty.id),
          ),
        )
    ).map(({ id }) => id),
  );
  const winners = chunk.filter(({ loyalty }) => kept.has(loyalty.id));
  const [one, ...others] = winners.map(({ made, sealed }) =>
    room.persons
      .insert(persons)
      .values({ id: made.key.person, ...sealed, created: now, changed: now })
      // The same list at the same time may have completed them already.
      .onConflictDoNothing(),
  );
  if (one !== undefined) await room.persons.batch([one, ...others]);
  const losers = chunk.filter(({ loyalty }) => !kept.has(loyalty.id));
  await Promise.all(losers.map(({ made }) => room.keys.destroy(made.key.person)));
  return losers.map(({ row }) => ({ row, reason: "taken" }));
}

/** Customers who hold a number of these, by its index. */
async function holdersOf(room: Room, prepared: readonly Prepared[]): Promise<ReadonlyMap<string, string>> {
  const rows = await room.entities
    .select({ blindIndex: loyaltyNumbers.blindIndex, customer: loyaltyNumbers.customer })
    .from(loyaltyNumbers)
    .where(
      inArray(
        loyaltyNumbers.blindIndex,
        prepared.flatMap(({ loyalty }) => loyalty.indexes),
      ),
    );
  return new Map(rows.map(({ blindIndex, customer }) => [blindIndex, customer]));
}

/** A member's row, or why it is refused. */
function parseMember(
  member: Member,
  formats: readonly LoyaltyFormat[],
): Omit<Accepted, "row"> | "malformed" | "pan_detected" | "invalid_loyalty" | "invalid_profile" {
  const { loyalty, email, name, phone, nickname } = member;
  if (typeof loyalty !== "string") return "malformed";
  const number = parseLoyaltyNumber(loyalty);
  const format = number === undefined ? undefined : formats.find((each) => fitsFormat(each, number));
  if (panText(member, format !== undefined) !== undefined) return "pan_detected";
  if (number === undefined || format === undefined) return "invalid_loyalty";
  const fields = parseChange({ email, name, phone, nickname });
  return fields === undefined ? "invalid_profile" : { number, retailer: format.retailer, fields };
}

/** Names of the fields that came with a member: what the recipient is on record for. */
function fieldsGiven(fields: Partial<Profile>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return ["loyalty", ...given.map(([field]) => field)].join(" ");
}

async function reportMember(room: Room, member: Member): Promise<boolean> {
  const text = panText(member, false);
  return text === undefined || (await reportPan(room, "member_import", text))?.reason === "pan_detected";
}

/** The first text of a row that looks like a card number; a number of a registered format does not count. */
function panText({ loyalty, ...rest }: Member, registered: boolean): string | undefined {
  return [...(registered ? [] : [loyalty]), ...Object.values(rest)].find(
    (text) => typeof text === "string" && looksLikePan(text) !== null,
  ) as string | undefined;
}

function* chunksOf<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += CHUNK) yield list.slice(at, at + CHUNK);
}
