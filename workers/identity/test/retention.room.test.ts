import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Purged } from "../../../protocol/rooms/retention.ts";
import type { Result } from "../../../protocol/result.ts";
import { cardReference } from "./card-statements.ts";
import {
  type IdentityUnderTest,
  LOYALTY,
  loyaltyNumber,
  newTrip,
  numberOf,
  person,
  startIdentity,
  STORE,
  valueOf,
} from "./room.ts";

const DAY = 86_400_000;
const NOW = Date.now();
/** Longer than any term of this room. */
const SEVEN_YEARS = NOW + 7 * 366 * DAY;

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
});
afterAll(() => identity.room.stop());

const purge = async (purgeClass: string, now: number) =>
  valueOf(await identity.room.call<Result<Purged, string>>("ForRights", "rights", "purge", purgeClass, now));
const count = async (binding: "ENTITIES" | "PERSONS", from: string): Promise<number> => {
  const database = await identity.room.miniflare.getD1Database(binding, identity.room.worker);
  return (await database.prepare(`SELECT count(*) AS n FROM ${from}`).first<{ n: number }>())?.n ?? -1;
};
const end = async (session: string) => valueOf((await identity.sessions("end", session)) as Result<unknown, string>);

describe("pairing codes", () => {
  test("stay a week after their end, so that a copy is seen, and go then", async () => {
    valueOf(await identity.edge("createPairingCode", person("pairs"), STORE));
    expect(await purge("pairing_codes", NOW + 7 * DAY)).toMatchObject({ purged: 0, overdueLeft: 0 });
    const gone = await purge("pairing_codes", NOW + 7 * DAY + 120_000);
    expect(gone).toEqual({ class: "pairing_codes", purged: 1, overdueLeft: 0, oldestLeft: null });
    expect(await count("ENTITIES", "pairing_codes")).toBe(0);
  });
});

describe("sessions", () => {
  test("that ended with nobody linked are forgotten after a week; one that goes on, and a link, are not", async () => {
    const [ended, open, linked] = [newTrip(), newTrip(), newTrip()];
    valueOf(await identity.edge("addLoyaltyCard", person("linked"), loyaltyNumber(1)));
    numberOf(await identity.sessions("byLoyalty", linked, loyaltyNumber(1)));
    valueOf(await identity.sessions("byLoyalty", open, loyaltyNumber(99)));
    await end(ended.session);
    await end(linked.session);
    expect(await purge("session_marks", SEVEN_YEARS)).toMatchObject({ purged: 1, overdueLeft: 0 });
    expect(await count("ENTITIES", `session_links WHERE session = '${ended.session}'`)).toBe(0);
    expect(await count("ENTITIES", `session_links WHERE session IN ('${open.session}', '${linked.session}')`)).toBe(2);
  });
});

