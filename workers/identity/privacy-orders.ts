import { and, asc, eq, gte, inArray, isNull, or, sql } from "drizzle-orm";
import type { CalendarDate } from "../../protocol/calendar/date.ts";
import { dateIn } from "../../protocol/calendar/date.ts";
import { LAW_CALENDARS } from "../../protocol/calendar/deadlines.ts";
import type { Cell, CustomerId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Principal, Profile } from "../../protocol/rooms/identity.ts";
import {
  type Ordered,
  PRIVACY_KINDS,
  PRIVACY_LAWS,
  type PrivacyLaw,
  type PrivacyOrder,
} from "../../protocol/rooms/privacy.ts";
import type { IdentityForPrivacyOps } from "../../protocol/rooms/privacy-doors.ts";
import { accountOf } from "./accounts.ts";
import { customers, loyaltyNumbers, privacyRequests } from "./entities-schema.ts";
import { reportPan } from "./identify.ts";
import { parseLoyaltyNumber } from "./loyalty-format.ts";
import { commitment, type PersonKey } from "./person-key.ts";
import { keyedForms, ownRequest, requestRow, type RequestRow, UNDER_THE_TOMBSTONES_KEY } from "./privacy-rows.ts";
import { parseChange } from "./profile-rules.ts";
import type { Room } from "./room.ts";
import { seal } from "./sealed-field.ts";

/** The laws that a cell answers under, the usual one first. */
const LAWS_OF: Readonly<Record<Cell, readonly [PrivacyLaw, ...PrivacyLaw[]]>> = {
  eu: ["gdpr", "uk-gdpr"],
  us: ["ccpa"],
};

interface Checked {
  readonly kind: PrivacyOrder["kind"];
  readonly law: PrivacyLaw;
  readonly correction: Partial<Profile> | null;
  /** What was asked, in one form: the same order gives the same text. */
  readonly text: string;
}

type OrderRefused = "unavailable" | "invalid" | "pan_detected";

/** A signed-in person asks. One request a kind is open at a time; the same idempotency key is the same request. */
export async function createRequest(
  room: Room,
  person: Principal,
  order: PrivacyOrder,
): Promise<Result<Ordered, OrderRefused | "open" | "idempotency_mismatch" | "erased">> {
  const checked = await checkOrder(room, order);
  if (!checked.ok) return checked;
  const account = await accountOf(room, person, "privacy_request_create", "");
  if (!account.ok) return account;
  const { issuer, subject } = person;
  const { text } = checked.value;
  const keyIndexes = order.key === null ? [] : await keyedForms(room, "privacy_key", issuer, subject, order.key);
  const digests = await keyedForms(room, "privacy_order", text);
  const [keyIndex = null] = keyIndexes;
  const [digest = ""] = digests;
  const before = await underKey(room, keyIndexes, digests);
  if (before !== undefined) return before;
  const id = crypto.randomUUID();
  const received = room.now();
  const kept = await keep(room, account.value.key, checked.value, {
    id,
    requester: (await keyedForms(room, "privacy_requester", id, issuer, subject))[0] ?? null,
    checkedBy: "token",
    received,
    receivedOn: dateIn(LAW_CALENDARS[checked.value.law].timeZone, received),
    keyIndex,
    digest,
    staff: null,
  });
  if (kept.ok || kept.reason !== "open") return kept;
  // The same key at the same time: what is open may be another call's, which is this one.
  return (await underKey(room, keyIndexes, digests)) ?? kept;
}

/** The request that a key was used for; undefined when it was used for none. */
async function underKey(
  room: Room,
  keyIndexes: readonly string[],
  digests: readonly string[],
): Promise<Result<Ordered, "idempotency_mismatch"> | undefined> {
  if (keyIndexes.length === 0) return undefined;
  const where = inArray(privacyRequests.keyIndex, [...keyIndexes]);
  const row = await room.entities.select().from(privacyRequests).where(where).get();
  if (row === undefined) return undefined;
  return digests.includes(row.digest) ? ok({ request: row.id, kind: row.kind }) : fail("idempotency_mismatch");
}

