import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IdentifyResult, LoyaltyCard } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import {
  type IdentityUnderTest,
  LOYALTY,
  loyaltyNumber,
  newTrip,
  numberOf,
  person,
  startIdentity,
  valueOf,
} from "./room.ts";

const NOT_LINKED = { ok: true, value: { status: "not_linked" } };
/** A published test number of a card scheme, nobody's card. */
const TEST_CARD = "4111111111111111";

let identity: IdentityUnderTest;
const number = loyaltyNumber(1);

beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
  valueOf<LoyaltyCard>(await identity.edge("addLoyaltyCard", person("ada"), number));
  valueOf(await identity.edge("correct", person("ada"), { nickname: "Ada" }));
});
afterAll(() => identity.room.stop());

describe("a loyalty number that somebody holds", () => {
  test("gives the session a one-trip number and the nickname that its holder chose", async () => {
    const answer = await identity.sessions("byLoyalty", newTrip(), number);
    expect(answer).toMatchObject({ ok: true, value: { status: "linked", nickname: "Ada" } });
    expect(numberOf(answer)).toMatch(/^[0-9a-f]{32}$/);
  });

  test("gives the same number to a retry and another to another session", async () => {
    const trip = newTrip();
    const first = numberOf(await identity.sessions("byLoyalty", trip, number));
    expect(numberOf(await identity.sessions("byLoyalty", trip, number))).toBe(first);
    expect(numberOf(await identity.sessions("byLoyalty", newTrip(), number))).not.toBe(first);
  });

  test("gives one number to twenty calls of one session at once", async () => {
    const trip = newTrip();
    const answers = await Promise.all(Array.from({ length: 20 }, () => identity.sessions("byLoyalty", trip, number)));
    expect(new Set(answers.map(numberOf)).size).toBe(1);
  });

  test("leaves the session with a new number when another credential replaces it and comes back", async () => {
    const trip = newTrip();
    const first = numberOf(await identity.sessions("byLoyalty", trip, number));
    const card = await identity.room.call<IdentifyResult>(
      "ForPayments",
      "payments",
      "byCard",
      trip,
      "replacing-card-reference-0001",
    );
    const third = numberOf(await identity.sessions("byLoyalty", trip, number));
    expect(new Set([first, numberOf(card), third]).size).toBe(3);
  });

  test("is shown to the app as the session that it is linked to, until the trip ends", async () => {
    valueOf(await identity.edge("addLoyaltyCard", person("bea"), loyaltyNumber(2)));
    const trip = newTrip();
    const customer = numberOf(await identity.sessions("byLoyalty", trip, loyaltyNumber(2)));
    const open = { ok: true, value: { session: trip.session, customer } };
    expect(await identity.edge("currentSession", person("bea"))).toEqual(open);
    await identity.sessions("end", trip.session);
    expect(await identity.edge("currentSession", person("bea"))).toEqual({ ok: true, value: null });
  });
});

describe("the loyalty numbers of one account", () => {
  test("are twenty at most, however many are added at once, and one may be added again or in another's place", async () => {
    const collector = person("collector");
    const numbers = Array.from({ length: 25 }, (_, i) => loyaltyNumber(500 + i));
    const add = (each: string) => identity.edge<Result<LoyaltyCard, string>>("addLoyaltyCard", collector, each);
    const answers = await Promise.all(numbers.map(add));
    const kept = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
    expect(kept).toHaveLength(20);
    for (const answer of answers) if (!answer.ok) expect(answer.reason).toBe("too_many");
    expect(valueOf<readonly LoyaltyCard[]>(await identity.edge("loyaltyCards", collector))).toHaveLength(20);

    expect(await add(kept[0]?.number ?? "")).toEqual({ ok: true, value: kept[0] });
    valueOf(await identity.edge("removeLoyaltyCard", collector, kept[0]?.id));
    expect(await add(loyaltyNumber(530))).toMatchObject({ ok: true });
  });
});

