import { drizzle } from "drizzle-orm/d1";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CalendarDate } from "../../../protocol/calendar/date.ts";
import type { ReceiptReference } from "../../../protocol/ids.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { purgeHolds } from "../fiscal-holds.ts";
import { fiscalHolds } from "../schema.ts";
import { EU_STORE } from "./fixtures.ts";

let room: RoomUnderTest;
let retail: DrizzleD1Database;
beforeAll(async () => {
  room = await startRoom("stores", { secrets: { POS_KEY: "k" }, vars: { POS_HOSTS: "pos.example" } });
  retail = drizzle((await room.miniflare.getD1Database("RETAIL", room.worker)) as never);
});
afterAll(() => room.stop());

async function hold(number: number, until: string): Promise<void> {
  await retail.insert(fiscalHolds).values({
    reference: String(number).padStart(22, "R") as ReceiptReference,
    store: EU_STORE.store,
    jurisdiction: "DE",
    recordClass: "sales_receipt",
    law: "a law",
    fields: "number",
    record: "{}",
    begun: 0,
    until: until as CalendarDate,
  });
}

test("a hold is deleted for good after its last day, not on it, with a proof of what went and what is left", async () => {
  await hold(1, "2033-12-31");
  await hold(2, "2034-12-31");
  await hold(3, "2035-12-31");
  const purge = (year: number, day: number) => purgeHolds(retail, Date.UTC(year, 0, day, 12));
  const proof = { class: "fiscal_sales_receipt", overdueLeft: 0 };
  expect(await purge(2033, 31)).toEqual({ ok: true, value: [{ ...proof, purged: 0, oldestLeft: "2033-12-31" }] });
  expect(await purgeHolds(retail, Date.UTC(2033, 11, 31, 23))).toMatchObject({ value: [{ purged: 0 }] });
  expect(await purge(2035, 1)).toEqual({ ok: true, value: [{ ...proof, purged: 2, oldestLeft: "2035-12-31" }] });
  expect((await retail.select({ until: fiscalHolds.until }).from(fiscalHolds)).map(({ until }) => until)).toEqual([
    "2035-12-31",
  ]);
  expect(await purge(2036, 2)).toEqual({ ok: true, value: [{ ...proof, purged: 1, oldestLeft: null }] });
  expect(await purge(2036, 2)).toEqual({ ok: true, value: [] });
});
