import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ordered, PrivacyKind } from "../../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../../protocol/rooms/privacy-stores.ts";
import type { Result } from "../../../protocol/result.ts";
import { type IdentityUnderTest, person, startIdentity, valueOf } from "./room.ts";

/** More than two parts of an access file, and more than anybody's own shopping: a number that tills use for everybody. */
const TRIPS = 9_001;

let identity: IdentityUnderTest;
const who = { ...person("regular"), issuedAt: Math.floor(Date.now() / 1000) };
const rights = async <T>(method: string, ...args: unknown[]) =>
  valueOf(await identity.room.call<Result<T, string>>("ForRights", "rights", method, ...args));
const ask = async (kind: PrivacyKind) => {
  const order = { kind, law: null, correction: null, key: null };
  return valueOf(await identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, order)).request;
};

beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.edge("profile", who));
  const database = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
  const customer = await database.prepare("SELECT id FROM customers").first("id");
  await database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO session_links (session, customer, linked, ended)
       SELECT printf('00000000-0000-4000-8000-%012d', i), ?1, i, i + 1 FROM n`,
    )
    .bind(customer, TRIPS)
    .run();
});
afterAll(() => identity.room.stop());

test("an access file has every trip of a person, however many there are", async () => {
  const request = await ask("access");
  const answer = await rights<StoreAnswer>("exported", request, "entities");
  expect(answer).toMatchObject({ outcome: "exported", left: 0 });
  expect(answer.count).toBeGreaterThan(TRIPS);
  await rights("exported", request, "persons");
  await rights("ended", request, "done");
  const file = JSON.parse(valueOf(await identity.edge<Result<string, string>>("accessFile", who, request))) as {
    readonly trips: readonly { readonly session: string }[];
    readonly looks: readonly unknown[];
  };
  expect(new Set(file.trips.map(({ session }) => session)).size).toBe(TRIPS);
  expect(file.looks.length).toBeGreaterThan(0);
});

test("an erasure is given every trip to forget, and leaves none of the links", async () => {
  const request = await ask("erasure");
  expect(await rights<readonly object[]>("trips", request)).toHaveLength(TRIPS);
  expect(await rights<StoreAnswer>("erase", request, "entities")).toMatchObject({ left: 0 });
});
