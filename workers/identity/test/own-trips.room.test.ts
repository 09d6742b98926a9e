import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoyaltyCard, OwnTrips } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, newTrip, person, startIdentity, valueOf } from "./room.ts";

let identity: IdentityUnderTest;
beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops<Result<undefined, string>>("registerLoyaltyFormat", LOYALTY));
});
afterAll(() => identity.room.stop());

const page = (who: string, before: string | null = null) =>
  identity.edge<Result<OwnTrips, string>>("ownTrips", person(who), before);

async function all(who: string): Promise<{ sessions: readonly string[]; pages: number }> {
  const sessions: string[] = [];
  let [next, pages]: [string | null, number] = [null, 0];
  do {
    const read: OwnTrips = valueOf(await page(who, next));
    sessions.push(...read.sessions);
    next = read.next;
    pages += 1;
  } while (next !== null);
  return { sessions, pages };
}

/** A person with a number, by which trips become theirs. */
async function shopper(who: string, serial: number): Promise<(trip: ReturnType<typeof newTrip>) => Promise<unknown>> {
  valueOf(await identity.edge<Result<LoyaltyCard, string>>("addLoyaltyCard", person(who), loyaltyNumber(serial)));
  return (trip) => identity.sessions("byLoyalty", trip, loyaltyNumber(serial));
}

test("a person's trips come newest first in pages, each once, also when many began in one millisecond", async () => {
  const shop = await shopper("ann", 1);
  const first = newTrip();
  await shop(first);
  const text = await identity.rows("ENTITIES");
  const customer = /"customer":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? "";
  const now = Date.now();
  for (let n = 1; n <= 60; n += 1)
    await identity.run(
      "ENTITIES",
      "INSERT INTO session_links (session, customer, linked, ended) VALUES (?, ?, ?, ?)",
      newTrip().session,
      customer,
      now + 1_000 * Math.floor(n / 25),
      now,
    );
  const { sessions, pages } = await all("ann");
  expect(pages).toBe(4);
  expect(sessions).toHaveLength(61);
  expect(new Set(sessions).size).toBe(61);
  expect(sessions.at(-1)).toBe(first.session);
});

test("another person's trips, an unlinked one and a stranger's are in nobody else's list", async () => {
  const [bea, cai] = [await shopper("bea", 2), await shopper("cai", 3)];
  const [of, left, other] = [newTrip(), newTrip(), newTrip()];
  await bea(of);
  await bea(left);
  await cai(other);
  await identity.sessions("unlink", left);
  await identity.sessions("end", of.session);
  await identity.sessions("end", left.session);
  expect((await all("bea")).sessions).toEqual([of.session]);
  expect((await all("cai")).sessions).toEqual([other.session]);
  expect((await all("dov")).sessions).toEqual([]);
});

test("a cursor leads nobody to another's trips, holds no digit, and is refused when it is none of ours", async () => {
  const { next } = valueOf(await page("ann"));
  expect(next).toMatch(/^[a-p]{44}$/);
  expect(valueOf(await page("cai", next)).sessions.every((each) => typeof each === "string")).toBe(true);
  const ann = new Set((await all("ann")).sessions);
  expect(valueOf(await page("cai", next)).sessions.filter((each) => ann.has(each))).toEqual([]);
  for (const bad of ["", "a", "q".repeat(44), "a".repeat(43), `${next}a`])
    expect(await page("ann", bad)).toEqual({ ok: false, reason: "invalid" });
});

test("is in the audit log before a trip is read, and without the log nothing is", async () => {
  const before = (await identity.acts()).length;
  await page("bea");
  const [act] = (await identity.acts()).slice(before);
  expect(act).toMatchObject({ kind: "tier_join", from: "ForEdge.ownTrips" });
  expect(act?.detail).toMatchObject({ purpose: "receipts_show", fields: "session" });
  await identity.audit("refusing");
  expect(await page("bea")).toEqual({ ok: false, reason: "unavailable" });
  await identity.audit("up");
});
