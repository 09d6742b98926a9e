import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CalendarDate } from "../../../protocol/calendar/date.ts";
import type { Result } from "../../../protocol/result.ts";
import type { Member } from "../../../protocol/rooms/identity.ts";
import { isolate } from "./isolate-under-test.ts";
import { collectPart } from "../access-parts.ts";
import { exportOwn } from "../access-export.ts";
import { importMembers } from "../members.ts";
import { createLetter } from "../privacy-orders.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, newTrip, startIdentity, valueOf } from "../test/room.ts";

const KEYS = {
  IDENTITY_KEK: Buffer.alloc(32, 21).toString("base64"),
  IDENTITY_INDEX_KEY: Buffer.alloc(32, 41).toString("base64"),
};
const UNAVAILABLE = { ok: false, reason: "unavailable" };

let identity: IdentityUnderTest;
let serial = 0;
beforeAll(async () => {
  identity = await startIdentity(undefined, undefined, KEYS);
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
});
afterAll(() => identity.room.stop());
beforeEach(() => identity.audit("up"));

type Imported = Result<{ added: number; refused: readonly object[] }, string>;
const bring = (members: readonly Member[]) => identity.ops<Imported>("importMembers", members);
const rowsOf = async (binding: "ENTITIES" | "PERSONS", from: string): Promise<readonly Record<string, unknown>[]> => {
  const db = await identity.room.miniflare.getD1Database(binding, identity.room.worker);
  return (await db.prepare(`SELECT * FROM ${from}`).all()).results;
};
const newest = async () =>
  String((await rowsOf("ENTITIES", "loyalty_numbers ORDER BY added DESC LIMIT 1"))[0]?.["customer"]);

/** A member whose import broke off when their record was to be written, and the row that it was. */
async function brokenOff(): Promise<{ member: Member; customer: string }> {
  serial += 1;
  const member = { loyalty: loyaltyNumber(700 + serial), email: null, name: null, phone: null, nickname: `N${serial}` };
  const trigger = "CREATE TRIGGER broken BEFORE INSERT ON persons BEGIN SELECT RAISE(ABORT, 'down'); END";
  await identity.run("PERSONS", trigger);
  expect(await bring([member])).toEqual(UNAVAILABLE);
  await identity.run("PERSONS", "DROP TRIGGER broken");
  return { member, customer: await newest() };
}

test("a member whose import broke off before their record is completed by the same list, once", async () => {
  const { member, customer } = await brokenOff();
  const whole = { ...member, name: "Given Now" };
  expect(valueOf(await bring([whole]))).toEqual({ added: 1, refused: [] });
  expect(await identity.sessions("byLoyalty", newTrip(), member.loyalty)).toMatchObject({
    value: { status: "linked", nickname: member.nickname },
  });
  expect((await identity.acts()).filter(({ detail }) => detail?.["purpose"] === "member_import")).toHaveLength(2);
  expect(await rowsOf("ENTITIES", `disclosures WHERE customer = '${customer}'`)).toMatchObject([
    { retailer: LOYALTY.retailer, fields: "loyalty nickname name" },
  ]);
  expect(valueOf(await bring([whole]))).toEqual({ added: 0, refused: [{ row: 1, reason: "taken" }] });
});

test("nothing of them is written without an audit entry", async () => {
  const { member, customer } = await brokenOff();
  await identity.audit("refusing");
  expect(await bring([member])).toEqual(UNAVAILABLE);
  expect(await rowsOf("PERSONS", `persons WHERE id = '${customer}'`)).toEqual([]);
  await identity.audit("up");
  expect(valueOf(await bring([member])).added).toBe(1);
});

test("the same list four times at once completes them once", async () => {
  const { member } = await brokenOff();
  const answers = await Promise.all(Array.from({ length: 4 }, () => bring([member])));
  expect(answers.map((answer) => valueOf(answer).added).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 1]);
});

test("one whose erasure begins meanwhile is not written back", async () => {
  const { member, customer } = await brokenOff();
  const room = await isolate(identity, KEYS);
  const racing = {
    ...room,
    trail: {
      ...room.trail,
      join: async () => {
        await identity.run("ENTITIES", "DELETE FROM customers WHERE id = ?", customer);
        return true;
      },
    },
  };
  expect(valueOf(await importMembers(racing, [member]))).toEqual({ added: 0, refused: [{ row: 1, reason: "taken" }] });
  expect(await rowsOf("PERSONS", `persons WHERE id = '${customer}'`)).toEqual([]);
});

test("one who asks by letter has their access file, with what there is", async () => {
  const { member } = await brokenOff();
  const room = await isolate(identity, KEYS);
  const order = { kind: "access", law: null, correction: null } as const;
  const asked = valueOf(await createLetter(room, member.loyalty, order, "2026-11-02" as CalendarDate, "pat"));
  valueOf(await collectPart(room, asked.request, "sessions", 0, '{"baskets":[{}]}'));
  expect(valueOf(await exportOwn(room, asked.request, "entities"))).toMatchObject({ outcome: "exported", left: 0 });
  expect(valueOf(await exportOwn(room, asked.request, "persons"))).toMatchObject({ count: 0, left: 0 });
  expect(valueOf(await bring([member])).added).toBe(1);
});
