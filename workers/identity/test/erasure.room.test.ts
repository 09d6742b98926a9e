import { getTableColumns, getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TombstoneReplay } from "../../../protocol/rooms/identity.ts";
import type { Ordered } from "../../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../../protocol/rooms/privacy-stores.ts";
import type { Result } from "../../../protocol/result.ts";
import * as entities from "../entities-schema.ts";
import { ERASED_TABLES, UNTIL_THE_END } from "../erasure-tables.ts";
import * as persons from "../persons-schema.ts";
import { cardReference, formToken } from "./card-statements.ts";
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

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
});
afterAll(() => identity.room.stop());

const STORES = ["entities", "persons", "person_keys"] as const;
const nowSeconds = () => Math.floor(Date.now() / 1000);
const rights = <T>(method: string, ...args: unknown[]) => identity.room.call<T>("ForRights", "rights", method, ...args);
const erase = (request: string, store: string) => rights<Result<StoreAnswer, string>>("erase", request, store);

/** A signed-in person with something in every table, and their request to be erased. */
async function somebody(subject: string, serial: number) {
  const who = { ...person(subject), issuedAt: nowSeconds() };
  valueOf(await identity.edge("correct", who, { phone: "+4930123456", nickname: "Nick" }));
  valueOf(await identity.edge("addLoyaltyCard", who, loyaltyNumber(serial)));
  valueOf(await identity.edge("createPairingCode", who, STORE));
  const trip = newTrip();
  numberOf(await identity.sessions("byLoyalty", trip, loyaltyNumber(serial)));
  const asked = await identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, {
    kind: "erasure",
    law: null,
    correction: null,
    key: null,
  });
  return { who, trip, number: loyaltyNumber(serial), request: valueOf(asked).request };
}

async function eraseAll(request: string): Promise<readonly StoreAnswer[]> {
  const answers: StoreAnswer[] = [];
  for (const store of STORES) answers.push(valueOf(await erase(request, store)));
  valueOf(await rights<Result<undefined, string>>("ended", request, "done"));
  return answers;
}

async function customerOf(request: string): Promise<string> {
  const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
  const row = await db.prepare("SELECT customer FROM privacy_requests WHERE id = ?").bind(request).first("customer");
  return String(row);
}

async function bucket() {
  return identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
}

describe("an erasure in the identity room", () => {
  test("removes every row and the key, counts anew, and says the same when it is asked again", async () => {
    const { request } = await somebody("erased-1", 101);
    const customer = await customerOf(request);
    expect(await identity.rows("ENTITIES")).toContain(customer);
    const first = valueOf(await erase(request, "entities"));
    expect(first).toMatchObject({ store: "entities", outcome: "erased", left: 0 });
    expect(first.count).toBeGreaterThanOrEqual(4);
    expect(valueOf(await erase(request, "entities"))).toEqual(first);
    const answers = await eraseAll(request);
    expect(answers).toMatchObject([
      first,
      { outcome: "erased", count: 1, left: 0 },
      { outcome: "erased", count: 1, left: 0 },
    ]);
    expect(await identity.rows("ENTITIES")).not.toContain(customer);
    expect(await identity.rows("PERSONS")).not.toContain(customer);
    const kept = (await (await bucket()).list()).objects.map(({ key }) => key);
    expect(kept.filter((key) => key.includes(customer))).toEqual([]);
    expect(kept.filter((key) => key.startsWith("tombstones/eu/"))).toHaveLength(2);
  });

  test("is in the audit log before anything goes, and without the log nothing goes", async () => {
    const { request } = await somebody("erased-2", 102);
    const customer = await customerOf(request);
    await identity.audit("refusing");
    for (const store of STORES) expect(await erase(request, store)).toEqual({ ok: false, reason: "unavailable" });
    await identity.audit("up");
    expect(await identity.rows("PERSONS")).toContain(customer);
    await eraseAll(request);
    const acts = (await identity.acts()).filter(
      ({ on, detail }) => on === `request:${request}` && detail?.["act"] === "erase",
    );
    expect(acts.map(({ kind, detail }) => [kind, detail?.["store"]])).toEqual(
      STORES.map((store) => ["privacy_request", store]),
    );
    expect(JSON.stringify(acts)).not.toContain(customer);
  });

  test("links no tap any more once it has asked for the open trips, however long another store is waited for", async () => {
    const { request, trip, number } = await somebody("erased-12", 112);
    const openTrips = () => rights<Result<readonly string[], string>>("openTrips", request);
    expect(valueOf(await openTrips())).toEqual([trip.session]);
    expect(await identity.sessions("unlink", trip)).toEqual({ ok: true });
    for (const again of [newTrip(), trip])
      expect(await identity.sessions("byLoyalty", again, number)).toMatchObject({ value: { status: "not_linked" } });
    expect(valueOf(await openTrips())).toEqual([]);
    expect((await eraseAll(request)).map(({ left }) => left)).toEqual([0, 0, 0]);
  });

  test("leaves everybody else as they were", async () => {
    const [gone, stays] = [await somebody("erased-3", 103), await somebody("stays-3", 203)];
    await eraseAll(gone.request);
    expect(valueOf(await identity.edge("profile", stays.who))).toMatchObject({
      phone: "+4930123456",
      nickname: "Nick",
    });
    numberOf(await identity.sessions("byLoyalty", newTrip(), stays.number));
  });
});

