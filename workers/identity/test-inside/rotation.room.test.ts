import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import type { KeyUse, RotationStep } from "../../../protocol/rooms/key-rotation.ts";
import type { IdentifyResult } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import { accountOf, showProfile } from "../accounts.ts";
import { removeFrom } from "../erasure.ts";
import { byCard, byLoyalty, end } from "../identify.ts";
import { keyUses } from "../key-uses.ts";
import { checkKeyVersions } from "../key-versions.ts";
import { addCard, listCards, registerFormat } from "../loyalty-cards.ts";
import { importMembers } from "../members.ts";
import { byPairing, confirm, createCode } from "../pairing.ts";
import { addMethod, listMethods, removeMethod } from "../payment-methods.ts";
import type { Room } from "../room.ts";
import { retireKey, rotateKeys } from "../rotation.ts";
import { openSession } from "../session-link.ts";
import { cardReference, formToken } from "../test/card-statements.ts";
import { isolate, type IsolateOptions } from "./isolate-under-test.ts";
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
} from "../test/room.ts";

const KEY = (fill: number): string => Buffer.alloc(32, fill).toString("base64");
const ring = (text: (key: (version: number) => string) => string) => ({
  IDENTITY_KEK: text((version) => KEY(20 + version)),
  IDENTITY_INDEX_KEY: text((version) => KEY(40 + version)),
});
/** The configurations of a rotation, in their order. */
const ALONE = ring((key) => key(1));
const KNOWN = ring((key) => `1*:${key(1)},2:${key(2)}`);
const WRITES = ring((key) => `1:${key(1)},2*:${key(2)}`);
const NEWEST = ring((key) => `2*:${key(2)}`);

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity(undefined, undefined, WRITES);
});
afterAll(() => identity.room.stop());

const TABLES = {
  ENTITIES: ["customers", "loyalty_numbers", "card_references", "session_links", "pairing_codes", "key_versions"],
  PERSONS: ["persons", "payment_methods"],
} as const;

let people: { alone: Room; known: Room; writes: Room; newest: Room };
const at = (keys: typeof ALONE, options?: IsolateOptions) => isolate(identity, keys, options);
beforeEach(async () => {
  for (const [binding, tables] of Object.entries(TABLES))
    for (const table of tables) await identity.run(binding as "ENTITIES" | "PERSONS", `DELETE FROM ${table}`);
  const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
  for (const { key } of (await bucket.list()).objects) await bucket.delete(key);
  people = { alone: await at(ALONE), known: await at(KNOWN), writes: await at(WRITES), newest: await at(NEWEST) };
  await people.alone.keys.nobody();
  valueOf(await registerFormat(people.alone, LOYALTY));
});

interface Walked {
  moved: number;
  stuck: number;
  /** Of the steps that are in the audit log. */
  readonly entries: number[];
}

/** The walk from a place to its end. */
async function walk(room: Room, from: string | null = null): Promise<Walked> {
  const sum: Walked = { moved: 0, stuck: 0, entries: [] };
  let next = from;
  for (let steps = 0; steps < 50; steps += 1) {
    const step = valueOf<RotationStep>(await rotateKeys(room, next));
    sum.moved += step.moved;
    sum.stuck += step.stuck;
    if (step.auditIndex !== null) sum.entries.push(step.auditIndex);
    if (step.next === null) return sum;
    next = step.next;
  }
  throw new Error("the walk has no end");
}

async function leftUnder(room: Room, version: number): Promise<readonly Readonly<Record<string, number>>[]> {
  await checkKeyVersions(room, room.rings);
  const uses = valueOf<readonly KeyUse[]>(await keyUses(room));
  return uses.filter((use) => use.version === version).map(({ left }) => left);
}

const idOf = async (room: Room, who: string) =>
  valueOf(await accountOf(room, person(who), "profile_show", "")).key.person;
const many = <T>(count: number, work: (n: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, n) => work(n)));
const rowsOf = async (binding: "ENTITIES" | "PERSONS", table: string) => {
  const db = await identity.room.miniflare.getD1Database(binding, identity.room.worker);
  return (await db.prepare(`SELECT * FROM ${table}`).all()).results;
};