describe("a loyalty number that nobody holds", () => {
  test("answers the same bytes as an ended session and as a text that is no number at all", async () => {
    const ended = newTrip();
    await identity.sessions("end", ended.session);
    const answers = await Promise.all([
      identity.sessions("byLoyalty", newTrip(), loyaltyNumber(777)),
      identity.sessions("byLoyalty", newTrip(), "no such thing"),
      identity.sessions("byLoyalty", ended, number),
    ]);
    for (const answer of answers) expect(JSON.stringify(answer)).toBe(JSON.stringify(NOT_LINKED));
  });

  test("leaves one audit entry and one session attempt, as a known number does", async () => {
    const [known, unknown] = [newTrip(), newTrip()];
    await identity.sessions("byLoyalty", known, number);
    await identity.sessions("byLoyalty", unknown, loyaltyNumber(778));
    const acts = await identity.acts();
    const rows = await identity.rows("ENTITIES");
    for (const [trip, kind] of [
      [known, "tier_join"],
      [unknown, "refusal"],
    ] as const) {
      expect(acts.filter(({ on }) => on === `session:${trip.session}`).map((act) => act.kind)).toEqual([kind]);
      expect(rows).toContain(trip.session);
    }
  });

  test("takes whoever was linked off the session, as its answer says", async () => {
    const trip = newTrip();
    await identity.sessions("byLoyalty", trip, number);
    const unknown = await identity.sessions("byLoyalty", trip, loyaltyNumber(779));
    expect(unknown).toEqual(NOT_LINKED);
    expect(JSON.stringify(await identity.edge("currentSession", person("ada")))).not.toContain(trip.session);
  });
});

describe("the end of a link", () => {
  test("unlinking kills the number and the same card gets a new one", async () => {
    const trip = newTrip();
    const first = numberOf(await identity.sessions("byLoyalty", trip, number));
    expect(await identity.sessions("unlink", trip)).toEqual({ ok: true });
    expect(await identity.rows("ENTITIES")).not.toContain(first);
    expect(numberOf(await identity.sessions("byLoyalty", trip, number))).not.toBe(first);
  });

  test("an ended session links nobody any more and its number is gone from the database", async () => {
    const trip = newTrip();
    const first = numberOf(await identity.sessions("byLoyalty", trip, number));
    expect(await identity.sessions("end", trip.session)).toEqual({ ok: true });
    expect(await identity.sessions("end", trip.session)).toEqual({ ok: true });
    expect(await identity.rows("ENTITIES")).not.toContain(first);
    expect(await identity.sessions("byLoyalty", trip, number)).toEqual(NOT_LINKED);
    const kinds = (await identity.acts()).filter(({ on }) => on === `session:${trip.session}`).map(({ kind }) => kind);
    expect(kinds).toEqual(["tier_join", "tier_join_ended", "refusal"]);
  });
});

describe("a number that looks like a card's", () => {
  test("is refused as pan_detected, with an incident of six and four digits, and stored nowhere", async () => {
    const trip = newTrip();
    const before = await identity.rows("ENTITIES");
    expect(await identity.sessions("byLoyalty", trip, TEST_CARD)).toEqual({ ok: false, reason: "pan_detected" });
    const incidents = (await identity.acts()).filter(({ on }) => on === `session:${trip.session}`);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]).toMatchObject({
      kind: "pan_detected",
      success: false,
      detail: { first6: "411111", last4: "1111" },
    });
    expect(JSON.stringify(await identity.acts())).not.toContain(TEST_CARD);
    expect(await identity.rows("ENTITIES")).toBe(before);
  });

  test("can't become a format: a prefix in a scheme's range is refused, whatever its check digit", async () => {
    for (const [prefix, length, check] of [
      ["4", 16, "luhn"],
      ["5", 16, "none"],
      ["62", 18, "mod10-gs1"],
      ["272", 16, "none"],
    ] as const)
      expect(await identity.ops("registerLoyaltyFormat", { retailer: "demo", prefix, length, check })).toEqual({
        ok: false,
        reason: "overlaps_card_range",
      });
  });
});