test("no entry of the log names an erasure's request beside the person's commitment", async () => {
  const { request } = await somebody("erased-11", 111);
  await rights("trips", request);
  await rights("cardTokens", request);
  await eraseAll(request);
  const acts = (await identity.acts()).map((act) => JSON.stringify(act));
  expect(acts.filter((act) => act.includes(request)).length).toBeGreaterThan(3);
  expect(acts.filter((act) => act.includes(request) && /[0-9a-f]{64}/.test(act))).toEqual([]);
});

describe("after an erasure", () => {
  test("a token that is older makes no account, and a later one makes another that has nothing of the old", async () => {
    const { who, request } = await somebody("erased-4", 104);
    await eraseAll(request);
    for (const method of ["profile", "loyaltyCards", "paymentMethods", "currentSession"])
      expect(await identity.edge(method, who)).toEqual({ ok: false, reason: "erased" });
    const { issuedAt: _, ...undated } = who;
    expect(await identity.edge("profile", undated)).toEqual({ ok: false, reason: "erased" });
    const later = { ...who, issuedAt: nowSeconds() + 1 };
    expect(valueOf(await identity.edge("profile", later))).toMatchObject({
      email: who.email,
      phone: null,
      nickname: null,
    });
    expect(valueOf(await identity.edge("loyaltyCards", later))).toEqual([]);
    expect(valueOf(await identity.edge("currentSession", later))).toBeNull();
  });

  test("its owner still reads of the request, and nobody else does", async () => {
    const { who, request } = await somebody("erased-5", 105);
    await eraseAll(request);
    expect(await identity.edge("privacyRequest", who, request)).toMatchObject({ ok: true, value: { request } });
    expect(await identity.edge("privacyRequest", person("other-5"), request)).toEqual({ ok: false, reason: "unknown" });
  });

  test("the number is nobody's until the retailer gives it to a new, unrelated member", async () => {
    const { number, request, trip } = await somebody("erased-6", 106);
    await eraseAll(request);
    expect(await identity.sessions("byLoyalty", newTrip(), number)).toMatchObject({ value: { status: "not_linked" } });
    expect(await identity.sessions("byLoyalty", trip, number)).toMatchObject({ value: { status: "not_linked" } });
    const member = { loyalty: number, email: null, name: "New Holder", phone: null, nickname: "New" };
    expect(valueOf(await identity.ops("importMembers", [member]))).toMatchObject({ added: 1 });
    expect(await identity.sessions("byLoyalty", newTrip(), number)).toMatchObject({ value: { nickname: "New" } });
  });

  test("the next tap of the card is a stranger's", async () => {
    const { who, request } = await somebody("erased-7", 107);
    const form = await formToken(7);
    valueOf(await identity.edge("addPaymentMethod", who, form));
    const tap = () => identity.room.call<never>("ForPayments", "payments", "byCard", newTrip(), cardReference(7));
    expect(await tap()).toMatchObject({ value: { nickname: "Nick" } });
    expect(valueOf(await rights<Result<readonly string[], string>>("cardTokens", request))).toEqual([form.token]);
    await eraseAll(request);
    expect(await tap()).toMatchObject({ value: { status: "linked", nickname: null } });
  });

  test("no call that was under way brings the customer back", async () => {
    const { who, number, request } = await somebody("erased-8", 108);
    const customer = await customerOf(request);
    const calls = Array.from({ length: 12 }, (_, i) => [
      identity.sessions("byLoyalty", newTrip(), number),
      identity.edge("createPairingCode", who, STORE),
      identity.edge("addLoyaltyCard", who, loyaltyNumber(300 + i)),
      identity.edge("correct", who, { nickname: `N${i}` }),
    ]);
    const [answers] = await Promise.all([eraseAll(request), ...calls.flat()]);
    expect(answers.map(({ left }) => left)).toEqual([0, 0, 0]);
    for (const binding of ["ENTITIES", "PERSONS"] as const)
      expect(await identity.rows(binding)).not.toContain(customer);
    expect((await (await bucket()).list()).objects.filter(({ key }) => key.includes(customer))).toEqual([]);
  });
});