describe("while isolates of both configurations serve", () => {
  test("nobody gets a second account, card holder or loyalty holder, and nobody becomes unknown", async () => {
    const { known, writes, newest } = people;
    const both = [known, writes];
    // Everybody's first call comes through both at the same moment, twice.
    const ids = await many(5, (n) => Promise.all([...both, ...both].map((room) => idOf(room, `p${n}`))));
    for (const of of ids) expect(new Set(of).size).toBe(1);
    const added = await many(5, (n) => Promise.all(both.map((room) => addCard(room, person("p0"), loyaltyNumber(n)))));
    expect(added.flat().every(({ ok }) => ok)).toBe(true);
    const taken = await Promise.all(both.map((room, n) => addCard(room, person(`p${n + 1}`), loyaltyNumber(0))));
    expect(taken).toEqual([
      { ok: false, reason: "taken" },
      { ok: false, reason: "taken" },
    ]);
    const members = [5, 6].map((n) => ({
      loyalty: loyaltyNumber(n),
      email: null,
      name: null,
      phone: null,
      nickname: null,
    }));
    const imported = await Promise.all(both.map((room) => importMembers(room, members)));
    expect(imported.reduce((sum, each) => sum + valueOf(each).added, 0)).toBe(2);
    const taps = await many(4, (n) =>
      Promise.all([...both, ...both].map((room) => byCard(room, newTrip(), cardReference(n)))),
    );
    expect(taps.flat().every((each) => each.ok && each.value.status === "linked")).toBe(true);
    const methods = await Promise.all(both.map(async (room) => addMethod(room, person("p1"), await formToken(9))));
    expect(new Set(methods.map((each) => valueOf(each).id)).size).toBe(1);

    expect(await rowsOf("PERSONS", "persons")).toHaveLength(5 + 2);
    expect(await rowsOf("ENTITIES", "loyalty_numbers")).toHaveLength(5 + 2);
    expect(await rowsOf("ENTITIES", "card_references")).toHaveLength(4 + 1);
    const holders = (await rowsOf("ENTITIES", "customers")).filter(({ kind }) => kind === "card_holder");
    expect(holders).toHaveLength(4);

    // The walk goes on between reads, sign-ins, taps and an erasure.
    const erased = await idOf(known, "p4");
    const [walked] = await Promise.all([
      walk(writes),
      many(5, (n) => showProfile(both[n % 2] ?? writes, person(`p${n % 4}`))),
      many(4, (n) => byCard(both[n % 2] ?? writes, newTrip(), cardReference(n))),
      many(3, (n) => byLoyalty(both[n % 2] ?? writes, newTrip(), loyaltyNumber(n))),
      (async () => {
        for (const store of ["entities", "persons", "person_keys"] as const) await removeFrom(writes, erased, store);
      })(),
    ]);
    expect(walked.moved).toBeGreaterThan(10);
    await walk(writes);
    expect(await writes.keys.exists(erased)).toBe(false);
    expect(await many(4, (n) => idOf(newest, `p${n}`))).toEqual(ids.slice(0, 4).map(([id]) => id));
    expect(
      valueOf(await listCards(newest, person("p0")))
        .map(({ number }) => number)
        .toSorted(),
    ).toEqual([0, 1, 2, 3, 4].map(loyaltyNumber).toSorted());
    for (const n of [0, 5, 6]) numberOf(await byLoyalty(newest, newTrip(), loyaltyNumber(n)));
    for (const n of [0, 1, 2, 3]) numberOf(await byCard(newest, newTrip(), cardReference(n)));
    const after = (await rowsOf("ENTITIES", "customers")).filter(({ kind }) => kind === "card_holder");
    expect(new Set(after.map(({ id }) => id))).toEqual(new Set(holders.map(({ id }) => id)));
  });

  test("a retry in the middle of a trip gets the same number, by loyalty number and by card", async () => {
    const { known, writes } = people;
    await idOf(known, "ann");
    valueOf(await addCard(known, person("ann"), loyaltyNumber(1)));
    for (const ask of [
      (room: Room, trip: ReturnType<typeof newTrip>) => byLoyalty(room, trip, loyaltyNumber(1)),
      (room: Room, trip: ReturnType<typeof newTrip>) => byCard(room, trip, cardReference(1)),
    ]) {
      const trip = newTrip();
      const first = numberOf(await ask(known, trip));
      await walk(writes);
      expect(numberOf(await ask(writes, trip))).toBe(first);
      expect(numberOf(await ask(known, trip))).toBe(first);
    }
  });

  test("a pairing code in flight is redeemed, confirmed, and revoked when it is replayed", async () => {
    const { known, writes } = people;
    const owner = valueOf(await accountOf(known, person("bea"), "pairing_create", "")).key;
    const { code } = valueOf(await createCode(known, owner, STORE));
    await walk(writes);
    const trip = newTrip();
    expect(await byPairing(writes, trip, code)).toMatchObject({ ok: true, value: { status: "pending" } });
    expect(await confirm(known, owner.person, code)).toMatchObject({ ok: true, value: { state: "confirmed" } });
    const number = numberOf(await byPairing(writes, trip, code));
    expect(numberOf(await byPairing(known, trip, code))).toBe(number);
    expect(await openSession(writes, owner.person)).toEqual({ session: trip.session, customer: number });
    expect(await byPairing(writes, newTrip(), code)).toEqual({ ok: true, value: { status: "not_linked" } });
    expect(await openSession(writes, owner.person)).toBeNull();
  });

  test("a payment method can be removed, and its card is a stranger's, under the newest key alone", async () => {
    const { known, writes, newest } = people;
    const { id } = valueOf(await addMethod(known, person("cai"), await formToken(5)));
    await walk(writes);
    expect(valueOf(await listMethods(newest, person("cai"))).map((each) => each.id)).toEqual([id]);
    valueOf(await removeMethod(newest, person("cai"), id));
    expect(await rowsOf("ENTITIES", "card_references")).toEqual([]);
  });
});