describe("shoppers known by a card alone", () => {
  const byCard = (reference: string) =>
    identity.room.call<never>("ForPayments", "payments", "byCard", newTrip(), reference);

  test("are gone 18 months after their last trip, key and all; their card is a stranger's then, under another record", async () => {
    const references = Array.from({ length: 25 }, (_, i) => cardReference(`idle-${i}`));
    for (const reference of references) numberOf(await byCard(reference));
    const before = await count("ENTITIES", "customers WHERE kind = 'card_holder'");
    expect(before).toBe(25);
    expect(await purge("card_holders", NOW + 500 * DAY)).toMatchObject({ purged: 0, overdueLeft: 0 });
    // Bounded: a call takes twenty, and says that there are more.
    expect(await purge("card_holders", NOW + 600 * DAY)).toMatchObject({ purged: 20, overdueLeft: 5 });
    expect(await purge("card_holders", NOW + 600 * DAY)).toEqual({
      class: "card_holders",
      purged: 5,
      overdueLeft: 0,
      oldestLeft: null,
    });
    expect(await count("ENTITIES", "card_references")).toBe(0);
    expect(await count("ENTITIES", "session_links WHERE one_trip IS NOT NULL")).toBe(0);
    const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
    const keys = (await bucket.list()).objects.length;
    numberOf(await byCard(references[0] ?? ""));
    expect((await bucket.list()).objects).toHaveLength(keys + 1);
  });

  test("lose their key before any row: a run that broke off leaves no key behind, and the next one ends it", async () => {
    const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
    const keys = async () => new Set((await bucket.list()).objects.map(({ key }) => key));
    await purge("card_holders", SEVEN_YEARS);
    const before = await keys();
    numberOf(await byCard(cardReference("broken-off")));
    const looked = await count("ENTITIES", "looks");
    await identity.run(
      "ENTITIES",
      "CREATE TRIGGER broken BEFORE DELETE ON customers BEGIN SELECT RAISE(ABORT, 'down'); END",
    );
    const broken = await identity.room.call<Result<Purged, string>>(
      "ForRights",
      "rights",
      "purge",
      "card_holders",
      SEVEN_YEARS,
    );
    expect(broken).toEqual({ ok: false, reason: "unavailable" });
    expect(await keys()).toEqual(before);
    await identity.run("ENTITIES", "DROP TRIGGER broken");
    expect(await purge("card_holders", SEVEN_YEARS)).toMatchObject({ purged: 1, overdueLeft: 0 });
    expect(await count("ENTITIES", "customers WHERE kind = 'card_holder'")).toBe(0);
    expect(await count("ENTITIES", "looks")).toBeLessThan(looked);
    numberOf(await byCard(cardReference(0)));
  });

  test("who shopped since are not", async () => {
    await identity.run("ENTITIES", "UPDATE customers SET created = ? WHERE kind = 'card_holder'", NOW - 900 * DAY);
    expect(await purge("card_holders", NOW)).toMatchObject({ purged: 0, overdueLeft: 0 });
    await identity.run("ENTITIES", "UPDATE session_links SET linked = ? WHERE customer IS NOT NULL", NOW - 600 * DAY);
    expect(await purge("card_holders", NOW)).toMatchObject({ purged: 1, overdueLeft: 0 });
    // Accounts are not this class, however long nobody signed in.
    expect(await count("ENTITIES", "customers WHERE kind = 'account'")).toBeGreaterThan(0);
  });
});

describe("what proves that rights were met", () => {
  test("goes two years after a request's end with its counts, and a tombstone after five", async () => {
    const who = { ...person("leaves"), issuedAt: Math.floor(NOW / 1000) };
    valueOf(await identity.edge("correct", who, { phone: "+4930123456" }));
    const order = { kind: "erasure", law: null, correction: null, key: null };
    const { request } = valueOf(
      await identity.edge<Result<{ request: string }, string>>("createPrivacyRequest", who, order),
    );
    for (const store of ["entities", "persons", "person_keys"])
      valueOf(await identity.room.call<Result<unknown, string>>("ForRights", "rights", "erase", request, store));
    valueOf(await identity.room.call<Result<unknown, string>>("ForRights", "rights", "ended", request, "done"));

    expect(await purge("privacy_requests", NOW + 700 * DAY)).toMatchObject({ purged: 0 });
    expect(await purge("privacy_requests", NOW + 740 * DAY)).toMatchObject({ purged: 1, overdueLeft: 0 });
    expect(await count("ENTITIES", "erasures")).toBe(0);

    const stones = await purge("tombstones", NOW + 4 * 365 * DAY);
    expect(stones).toMatchObject({ purged: 0, overdueLeft: 0 });
    expect(stones.oldestLeft).toBeGreaterThan(NOW - DAY);
    expect((await purge("tombstones", SEVEN_YEARS)).purged).toBeGreaterThan(0);
    expect(await purge("tombstones", SEVEN_YEARS)).toMatchObject({ purged: 0, oldestLeft: null });
  });
});

describe("every class of this room", () => {
  test("has nothing left past its term after seven years, and a second run finds nothing", async () => {
    for (const each of [
      "looks",
      "privacy_notices",
      "access_files",
      "raw_read_uses",
      "pairing_codes",
      "session_marks",
    ]) {
      expect(await purge(each, SEVEN_YEARS)).toMatchObject({ class: each, overdueLeft: 0 });
      expect(await purge(each, SEVEN_YEARS)).toMatchObject({ purged: 0 });
    }
    expect(await count("ENTITIES", "looks")).toBe(0);
  });

  test("is a class of the policy: another is a bug", async () => {
    for (const wrong of ["daily", "accounts", "nothing", ""]) await expect(purge(wrong, NOW)).rejects.toThrow();
    await expect(purge("looks", Number.NaN)).rejects.toThrow();
  });
});
