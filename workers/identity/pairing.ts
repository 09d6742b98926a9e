import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { CustomerId, SessionId, StoreId } from "../../protocol/ids.ts";
import type { IdentifyResult, PairingCode, PairingState, Trip } from "../../protocol/rooms/identity.ts";
import { fail, ok, type Result, unreachable } from "../../protocol/result.ts";
import { pairingCodes, sessionLinks } from "./entities-schema.ts";
import { link } from "./identify.ts";
import {
  CODE_LIFE_MS,
  CONFIRM_WINDOW_MS,
  judgeRedemption,
  newConfirmation,
  newPairingCode,
  OPEN_CODES,
  type PairingRow,
  pairingState,
  parsePairingCode,
  qrOf,
} from "./pairing-code.ts";
import { commitment, type PersonKey, tripCommitment } from "./person-key.ts";
import type { Room } from "./room.ts";
import { writeAttempt } from "./session-link.ts";

/** Cross-device pairing after RFC 10027 (BCP 247): short, once, one store, an attested cart, confirmed by the owner. */

type StoredCode = PairingRow & { readonly customer: CustomerId };

/** A code for one person and store. The count and the write are one statement: no burst gets past it. */
export async function createCode(
  room: Room,
  owner: PersonKey,
  store: StoreId,
): Promise<Result<PairingCode, "too_many">> {
  const code = newPairingCode(room.random);
  const confirmation = newConfirmation(room.random);
  const created = room.now();
  const expires = created + CODE_LIFE_MS;
  const index = await room.index.of("pairing_code", code);
  const written = await room.entities.run(sql`
    INSERT INTO pairing_codes (code_index, index_key_version, customer, store, confirmation, created, expires)
    SELECT ${index}, ${room.index.version}, ${owner.person}, ${store}, ${confirmation}, ${created}, ${expires}
    WHERE (SELECT count(*) FROM pairing_codes WHERE customer = ${owner.person} AND created > ${created - CODE_LIFE_MS})
      < ${OPEN_CODES} AND EXISTS (SELECT 1 FROM customers WHERE id = ${owner.person})`);
  if (written.meta.changes !== 1) return fail("too_many");
  return ok({ code, qr: qrOf(code), confirmation, expires });
}

/**
 * Redeems a code from a cart. One conditional update decides the winner before anything is looked up or answered;
 * whoever comes after is judged by what it wrote.
 */
export async function byPairing(room: Room, trip: Trip, text: string): Promise<IdentifyResult> {
  const code = parsePairingCode(text) ?? text;
  const indexes = await room.index.all("pairing_code", code);
  const now = room.now();
  const won = await room.entities
    .update(pairingCodes)
    .set({ redeemed: now, session: trip.session, cart: trip.cart })
    .where(
      and(
        isCode(indexes),
        eq(pairingCodes.store, trip.store),
        sql`${pairingCodes.expires} > ${now}`,
        isNull(pairingCodes.redeemed),
        isNull(pairingCodes.revoked),
        sql`NOT EXISTS (SELECT 1 FROM session_links WHERE session = ${trip.session} AND ended IS NOT NULL)`,
      ),
    )
    .returning({ confirmation: pairingCodes.confirmation, customer: pairingCodes.customer });
  const row = await storedCode(room, indexes);
  const credentials = await room.index.all("credential", trip.session, "pairing", code);
  const miss = { trip, purpose: "identify_pairing", credentials, customer: undefined } as const;
  const winner = won[0];
  const attempt = { indexes, credentials };
  if (winner !== undefined) return pending(room, trip, winner.customer as CustomerId, winner.confirmation, attempt);
  if (row === undefined) return link(room, miss);
  const verdict = judgeRedemption(row, trip, now);
  switch (verdict) {
    case "pending":
      return pending(room, trip, row.customer, row.confirmation, attempt);
    case "confirmed":
      return link(room, {
        ...miss,
        customer: row.customer,
        // Checked again in the write itself: a replay may revoke the binding in between.
        provided: sql`EXISTS (SELECT 1 FROM pairing_codes WHERE ${isCode(indexes)} AND confirmed IS NOT NULL AND revoked IS NULL)`,
      });
    case "replay":
      return (await revokeReplayed(room, trip, indexes, code, row)) ? link(room, miss) : fail("unavailable");
    case "refused":
      return link(room, miss);
    default:
      return unreachable(verdict);
  }
}