describe("rows from before their values were kept", () => {
  test("are brought up to date by the next sign-in and the next tap, and hold the older key until then", async () => {
    const { alone, writes, newest } = people;
    const ann = await idOf(alone, "ann");
    numberOf(await byCard(alone, newTrip(), cardReference(1)));
    await identity.run("PERSONS", "UPDATE persons SET subject = NULL");
    await identity.run("ENTITIES", "UPDATE card_references SET id = NULL, sealed = NULL");
    await identity.run("ENTITIES", "UPDATE session_links SET credential = NULL");
    expect(await walk(writes)).toMatchObject({ stuck: 1 });
    expect(await leftUnder(writes, 1)).toContainEqual({ card_references: 1, persons: 1 });
    expect(await idOf(writes, "ann")).toBe(ann);
    const trip = newTrip();
    numberOf(await byCard(writes, trip, cardReference(1)));
    await end(writes, trip.session);
    expect(await leftUnder(writes, 1)).toEqual([{}, {}]);
    expect(await idOf(newest, "ann")).toBe(ann);
  });

  test("a payment method is still removed with its link after a tap wrote that anew", async () => {
    const { known, writes } = people;
    const { id } = valueOf(await addMethod(known, person("dov"), await formToken(6)));
    const key = valueOf(await accountOf(known, person("dov"), "profile_show", "")).key;
    const [row] = await rowsOf("PERSONS", "payment_methods");
    const { open, seal } = await import("../sealed-field.ts");
    const place = { cell: "eu", person: key.person, field: `payment_method:${id}` } as const;
    const { reference, ...rest } = JSON.parse(await open(key, place, String(row?.["sealed"]))) as { reference: string };
    const old = JSON.stringify({ ...rest, card: await known.index.of("card_reference", reference) });
    await identity.run("PERSONS", "UPDATE payment_methods SET sealed = ?", await seal(key, place, old, known.random));
    numberOf(await byCard(writes, newTrip(), cardReference(6)));
    valueOf(await removeMethod(writes, person("dov"), id));
    expect(await rowsOf("ENTITIES", "card_references")).toEqual([]);
  });
});