describe("a walk over the tombstones while an erasure goes on", () => {
  const walk = async () => valueOf(await rights<Result<TombstoneReplay, string>>("replayTombstones", null));

  test("leaves it able to come to its end, with what each store had", async () => {
    const { request } = await somebody("erased-13", 113);
    const customer = await customerOf(request);
    const first = valueOf(await erase(request, "entities"));
    expect(await walk()).toMatchObject({ left: 0, next: null });
    expect(await identity.rows("PERSONS")).not.toContain(customer);
    expect(await eraseAll(request)).toEqual([
      first,
      { store: "persons", outcome: "erased", count: 1, left: 0 },
      { store: "person_keys", outcome: "erased", count: 1, left: 0 },
    ]);
    expect(await identity.rows("ENTITIES")).not.toContain(customer);
  });

  test("keeps the customer on its request while something is left, so that each store is still counted anew", async () => {
    const { request } = await somebody("erased-14", 114);
    const customer = await customerOf(request);
    valueOf(await erase(request, "entities"));
    await identity.run("PERSONS", "CREATE TRIGGER stays BEFORE DELETE ON persons BEGIN SELECT RAISE(IGNORE); END");
    expect((await walk()).left).toBeGreaterThan(0);
    expect(await customerOf(request)).toBe(customer);
    expect(valueOf(await erase(request, "persons"))).toMatchObject({ count: 1, left: 1 });
    await identity.run("PERSONS", "DROP TRIGGER stays");
    expect((await eraseAll(request)).map(({ left }) => left)).toEqual([0, 0, 0]);
    expect(await identity.rows("ENTITIES")).not.toContain(customer);
  });
});

describe("a database that was restored", () => {
  test("loses the erased again by replay, and nobody else", async () => {
    const [gone, stays] = [await somebody("erased-9", 109), await somebody("stays-9", 209)];
    const copies = { entities: await copyOf("ENTITIES"), persons: await copyOf("PERSONS") };
    const customer = await customerOf(gone.request);
    await eraseAll(gone.request);
    await restore("ENTITIES", copies.entities);
    await restore("PERSONS", copies.persons);
    expect(await identity.rows("PERSONS")).toContain(customer);
    // Before any replay: nothing of the copy opens, links or shows.
    expect(await identity.sessions("byLoyalty", newTrip(), gone.number)).toMatchObject({
      value: { status: "not_linked" },
    });
    const replayed = valueOf(await identity.ops<Result<TombstoneReplay, string>>("replayTombstones", null));
    expect(replayed).toMatchObject({ left: 0, next: null });
    expect(replayed.removed).toBeGreaterThan(0);
    for (const binding of ["ENTITIES", "PERSONS"] as const)
      expect(await identity.rows(binding)).not.toContain(customer);
    expect(valueOf(await identity.ops<Result<TombstoneReplay, string>>("replayTombstones", null)).removed).toBe(0);
    expect(valueOf(await identity.edge("profile", stays.who))).toMatchObject({ nickname: "Nick" });
    expect(await identity.edge("profile", gone.who)).toEqual({ ok: false, reason: "erased" });
  });

  test("brings no account back before the replay either: whoever signs in anew gets a new one", async () => {
    const gone = await somebody("erased-10", 110);
    const copies = { entities: await copyOf("ENTITIES"), persons: await copyOf("PERSONS") };
    await eraseAll(gone.request);
    await restore("ENTITIES", copies.entities);
    await restore("PERSONS", copies.persons);
    expect(await identity.edge("profile", gone.who)).toEqual({ ok: false, reason: "erased" });
    const later = { ...gone.who, issuedAt: nowSeconds() + 1 };
    expect(valueOf(await identity.edge("profile", later))).toMatchObject({ phone: null, nickname: null });
  });
});

describe("the list of what an erasure deletes", () => {
  test("has every column of both databases that names a customer", () => {
    const listed = [...ERASED_TABLES, ...UNTIL_THE_END].map(
      ({ table, column }) => `${getTableName(table)}.${column.name}`,
    );
    const named = [...Object.values(entities), ...Object.values(persons)].flatMap((each) =>
      is(each, SQLiteTable)
        ? Object.values(getTableColumns(each))
            .filter(({ name }) => name === "customer" || name === "person")
            .map(({ name }) => `${getTableName(each)}.${name}`)
        : [],
    );
    expect(named.length).toBeGreaterThan(6);
    expect(listed).toEqual(expect.arrayContaining(named));
  });
});

interface Copied {
  readonly table: string;
  readonly rows: readonly Record<string, unknown>[];
}

async function copyOf(binding: string): Promise<readonly Copied[]> {
  const db = await identity.room.miniflare.getD1Database(binding, identity.room.worker);
  const tables = await db
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
    )
    .all<{ name: string }>();
  return Promise.all(
    tables.results.map(async ({ name }) => ({
      table: name,
      rows: (await db.prepare(`SELECT * FROM "${name}"`).all()).results,
    })),
  );
}

/** As D1's point-in-time recovery does: every table is what it was. */
async function restore(binding: string, copies: readonly Copied[]): Promise<void> {
  const db = await identity.room.miniflare.getD1Database(binding, identity.room.worker);
  for (const { table, rows } of copies) {
    await db.prepare(`DELETE FROM "${table}"`).run();
    for (const row of rows) {
      const names = Object.keys(row);
      await db
        .prepare(
          `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
        )
        .bind(...Object.values(row))
        .run();
    }
  }
}
