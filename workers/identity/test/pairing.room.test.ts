import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoreId } from "../../../protocol/ids.ts";
import type { PairingCode, PairingState, Trip } from "../../../protocol/rooms/identity.ts";
import { type IdentityUnderTest, newTrip, numberOf, person, startIdentity, STORE, valueOf } from "./room.ts";

const NOT_LINKED = { ok: true, value: { status: "not_linked" } };

let identity: IdentityUnderTest;
let people = 0;

beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.room.stop());

/** A person of their own for each test, so that no rate limit is shared. */
const somebody = () => person(`pairing-${(people += 1)}`);
const newCode = async (owner = somebody(), store: StoreId = STORE) => ({
  owner,
  ...valueOf<PairingCode>(await identity.edge("createPairingCode", owner, store)),
});
const redeem = (trip: Trip, code: string) => identity.sessions("byPairing", trip, code);
const state = async (owner: ReturnType<typeof somebody>, code: string) =>
  valueOf<PairingState>(await identity.edge("pairingCode", owner, code)).state;
/** Moves a code's times into the past, instead of waiting. */
const age = (column: "expires" | "redeemed", milliseconds: number) =>
  identity.run(
    "ENTITIES",
    `UPDATE pairing_codes SET ${column} = ${column} - ? WHERE created = (SELECT max(created) FROM pairing_codes)`,
    milliseconds,
  );

describe("a pairing", () => {
  test("is pending with the app's two digits until its owner confirms, then linked", async () => {
    const { owner, code, qr, confirmation, expires } = await newCode();
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(qr).toBe(`cartwright:pair:1:${code}`);
    expect(expires).toBeLessThanOrEqual(Date.now() + 60_000);
    valueOf(await identity.edge("correct", owner, { nickname: "Pat" }));
    const trip = newTrip();
    expect(await state(owner, code)).toBe("open");
    const pending = { ok: true, value: { status: "pending", confirmation } };
    expect(await redeem(trip, qr)).toEqual(pending);
    expect(await redeem(trip, code.toLowerCase())).toEqual(pending);
    expect(await identity.edge("currentSession", owner)).toEqual({ ok: true, value: null });
    const confirmed = { ok: true, value: { state: "confirmed", store: STORE } };
    expect(await identity.edge("confirmPairing", owner, code)).toEqual(confirmed);
    expect(await identity.edge("confirmPairing", owner, code)).toEqual(confirmed);
    const linked = await redeem(trip, code);
    expect(linked).toMatchObject({ ok: true, value: { status: "linked", nickname: "Pat" } });
    expect(await redeem(trip, code)).toEqual(linked);
    const customer = numberOf(linked);
    expect(await identity.edge("currentSession", owner)).toEqual({
      ok: true,
      value: { session: trip.session, customer },
    });
  });

  test("leaves neither code nor one-trip number behind in the database when the trip is over", async () => {
    const { owner, code } = await newCode();
    const trip = newTrip();
    await redeem(trip, code);
    await identity.edge("confirmPairing", owner, code);
    const number = numberOf(await redeem(trip, code));
    await identity.sessions("end", trip.session);
    const rows = await identity.rows("ENTITIES");
    expect(rows).not.toContain(code);
    expect(rows).not.toContain(number);
    expect(await redeem(trip, code)).toEqual(NOT_LINKED);
  });

  test("takes whoever was linked before off the session, already while it waits for its owner", async () => {
    const { owner: before, code: first } = await newCode();
    const trip = newTrip();
    await redeem(trip, first);
    await identity.edge("confirmPairing", before, first);
    numberOf(await redeem(trip, first));
    const { code: second } = await newCode();
    expect(await redeem(trip, second)).toMatchObject({ value: { status: "pending" } });
    expect(await identity.edge("currentSession", before)).toEqual({ ok: true, value: null });
  });

  test("can't bring back a shopper who was unlinked", async () => {
    const { owner, code } = await newCode();
    const trip = newTrip();
    await redeem(trip, code);
    await identity.edge("confirmPairing", owner, code);
    numberOf(await redeem(trip, code));
    await identity.sessions("unlink", trip);
    expect(await redeem(trip, code)).toEqual(NOT_LINKED);
  });
});