describe("a walk", () => {
  test("that a crash cut off is begun anew, moves the rest, and then finds nothing", async () => {
    const { known, writes } = people;
    await many(6, (n) => idOf(known, `p${n}`));
    let puts = 0;
    const dying = await at(WRITES, {
      bucket: (real) =>
        new Proxy(real, {
          get: (target, name) =>
            name === "put"
              ? (...args: Parameters<R2Bucket["put"]>) => {
                  puts += 1;
                  if (puts > 3) throw new Error("the power is cut");
                  return target.put(...args);
                }
              : (Reflect.get(target, name) as object),
        }),
    });
    await expect(rotateKeys(dying, null)).rejects.toThrow("R2");
    // What was on its way when the power went may arrive a moment later.
    await expect.poll(async () => (await writes.keys.countByVersion()).get(2)).toBe(3);
    const { moved, stuck } = await walk(writes);
    expect({ moved, stuck }).toEqual({ moved: 4 + 6, stuck: 0 });
    expect(await walk(writes)).toMatchObject({ moved: 0, stuck: 0 });
    expect(await leftUnder(writes, 1)).toEqual([{}, {}]);
  });

  test("does not bring back a key that was destroyed while it was being wrapped anew", async () => {
    const { known } = people;
    const ann = await idOf(known, "ann");
    const slow = await at(WRITES, {
      bucket: (real) =>
        new Proxy(real, {
          get: (target, name) =>
            name === "put"
              ? async (...args: Parameters<R2Bucket["put"]>) => {
                  if (args[0].endsWith(ann)) await target.delete(args[0]);
                  return target.put(...args);
                }
              : (Reflect.get(target, name) as object),
        }),
    });
    valueOf(await rotateKeys(slow, null));
    expect(await known.keys.exists(ann)).toBe(false);
  });

  test("leaves a value that was moved to another person's row where it is, and goes past it", async () => {
    const { known, writes } = people;
    const [ann] = await many(3, (n) => idOf(known, `p${n}`));
    const rows = await rowsOf("PERSONS", "persons");
    const other = rows.find(({ id }) => id !== ann);
    await identity.run("PERSONS", "UPDATE persons SET subject = ? WHERE id = ?", other?.["subject"], ann);
    expect(await walk(writes)).toMatchObject({ stuck: 1 });
    expect(await leftUnder(writes, 1)).toContainEqual({ persons: 1 });
  });

  test("is in the audit log as a ceremony, place by place, and names nobody", async () => {
    const acts: AuditAct[] = [];
    await idOf(people.known, "ann");
    const { entries } = await walk(await at(WRITES, { acts }));
    expect(entries).toEqual(acts.flatMap(({ kind }, index) => (kind === "key_ceremony" ? [index] : [])));
    const ceremonies = acts.filter(({ kind }) => kind === "key_ceremony");
    expect(ceremonies.map(({ on, detail }) => [on, detail?.["act"], detail?.["place"]])).toEqual([
      ["key:identity-wrapping", "move", "person_keys"],
      ...["loyalty_numbers", "card_references", "payment_methods", "persons", "privacy_requests"].map((place) => [
        "key:identity-index",
        "move",
        place,
      ]),
    ]);
    const down = {
      ...people.writes,
      trail: { ...people.writes.trail, entry: () => Promise.resolve(undefined) },
    };
    expect(await rotateKeys(down, null)).toEqual({ ok: false, reason: "unavailable" });
  });

  test("has nothing to do while there is one version of each key", async () => {
    const acts: AuditAct[] = [];
    const alone = await at(ALONE, { acts });
    await idOf(alone, "ann");
    const before = acts.length;
    expect(await walk(alone)).toEqual({ moved: 0, stuck: 0, entries: [] });
    expect(acts).toHaveLength(before);
    for (const from of ["", "nowhere:", "persons"]) await expect(rotateKeys(alone, from)).rejects.toThrow(RangeError);
  });
});