/** A request that came by letter, entered by staff; who wrote it is still to be checked. */
export async function createLetter(
  room: Room,
  loyalty: string,
  order: Omit<PrivacyOrder, "key">,
  receivedOn: CalendarDate,
  staff: string,
): Promise<Result<Ordered, OrderRefused | "unknown" | "open">> {
  const checked = await checkOrder(room, { ...order, key: null });
  if (!checked.ok) return checked;
  const received = room.now();
  if (receivedOn > dateIn(LAW_CALENDARS[checked.value.law].timeZone, received)) return fail("invalid");
  const number = parseLoyaltyNumber(loyalty);
  const holder =
    number === undefined
      ? undefined
      : await room.entities
          .select({ customer: loyaltyNumbers.customer })
          .from(loyaltyNumbers)
          .where(inArray(loyaltyNumbers.blindIndex, [...(await room.index.all("loyalty", number))]))
          .get();
  const key = holder === undefined ? undefined : await room.keys.read(holder.customer as CustomerId);
  if (key === undefined) return fail("unknown");
  const on = `subject:${await commitment(key)}`;
  if (!(await room.trail.join("privacy_request_create", on, { fields: "", staff }))) return fail("unavailable");
  const kept = await keep(room, key, checked.value, {
    id: crypto.randomUUID(),
    requester: null,
    checkedBy: "staff",
    received,
    receivedOn,
    keyIndex: null,
    digest: (await keyedForms(room, "privacy_order", checked.value.text))[0] ?? "",
    staff,
  });
  if (kept.ok) return kept;
  return fail(kept.reason === "erased" ? "unknown" : kept.reason);
}

/** The person's requests while they are known, oldest first. */
export async function listRequests(room: Room, person: Principal): Promise<Result<readonly Ordered[], "unavailable">> {
  const account = await accountOf(room, person, "privacy_request_show", "");
  if (!account.ok) return account.reason === "unavailable" ? fail("unavailable") : ok([]);
  const rows = await room.entities
    .select()
    .from(privacyRequests)
    .where(eq(privacyRequests.customer, account.value.key.person))
    .orderBy(asc(privacyRequests.received), asc(privacyRequests.id));
  return ok(rows.map(({ id, kind }) => ({ request: id, kind })));
}

/** One of the person's own; after an erasure, too, when nothing else of them is known. */
export async function findRequest(
  room: Room,
  person: Principal,
  request: string,
): Promise<Result<Ordered, "unavailable" | "unknown">> {
  const row = await ownRequest(room, person, request);
  if (row === undefined) return fail("unknown");
  // No join, so no look is kept: after an erasure nothing new may be written of the person.
  const shown = await room.trail.record("privacy_request", true, `request:${request}`, { act: "show" });
  return shown ? ok({ request: row.id, kind: row.kind }) : fail("unavailable");
}

const LISTED_AFTER_MS = 30 * 86_400_000;
const MOST_LISTED = 200;

/** For staff: what is open, the oldest first, and then what ended in the last 30 days. No person in it. */
export async function requestList(
  room: Room,
  after: string | null,
): ReturnType<IdentityForPrivacyOps["privacyRequestList"]> {
  const place = after === null ? null : await placeOf(room, after);
  if (place === undefined) return fail("invalid");
  const { id, received, ended } = privacyRequests;
  const isOver = sql`${ended} IS NOT NULL`;
  const listed = or(isNull(ended), gte(ended, room.now() - LISTED_AFTER_MS));
  const beyond =
    place === null
      ? undefined
      : sql`(${isOver}, ${received}, ${id}) > (${place.isOver ? 1 : 0}, ${place.received}, ${place.id})`;
  const rows = await room.entities
    .select()
    .from(privacyRequests)
    .where(and(listed, beyond))
    .orderBy(isOver, asc(received), asc(id))
    .limit(MOST_LISTED + 1);
  const page = rows.slice(0, MOST_LISTED);
  const last = page.at(-1);
  return ok({
    requests: page.map((row) => ({
      request: row.id,
      kind: row.kind,
      receivedOn: row.receivedOn as CalendarDate,
      ended: row.ended,
    })),
    next:
      rows.length > MOST_LISTED && last !== undefined ? `${last.ended === null ? "open" : "ended"}.${last.id}` : null,
  });
}