/** `unknown` for a code of anybody else, so that codes can't be tried. */
export async function stateOf(room: Room, owner: CustomerId, code: string): Promise<Result<PairingState, "unknown">> {
  const row = await ownedCode(room, owner, code);
  return row === undefined ? fail("unknown") : ok(pairingState(row, room.now()));
}

/** The owner saw the same two digits on the cart. Idempotent; from here on the cart's next call is `linked`. */
export async function confirm(
  room: Room,
  owner: CustomerId,
  code: string,
): Promise<Result<PairingState, "unknown" | "expired" | "not_redeemed">> {
  const indexes = await room.index.all("pairing_code", parsePairingCode(code) ?? code);
  const now = room.now();
  await room.entities
    .update(pairingCodes)
    .set({ confirmed: now })
    .where(
      and(
        isCode(indexes),
        eq(pairingCodes.customer, owner),
        sql`${pairingCodes.redeemed} >= ${now - CONFIRM_WINDOW_MS}`,
        isNull(pairingCodes.confirmed),
        isNull(pairingCodes.revoked),
      ),
    );
  const row = await storedCode(room, indexes);
  if (row === undefined || row.customer !== owner) return fail("unknown");
  const state = pairingState(row, now);
  switch (state.state) {
    case "confirmed":
      return ok(state);
    case "open":
      return fail("not_redeemed");
    case "redeemed":
    case "expired":
    case "revoked":
      return fail("expired");
    default:
      return unreachable(state.state);
  }
}

/**
 * Bound to the cart, and audited as such, but nothing of the person is read or released. Whoever was linked before is
 * off the session: its next shopper is known only once they confirm.
 */
async function pending(
  room: Room,
  trip: Trip,
  customer: CustomerId,
  confirmation: string,
  { indexes, credentials }: { readonly indexes: readonly string[]; readonly credentials: readonly string[] },
): Promise<IdentifyResult> {
  const key = await room.keys.read(customer);
  const detail = {
    fields: "",
    subject: key === undefined ? null : await tripCommitment(key, trip.session),
    cart: trip.cart,
    store: trip.store,
  };
  const looked = key === undefined ? undefined : await commitment(key);
  const appended = await room.trail.join("pairing_redeem", `session:${trip.session}`, detail, looked);
  if (!appended) return fail("unavailable");
  await writeAttempt(room, {
    session: trip.session,
    credentials,
    found: null,
    // A confirmation in between wins: its link must not be undone by an older answer.
    provided: sql`EXISTS (SELECT 1 FROM pairing_codes WHERE ${isCode(indexes)} AND confirmed IS NULL)`,
  });
  return ok({ status: "pending", confirmation });
}

/**
 * A code seen by a second cart was copied: what the first one got is taken back too. Taken back first, audited then:
 * an audit log that is down must not keep a copied code alive.
 */
async function revokeReplayed(
  room: Room,
  trip: Trip,
  indexes: readonly string[],
  code: string,
  row: StoredCode,
): Promise<boolean> {
  const first = row.session as SessionId;
  const credentials = await room.index.all("credential", first, "pairing", code);
  await room.entities.batch([
    room.entities
      .update(pairingCodes)
      .set({ revoked: room.now() })
      .where(and(isCode(indexes), isNull(pairingCodes.revoked))),
    room.entities
      .update(sessionLinks)
      .set({ customer: null, oneTrip: null, credential: null, linked: null })
      .where(
        and(
          eq(sessionLinks.session, first),
          inArray(sessionLinks.credential, [...credentials]),
          isNull(sessionLinks.ended),
        ),
      ),
  ]);
  return room.trail.record("refusal", false, `session:${first}`, {
    code: "pairing_replayed",
    alert: true,
    cart: trip.cart,
    store: trip.store,
    session: trip.session,
  });
}

async function ownedCode(room: Room, owner: CustomerId, code: string): Promise<StoredCode | undefined> {
  const row = await storedCode(room, await room.index.all("pairing_code", parsePairingCode(code) ?? code));
  return row?.customer === owner ? row : undefined;
}

async function storedCode(room: Room, indexes: readonly string[]): Promise<StoredCode | undefined> {
  const row = await room.entities.select().from(pairingCodes).where(isCode(indexes)).get();
  return row as StoredCode | undefined;
}

/** A code that was made before a rotation of the index key is found by the older one, for as long as codes are kept. */
const isCode = (indexes: readonly string[]) => inArray(pairingCodes.codeIndex, [...indexes]);