describe("when the audit log does not take the entry", () => {
  for (const mode of ["refusing", "throwing"] as const)
    test(`(${mode}) nothing is joined, nothing is shown, nothing is written`, async () => {
      const before = [await identity.rows("ENTITIES"), await identity.rows("PERSONS")];
      await identity.audit(mode);
      try {
        const answers = [
          await identity.sessions("byLoyalty", newTrip(), number),
          await identity.sessions("byLoyalty", newTrip(), loyaltyNumber(780)),
          await identity.sessions("byLoyalty", newTrip(), TEST_CARD),
          await identity.room.call<unknown>("ForPayments", "payments", "byCard", newTrip(), "unseen-card-reference-1"),
          await identity.edge("profile", person("ada")),
          await identity.edge("profile", person("never-seen")),
          await identity.edge("correct", person("ada"), { nickname: "Eve" }),
          await identity.edge("createPairingCode", person("ada"), "eu-demo"),
          await identity.edge("loyaltyCards", person("ada")),
          await identity.edge("currentSession", person("ada")),
          await identity.ops("registerLoyaltyFormat", { ...LOYALTY, prefix: "9901" }),
          await identity.ops("importMembers", [
            { loyalty: loyaltyNumber(50), email: null, name: null, phone: null, nickname: null },
          ]),
        ];
        for (const answer of answers) expect(answer).toEqual({ ok: false, reason: "unavailable" });
      } finally {
        await identity.audit("up");
      }
      expect([await identity.rows("ENTITIES"), await identity.rows("PERSONS")]).toEqual(before);
    });
});

describe("a card", () => {
  const byCard = (reference: string, trip = newTrip()) =>
    identity.room.call<IdentifyResult>("ForPayments", "payments", "byCard", trip, reference);

  test("is one anonymous holder, however many tap at once", async () => {
    const trips = Array.from({ length: 20 }, () => newTrip());
    const answers = await Promise.all(trips.map((trip) => byCard("same-card-reference-000001", trip)));
    expect(new Set(answers.map(numberOf)).size).toBe(20);
    const database = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
    const links = await database.prepare("SELECT session, customer FROM session_links").all<Record<string, string>>();
    const sessions = new Set<string>(trips.map(({ session }) => session));
    const holders = links.results.filter(({ session = "" }) => sessions.has(session)).map(({ customer }) => customer);
    expect(holders).toHaveLength(20);
    expect(new Set(holders).size).toBe(1);
    const records = await database.prepare("SELECT id FROM customers WHERE kind = 'card_holder'").all();
    const references = await database.prepare("SELECT customer FROM card_references").all();
    expect(records.results).toHaveLength(references.results.length);
  });

  test("is kept under another value than the one it came with", async () => {
    numberOf(await byCard("reference-that-stays-out-0001"));
    expect(await identity.rows("ENTITIES")).not.toContain("reference-that-stays-out-0001");
  });
});

test("malformed arguments of another room are thrown back, a bug of its own", async () => {
  await expect(identity.sessions("byLoyalty", { ...newTrip(), session: "x" }, number)).rejects.toThrow(
    "session is malformed",
  );
  await expect(identity.sessions("end", "' OR 1=1")).rejects.toThrow("session is malformed");
});

test("two people can't hold one loyalty number, and a removed one is free again", async () => {
  const mine: Result<LoyaltyCard, string> = await identity.edge("addLoyaltyCard", person("cem"), loyaltyNumber(3));
  expect(await identity.edge("addLoyaltyCard", person("cem"), loyaltyNumber(3))).toEqual(mine);
  expect(await identity.edge("addLoyaltyCard", person("dora"), loyaltyNumber(3))).toEqual({
    ok: false,
    reason: "taken",
  });
  expect(await identity.edge("removeLoyaltyCard", person("dora"), valueOf(mine).id)).toEqual({
    ok: false,
    reason: "unknown",
  });
  expect(await identity.edge("loyaltyCards", person("cem"))).toEqual({ ok: true, value: [valueOf(mine)] });
  expect(await identity.edge("removeLoyaltyCard", person("cem"), valueOf(mine).id)).toEqual({ ok: true });
  expect(await identity.edge("addLoyaltyCard", person("dora"), loyaltyNumber(3))).toMatchObject({ ok: true });
});

test("a loyalty card of the app is refused by its form, and by its likeness to a payment card", async () => {
  expect(await identity.edge("addLoyaltyCard", person("cem"), "9900123")).toEqual({ ok: false, reason: "invalid" });
  expect(await identity.edge("addLoyaltyCard", person("cem"), TEST_CARD)).toEqual({
    ok: false,
    reason: "pan_detected",
  });
});