describe("redemptions that race", () => {
  test("fifty carts at once: exactly one is told the digits", async () => {
    const { code } = await newCode();
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(newTrip(), code)));
    const statuses = answers.map((answer) => valueOf(answer).status);
    expect(statuses.filter((status) => status === "pending")).toHaveLength(1);
    expect(statuses.filter((status) => status === "not_linked")).toHaveLength(49);
  });

  test("fifty calls of one cart's session at once: all are told the same, and it stays one binding", async () => {
    const { owner, code, confirmation } = await newCode();
    const trip = newTrip();
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(trip, code)));
    for (const answer of answers) expect(answer).toEqual({ ok: true, value: { status: "pending", confirmation } });
    expect(await state(owner, code)).toBe("redeemed");
  });
});

describe("a code that a second cart shows", () => {
  test("is revoked for the first cart, too, and alerts", async () => {
    const { owner, code } = await newCode();
    const [first, second] = [newTrip(), newTrip()];
    await redeem(first, code);
    expect(await redeem(second, code)).toEqual(NOT_LINKED);
    expect(await state(owner, code)).toBe("revoked");
    expect(await redeem(first, code)).toEqual(NOT_LINKED);
    expect(await identity.edge("confirmPairing", owner, code)).toEqual({ ok: false, reason: "expired" });
    expect(await identity.acts()).toContainEqual(
      expect.objectContaining({
        kind: "refusal",
        success: false,
        on: `session:${first.session}`,
        detail: expect.objectContaining({ code: "pairing_replayed", alert: true, cart: second.cart }) as unknown,
      }),
    );
  });

  test("takes the shopper off the first cart when the pairing was already confirmed", async () => {
    const { owner, code } = await newCode();
    const first = newTrip();
    await redeem(first, code);
    await identity.edge("confirmPairing", owner, code);
    const number = numberOf(await redeem(first, code));
    expect(await redeem({ ...newTrip(), session: first.session }, code)).toEqual(NOT_LINKED);
    expect(await identity.edge("currentSession", owner)).toEqual({ ok: true, value: null });
    expect(await identity.rows("ENTITIES")).not.toContain(number);
    expect(await redeem(first, code)).toEqual(NOT_LINKED);
  });

  test("is revoked although the audit log is down, and the answer says that it is", async () => {
    const { owner, code } = await newCode();
    await redeem(newTrip(), code);
    await identity.audit("refusing");
    expect(await redeem(newTrip(), code)).toEqual({ ok: false, reason: "unavailable" });
    await identity.audit("up");
    expect(await state(owner, code)).toBe("revoked");
  });
});

describe("a code that does not fit", () => {
  test("of another store, expired, unknown or malformed: the same answer, and none is used up by another store", async () => {
    const { code } = await newCode();
    expect(await redeem(newTrip("eu-other" as StoreId), code)).toEqual(NOT_LINKED);
    expect(await redeem(newTrip(), "0".repeat(26))).toEqual(NOT_LINKED);
    expect(await redeem(newTrip(), "not a code")).toEqual(NOT_LINKED);
    expect(await redeem(newTrip(), code)).toMatchObject({ value: { status: "pending" } });
    const late = await newCode();
    await age("expires", 60_001);
    expect(await redeem(newTrip(), late.code)).toEqual(NOT_LINKED);
    expect(await state(late.owner, late.code)).toBe("expired");
    expect(await identity.edge("confirmPairing", late.owner, late.code)).toEqual({ ok: false, reason: "expired" });
  });

  test("of an ended session is not used up", async () => {
    const { owner, code } = await newCode();
    const trip = newTrip();
    await identity.sessions("end", trip.session);
    expect(await redeem(trip, code)).toEqual(NOT_LINKED);
    expect(await state(owner, code)).toBe("open");
  });

  test("can't be confirmed before a cart showed it, nor by anybody else, nor too late", async () => {
    const { owner, code } = await newCode();
    expect(await identity.edge("confirmPairing", owner, code)).toEqual({ ok: false, reason: "not_redeemed" });
    const trip = newTrip();
    await redeem(trip, code);
    const stranger = somebody();
    expect(await identity.edge("confirmPairing", stranger, code)).toEqual({ ok: false, reason: "unknown" });
    expect(await identity.edge("pairingCode", stranger, code)).toEqual({ ok: false, reason: "unknown" });
    await age("redeemed", 120_001);
    expect(await identity.edge("confirmPairing", owner, code)).toEqual({ ok: false, reason: "expired" });
    expect(await redeem(trip, code)).toEqual(NOT_LINKED);
  });
});

test("a person gets five codes a minute, however many are asked for at once", async () => {
  const owner = somebody();
  valueOf(await identity.edge("profile", owner));
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => identity.edge<{ ok: boolean }>("createPairingCode", owner, STORE)),
  );
  expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  expect(answers.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 7 }, () => ({ ok: false, reason: "too_many" })));
});
