import { inArray, type SQL, sql } from "drizzle-orm";
import { hex } from "../../protocol/bytes.ts";
import type { CustomerId, OneTripCustomer, SessionId } from "../../protocol/ids.ts";
import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import type { IdentifyResult, Trip } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Purpose } from "./audit-trail.ts";
import { cardRow, heldCard, insertCard, sealAnew } from "./card-rows.ts";
import { cardReferences, customers, loyaltyFormats, loyaltyNumbers } from "./entities-schema.ts";
import { fitsFormat, parseLoyaltyNumber } from "./loyalty-format.ts";
import { commitment, tripCommitment } from "./person-key.ts";
import { readFields } from "./person-fields.ts";
import type { Room } from "./room.ts";
import { dropLink, endLink, isLinked, sessionEnded, writeAttempt } from "./session-link.ts";

/** What a credential led to. */
export interface Claim {
  readonly trip: Trip;
  readonly purpose: Purpose;
  /** Keyed with the session, under each version of the index key, the one that writes first. */
  readonly credentials: readonly string[];
  /** Undefined when nobody holds it. */
  readonly customer: CustomerId | undefined;
  readonly provided?: SQL;
}

/**
 * Loyalty number → one-trip number. A number that nobody holds goes the same way to the end: the same statements, the
 * same key read (a stand-in's), an audit entry, a written attempt.
 */
export async function byLoyalty(room: Room, trip: Trip, loyalty: string): Promise<IdentifyResult> {
  const number = parseLoyaltyNumber(loyalty);
  const formats = await room.entities.select().from(loyaltyFormats);
  const registered = number !== undefined && formats.some((format) => fitsFormat(format, number));
  if (!registered) {
    const reported = await reportPan(room, `session:${trip.session}`, loyalty);
    if (reported !== undefined) return reported;
  }
  const holder = await room.entities
    .select({ customer: loyaltyNumbers.customer })
    .from(loyaltyNumbers)
    .where(inArray(loyaltyNumbers.blindIndex, [...(await room.index.all("loyalty", number ?? loyalty))]))
    .get();
  return link(room, {
    trip,
    purpose: "identify_loyalty",
    credentials: await room.index.all("credential", trip.session, "loyalty", number ?? loyalty),
    customer: registered ? (holder?.customer as CustomerId | undefined) : undefined,
  });
}

/** Card reference (from the CDE) → the account that it is linked to, or an anonymous card holder of its own. */
export async function byCard(room: Room, trip: Trip, reference: string): Promise<IdentifyResult> {
  const indexes = await room.index.all("card_reference", reference);
  const held = await heldCard(room, indexes);
  const customer = (held?.customer as CustomerId | undefined) ?? (await newCardHolder(room, indexes, reference));
  if (customer === undefined) return fail("unavailable");
  if (held !== undefined && (held.sealed === null || held.indexKeyVersion !== room.index.version))
    await sealAnew(room, held, reference);
  return link(room, {
    trip,
    purpose: "identify_card",
    credentials: await room.index.all("credential", trip.session, "card", reference),
    customer,
  });
}

/** Audits the join of a session with a customer, then makes it. Every way to identify ends here. */
export async function link(room: Room, claim: Claim): Promise<IdentifyResult> {
  const { trip, customer } = claim;
  const ended = await sessionEnded(room, trip.session);
  const key = customer === undefined ? await room.keys.nobody() : await room.keys.read(customer);
  const looked = key === undefined ? undefined : await commitment(key);
  const subject = key === undefined ? null : await tripCommitment(key, trip.session);
  const found = customer !== undefined && key !== undefined && !ended ? key : undefined;
  const on = `session:${trip.session}`;
  const facts = { cart: trip.cart, store: trip.store };
  const appended =
    found === undefined
      ? await room.trail.record("refusal", false, on, { purpose: claim.purpose, code: "not_linked", ...facts })
      : await room.trail.join(claim.purpose, on, { fields: "nickname", subject, ...facts }, looked);
  if (!appended) return fail("unavailable");
  const { nickname } = await readFields(room, found, ["nickname"]);
  const customerNow = await writeAttempt(room, {
    session: trip.session,
    credentials: claim.credentials,
    found: found === undefined ? null : { customer: found.person, oneTrip: hex(room.random(16)) as OneTripCustomer },
    ...(claim.provided === undefined ? {} : { provided: claim.provided }),
  });
  if (customerNow === undefined) return ok({ status: "not_linked" });
  return ok({ status: "linked", customer: customerNow, nickname });
}

export async function unlink(room: Room, session: SessionId): Promise<Result<undefined, "unavailable">> {
  if (!(await endAudited(room, session, "unlink"))) return fail("unavailable");
  await dropLink(room, session);
  return ok();
}

export async function end(room: Room, session: SessionId): Promise<Result<undefined, "unavailable">> {
  if (!(await endAudited(room, session, "session_end"))) return fail("unavailable");
  await endLink(room, session);
  return ok();
}

/** An incident when the text looks like a card number: first six and last four digits, and nothing stored anywhere. */
export async function reportPan(
  room: Room,
  on: string,
  text: string,
): Promise<ReturnType<typeof fail<"pan_detected" | "unavailable">> | undefined> {
  const hit = looksLikePan(text);
  if (hit === null) return undefined;
  const appended = await room.trail.record("pan_detected", false, on, { first6: hit.first6, last4: hit.last4 });
  return fail(appended ? "pan_detected" : "unavailable");
}

async function endAudited(room: Room, session: SessionId, why: string): Promise<boolean> {
  if (!(await isLinked(room, session))) return true;
  return room.trail.record("tier_join_ended", true, `session:${session}`, { why });
}

/**
 * One record a reference, however many ask at once: the reference's row decides, and whoever lost it forgets the
 * customer that they had made up.
 */
async function newCardHolder(
  room: Room,
  indexes: readonly string[],
  reference: string,
): Promise<CustomerId | undefined> {
  const candidate = crypto.randomUUID() as CustomerId;
  const made = await room.keys.make(candidate);
  const on = `subject:${await commitment(made.key)}`;
  if (!(await room.trail.join("card_holder_create", on, { fields: "card_reference" }))) return undefined;
  await made.keep();
  const now = room.now();
  const row = await cardRow(room, made.key, indexes, reference);
  const [, , rows] = await room.entities.batch([
    insertCard(room, row, indexes, sql`1`),
    room.entities.insert(customers).select(sql`SELECT ${candidate}, 'card_holder', ${now}
      WHERE EXISTS (SELECT 1 FROM card_references WHERE id = ${row.id})`),
    room.entities
      .select()
      .from(cardReferences)
      .where(inArray(cardReferences.blindIndex, [...indexes])),
  ]);
  const winner = rows[0]?.customer as CustomerId | undefined;
  if (winner !== candidate) await room.keys.destroy(candidate);
  return winner;
}
