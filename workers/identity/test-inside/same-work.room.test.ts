import { drizzle } from "drizzle-orm/d1";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerId, OneTripCustomer } from "../../../protocol/ids.ts";
import { blindIndex } from "../blind-index.ts";
import { statementKey } from "../card-statement.ts";
import { customers, loyaltyFormats, loyaltyNumbers } from "../entities-schema.ts";
import { byLoyalty, end, unlink } from "../identify.ts";
import { loyaltyRow } from "../loyalty-cards.ts";
import { wrappingKeys } from "../person-key.ts";
import { personKeys } from "../person-keys.ts";
import { isAlive } from "../session-link.ts";
import { tombstones } from "../tombstones.ts";
import type { Room } from "../room.ts";
import { cdePublicJwk } from "../test/card-statements.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, newTrip, numberOf, startIdentity } from "../test/room.ts";

/** The room's own code on the real databases, with every outside effect written down. */
let identity: IdentityUnderTest;
let room: Room;
const effects: string[] = [];

beforeAll(async () => {
  identity = await startIdentity();
  const { miniflare, worker } = identity.room;
  const database = async (binding: string) => {
    const real = await miniflare.getD1Database(binding, worker);
    return drizzle({
      prepare: (sql: string) => {
        effects.push(`${binding}: ${sql}`);
        return real.prepare(sql);
      },
      batch: (statements: never) => real.batch(statements),
    } as never);
  };
  const real = await miniflare.getR2Bucket("PERSON_KEYS", worker);
  const bucket = {
    get: (name: string) => {
      effects.push("R2 get");
      return real.get(name);
    },
    put: (...args: Parameters<typeof real.put>) => {
      effects.push("R2 put");
      return real.put(...args);
    },
  };
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  // In the middle of a rotation, which must not tell the two apart either.
  const ring = () => ({ current: 2, versions: new Map([1, 2].map((version) => [version, random(32)] as const)) });
  const record = (): Promise<boolean> => {
    effects.push("audit");
    return Promise.resolve(true);
  };
  room = {
    cell: "eu",
    entities: await database("ENTITIES"),
    persons: await database("PERSONS"),
    tombstones: tombstones(bucket as never, random(32), "eu", random),
    keys: personKeys(bucket as never, await wrappingKeys(ring()), "eu", random),
    rings: { wrapping: ring(), index: ring() },
    index: blindIndex(ring(), "eu"),
    trail: { entry: async () => ((await record()) ? 0 : undefined), record, join: record },
    statements: await statementKey(await cdePublicJwk()),
    random,
    now: () => Date.now(),
  };
  await room.entities.insert(loyaltyFormats).values(LOYALTY);
  const made = await room.keys.make(crypto.randomUUID() as CustomerId);
  await made.keep();
  await room.entities.insert(customers).values({ id: made.key.person, kind: "member", created: 1 });
  await room.entities.insert(loyaltyNumbers).values(await loyaltyRow(room, made.key, loyaltyNumber(1)));
  await room.keys.nobody();
});
afterAll(() => identity.room.stop());

test("a number that nobody holds costs the same statements, key reads and audit entries as one that somebody does", async () => {
  const workOf = async (number: string) => {
    effects.length = 0;
    const answer = await byLoyalty(room, newTrip(), number);
    return { status: answer.ok ? answer.value.status : answer.reason, effects: [...effects] };
  };
  const known = await workOf(loyaltyNumber(1));
  const unknown = await workOf(loyaltyNumber(2));
  const formless = await workOf("no such number");
  expect([known, unknown, formless].map(({ status }) => status)).toEqual(["linked", "not_linked", "not_linked"]);
  expect(known.effects.filter((effect) => effect.includes('insert into "session_links"'))).toHaveLength(1);
  expect(unknown.effects).toEqual(known.effects);
  expect(formless.effects).toEqual(known.effects);
});

test("a one-trip number that is dead, taken off, of another trip or of none is the same answer after the same work", async () => {
  const [trip, over, left] = [newTrip(), newTrip(), newTrip()];
  const [alive, dead, dropped] = await Promise.all(
    [trip, over, left].map(async (each) => numberOf(await byLoyalty(room, each, loyaltyNumber(1))) as OneTripCustomer),
  );
  await end(room, over.session);
  await unlink(room, left.session);
  const answerTo = async (of: typeof trip, number: OneTripCustomer | undefined) => {
    effects.length = 0;
    const answer = await isAlive(room, of.session, number ?? ("" as OneTripCustomer));
    return JSON.stringify({ answer, effects });
  };
  const random = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex") as OneTripCustomer;
  const never = await answerTo(newTrip(), random);
  expect(await answerTo(over, dead)).toBe(never);
  expect(await answerTo(over, random)).toBe(never);
  expect(await answerTo(left, dropped)).toBe(never);
  expect(await answerTo(trip, random)).toBe(never);
  expect(await answerTo(trip, dead)).toBe(never);
  expect(await answerTo(trip, alive)).toBe(never.replace('"answer":false', '"answer":true'));
  expect(JSON.parse(never)).toMatchObject({ answer: false, effects: [expect.stringContaining("session_links")] });
});
