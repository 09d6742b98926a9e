import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import type { CustomerId } from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import type { TombstoneReplay } from "../../../protocol/rooms/identity.ts";
import { accountOf } from "../accounts.ts";
import { isolate } from "./isolate-under-test.ts";
import { CHUNK } from "../members.ts";
import { NOBODY } from "../person-keys.ts";
import { createRequest } from "../privacy-orders.ts";
import type { Room } from "../room.ts";
import { type IdentityUnderTest, person, startIdentity, valueOf } from "../test/room.ts";
import { replayTombstones } from "../tombstone-replay.ts";

const DAY = 86_400_000;
const KEYS = {
  IDENTITY_KEK: Buffer.alloc(32, 21).toString("base64"),
  IDENTITY_INDEX_KEY: Buffer.alloc(32, 41).toString("base64"),
};

let identity: IdentityUnderTest;
let acts: AuditAct[];
beforeAll(async () => {
  identity = await startIdentity(undefined, undefined, KEYS);
});
afterAll(() => identity.room.stop());
beforeEach(() => {
  acts = [];
});

/** The room as it will be so many days from now: what is written now is that old then. */
const roomIn = (days: number) => isolate(identity, KEYS, { acts, now: () => Date.now() + days * DAY });
/** A key whose call broke off before any row. */
async function orphan(room: Room): Promise<CustomerId> {
  const made = await room.keys.make(crypto.randomUUID() as CustomerId);
  await made.keep();
  return made.key.person;
}
async function walk(room: Room): Promise<Result<TombstoneReplay, "unavailable">> {
  let step = await replayTombstones(room, null);
  for (let calls = 0; step.ok && step.value.next !== null && calls < 50; calls += 1)
    step = await replayTombstones(room, step.value.next);
  return step;
}
const purges = () => acts.filter(({ kind }) => kind === "purge");

test("a key that no row names is destroyed once it is older than a database's history, and the log says so", async () => {
  const person = await orphan(await roomIn(0));
  expect(valueOf(await walk(await roomIn(30)))).toMatchObject({ next: null });
  expect(await (await roomIn(0)).keys.exists(person)).toBe(true);
  expect(purges()).toEqual([]);
  expect(valueOf(await walk(await roomIn(32)))).toMatchObject({ removed: 0, left: 0, next: null });
  expect(await (await roomIn(0)).keys.exists(person)).toBe(false);
  expect(purges()).toMatchObject([{ on: "class:orphaned_keys", success: true, detail: { keys: 1 } }]);
  valueOf(await walk(await roomIn(32)));
  expect(purges()).toHaveLength(1);
});

test("the keys of accounts, of an erasure that goes on and of nobody stay, however old they are", async () => {
  const room = await roomIn(0);
  await room.keys.nobody();
  const [stays, leaves] = [person("stays"), person("leaves")];
  const { key } = valueOf(await accountOf(room, stays, "profile_show", ""));
  const gone = valueOf(await accountOf(room, leaves, "profile_show", "")).key;
  valueOf(await createRequest(room, leaves, { kind: "erasure", law: null, correction: null, key: null }));
  await identity.run("ENTITIES", "DELETE FROM customers WHERE id = ?", gone.person);
  await identity.run("PERSONS", "DELETE FROM persons WHERE id = ?", gone.person);
  valueOf(await walk(await roomIn(400)));
  for (const each of [key.person, gone.person, NOBODY]) expect(await room.keys.exists(each)).toBe(true);
  expect(purges()).toEqual([]);
});

test("without the audit log none is destroyed", async () => {
  const room = await roomIn(32);
  const person = await orphan(room);
  const deaf = { ...room, trail: { ...room.trail, record: () => Promise.resolve(false) } };
  expect(await walk(deaf)).toEqual({ ok: false, reason: "unavailable" });
  expect(await room.keys.exists(person)).toBe(true);
  valueOf(await walk(room));
  expect(await room.keys.exists(person)).toBe(false);
});

test("more than broken calls leave are no orphans but a database that is not theirs: none is destroyed, and the log says so", async () => {
  const room = await roomIn(32);
  const people = await Promise.all(Array.from({ length: 21 }, () => orphan(room)));
  valueOf(await walk(room));
  expect((await Promise.all(people.map((each) => room.keys.exists(each)))).every(Boolean)).toBe(true);
  expect(purges()).toMatchObject([{ success: false, detail: { keys: 21 } }]);
  await room.keys.destroy(people[0] ?? NOBODY);
  valueOf(await walk(room));
  expect((await Promise.all(people.map((each) => room.keys.exists(each)))).some(Boolean)).toBe(false);
});

test("a whole chunk of an import that failed is swept where most people have their rows", async () => {
  const room = await roomIn(0);
  const accounts = Array.from({ length: CHUNK + 6 }, (_, n) =>
    accountOf(room, person(`known-${n}`), "profile_show", ""),
  );
  const known = (await Promise.all(accounts)).map((each) => valueOf(each).key.person);
  const people = await Promise.all(Array.from({ length: CHUNK }, () => orphan(room)));
  valueOf(await walk(await roomIn(32)));
  expect((await Promise.all(people.map((each) => room.keys.exists(each)))).some(Boolean)).toBe(false);
  expect((await Promise.all(known.map((each) => room.keys.exists(each)))).every(Boolean)).toBe(true);
  expect(purges()).toMatchObject([{ success: true, detail: { keys: CHUNK } }]);
});