describe("a version of a key", () => {
  const check = async (keys: typeof ALONE, options?: IsolateOptions) => {
    const room = await at(keys, options);
    return checkKeyVersions(room, room.rings);
  };

  test("that something is still under is missed loudly, by the secret's name and what needs it", async () => {
    await check(ALONE);
    await idOf(people.alone, "ann");
    await check(WRITES);
    await expect(check(NEWEST)).rejects.toThrow(
      "secret IDENTITY_KEK is without version 1, which is needed: 2 person_keys",
    );
    await expect(check({ ...NEWEST, IDENTITY_KEK: WRITES.IDENTITY_KEK })).rejects.toThrow(
      "secret IDENTITY_INDEX_KEY is without version 1, which is needed: 1 persons",
    );
  });

  test("may go once the walk has moved all, and is retired by what is counted then", async () => {
    await check(ALONE);
    await idOf(people.alone, "ann");
    await check(WRITES);
    await walk(people.writes);
    const acts: AuditAct[] = [];
    await check(NEWEST, { acts });
    expect(acts.map(({ on, detail }) => [on, detail?.["act"], detail?.["version"]])).toEqual([
      ["key:identity-wrapping", "retire", 1],
      ["key:identity-index", "retire", 1],
    ]);
    await expect(check(ALONE)).rejects.toThrow("writes with version 1, which is retired");
    await check(NEWEST);
  });

  test("can't be another key than before under the same number", async () => {
    await check(ALONE);
    await expect(check({ ...ALONE, IDENTITY_INDEX_KEY: KEY(99) })).rejects.toThrow(
      "secret IDENTITY_INDEX_KEY has another key as version 1 than before",
    );
  });

  test("is introduced and activated in the audit log, each once", async () => {
    const acts: AuditAct[] = [];
    await check(ALONE, { acts });
    expect(acts).toEqual([]);
    for (const keys of [KNOWN, KNOWN, WRITES, WRITES]) await check(keys, { acts });
    expect(acts.map(({ kind, detail }) => [kind, detail?.["act"], detail?.["version"]])).toEqual([
      ["key_ceremony", "introduce", 2],
      ["key_ceremony", "introduce", 2],
      ["key_ceremony", "activate", 2],
      ["key_ceremony", "activate", 2],
    ]);
  });

  test("says which entries of the log its ceremonies are, and answers a second retirement with the first one's", async () => {
    const acts: AuditAct[] = [];
    for (const keys of [ALONE, KNOWN, WRITES]) await check(keys, { acts });
    const later = await at(WRITES, { acts, now: () => Date.now() + 61_000 });
    const retired = await retireKey(later, "index", 1, "kim");
    expect(retired).toEqual({ ok: true, value: { auditIndex: acts.length - 1 } });
    expect(await retireKey(later, "index", 1, "kim")).toEqual(retired);
    const uses = valueOf(await keyUses(later));
    const told = uses.flatMap(({ key, version, ceremonies }) =>
      ceremonies.map(({ act, auditIndex }) => [auditIndex, `key:identity-${key}`, act, version] as const),
    );
    expect(told.toSorted(([a], [b]) => a - b)).toEqual(
      acts.map(({ on, detail }, index) => [index, on, detail?.["act"], detail?.["version"]]),
    );
  });

  test("is not retired while it writes, while the newer one is a minute young, or while something is under it", async () => {
    await check(ALONE);
    await idOf(people.alone, "ann");
    const [alone, writes] = [people.alone, people.writes];
    expect(await retireKey(alone, "index", 1, "kim")).toEqual({ ok: false, reason: "writing" });
    expect(await retireKey(alone, "index", 7, "kim")).toEqual({ ok: false, reason: "unknown_version" });
    await check(WRITES);
    expect(await retireKey(writes, "index", 1, "kim")).toEqual({ ok: false, reason: "writing" });
    const later = await at(WRITES, { now: () => Date.now() + 61_000 });
    expect(await retireKey(later, "index", 1, "kim")).toEqual({ ok: false, reason: "needed" });
    await walk(writes);
    valueOf(await retireKey(later, "index", 1, "kim"));
    valueOf(await retireKey(later, "wrapping", 1, "kim"));
    const uses = valueOf(await keyUses(later));
    expect(uses.map(({ key, version, state, left }) => [key, version, state, left])).toEqual([
      ["index", 1, "retired", {}],
      ["index", 2, "writes", { persons: 1 }],
      ["wrapping", 1, "retired", {}],
      ["wrapping", 2, "writes", { person_keys: 2 }],
    ]);
  });
});

test("staff see and carry on a rotation through the door, and the retention object does by its own", async () => {
  await idOf(people.known, "ann");
  const step = await identity.ops<Result<RotationStep, string>>("rotateKeys", null);
  expect(valueOf(step)).toMatchObject({ stuck: 0, next: "loyalty_numbers:" });
  let next: string | null = null;
  do {
    const rights: Result<RotationStep, string> = await identity.room.call("ForRights", "rights", "rotateKeys", next);
    next = valueOf(rights).next;
  } while (next !== null);
  const uses = valueOf(await identity.ops<Result<readonly KeyUse[], string>>("keyUses"));
  expect(uses.every(({ version, left }) => version === 2 || Object.keys(left).length === 0)).toBe(true);
  expect(await identity.ops("retireKey", "index", 2, "kim")).toEqual({ ok: false, reason: "writing" });
  const linked = await identity.sessions("byLoyalty", newTrip(), loyaltyNumber(1));
  expect(linked satisfies IdentifyResult).toEqual({ ok: true, value: { status: "not_linked" } });
});