/** Where a page ended: its last request and whether it was open then, as it may have ended since. */
async function placeOf(room: Room, cursor: string) {
  const [, state, request] = /^(open|ended)\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  const row = request === undefined ? undefined : await requestRow(room, request);
  return row === undefined ? undefined : { isOver: state === "ended", received: row.received, id: row.id };
}

async function checkOrder(room: Room, { kind, law, correction }: PrivacyOrder): Promise<Result<Checked, OrderRefused>> {
  if (!PRIVACY_KINDS.includes(kind)) return fail("invalid");
  const laws = LAWS_OF[room.cell];
  const chosen = law ?? laws[0];
  if (!PRIVACY_LAWS.includes(chosen) || !laws.includes(chosen)) return fail("invalid");
  if ((kind === "correction") !== (correction !== null)) return fail("invalid");
  for (const value of Object.values(correction ?? {})) {
    const reported = typeof value === "string" ? await reportPan(room, "privacy_request", value) : undefined;
    if (reported !== undefined) return reported;
  }
  const parsed = correction === null ? null : parseChange(correction);
  if (parsed === undefined || (parsed !== null && Object.keys(parsed).length === 0)) return fail("invalid");
  const fields = Object.entries(parsed ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return ok({ kind, law: chosen, correction: parsed, text: JSON.stringify([kind, chosen, fields]) });
}

/** The act first, the row after it: a request that is not in the log was never taken. */
async function keep(
  room: Room,
  key: PersonKey,
  { kind, law, correction }: Checked,
  {
    staff,
    ...row
  }: Pick<RequestRow, "id" | "requester" | "received" | "receivedOn" | "keyIndex" | "digest"> & {
    readonly checkedBy: "token" | "staff";
    readonly staff: string | null;
  },
): Promise<Result<Ordered, "unavailable" | "open" | "erased">> {
  const open = and(
    eq(privacyRequests.customer, key.person),
    eq(privacyRequests.kind, kind),
    isNull(privacyRequests.ended),
  );
  if ((await room.entities.select({ id: privacyRequests.id }).from(privacyRequests).where(open).get()) !== undefined)
    return fail("open");
  const subject = await commitment(key);
  const detail = { act: "received", request: row.id, asked: kind, law, ...(staff === null ? {} : { staff }) };
  // An erasure's id and the commitment are in no entry together: who asked can still be found by the id.
  const on = kind === "erasure" ? `request:${row.id}` : `subject:${subject}`;
  if (!(await room.trail.record("privacy_request", true, on, detail))) return fail("unavailable");
  const place = { cell: room.cell, person: key.person, field: `correction:${row.id}` } as const;
  const sealed = correction === null ? null : await seal(key, place, JSON.stringify(correction), room.random);
  const { id, requester, checkedBy, received, receivedOn, keyIndex, digest } = row;
  const { person } = key;
  // An erasure may have come since the key was read: the statement itself asks whether the customer is still there.
  const [written, holders] = await room.entities.batch([
    room.entities
      .insert(privacyRequests)
      .select(
        sql`SELECT ${id}, ${person}, ${requester}, ${UNDER_THE_TOMBSTONES_KEY}, ${kind}, ${law}, ${subject}, ${checkedBy},
            ${received}, ${receivedOn}, ${keyIndex}, ${digest}, ${sealed}, NULL, NULL, NULL
          WHERE EXISTS (SELECT 1 FROM customers WHERE id = ${person})`,
      )
      .onConflictDoNothing(),
    room.entities.select({ id: customers.id }).from(customers).where(eq(customers.id, person)),
  ]);
  if (written.meta.changes === 1) return ok({ request: id, kind });
  // Two at once: the index of open requests, or the key's, let one through.
  return fail(holders.length === 0 ? "erased" : "open");
}
