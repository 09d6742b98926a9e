import { afterAll, beforeAll, expect, test } from "vitest";
import type { Purged } from "../../../protocol/rooms/retention.ts";
import type { Result } from "../../../protocol/result.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);

let room: RoomUnderTest;
beforeAll(async () => {
  room = await startRoom("stores", { secrets: { POS_KEY: "k" }, vars: { POS_HOSTS: "pos.example" } });
});
afterAll(() => room.stop());

const purge = async (purgeClass: string, now: number) => {
  const done = await room.call<Result<Purged, string>>("ForSessions", "sessions", "purge", purgeClass, now);
  if (!done.ok) throw new Error(done.reason);
  return done.value;
};
const reference = (n: number) => String(n).padStart(22, "R");

/** A sale and its receipt, as they lie there after a trip. */
async function sold(n: number, issued: number): Promise<void> {
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  const handoff = crypto.randomUUID();
  await database.batch([
    database
      .prepare(
        "INSERT INTO sales (handoff, store, session, cart, digest, reference, state, total_minor, currency, intent_at) VALUES (?, 'eu-demo', ?, 'c', 'd', ?, 'booked', 100, 'EUR', ?)",
      )
      .bind(handoff, crypto.randomUUID(), reference(n), issued),
    database
      .prepare(
        "INSERT INTO receipts (reference, store, handoff, number, issued_at, expires) VALUES (?, 'eu-demo', ?, ?, ?, ?)",
      )
      .bind(reference(n), handoff, `n-${n}`, issued, issued + 30 * DAY),
  ]);
  await (await room.miniflare.getR2Bucket("RECEIPTS", room.worker)).put(reference(n), JSON.stringify({ number: n }));
}
const left = async () => {
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  const names = async (table: string) =>
    (
      await database.prepare(`SELECT reference FROM ${table} ORDER BY reference`).all<{ reference: string }>()
    ).results.map((row) => row.reference);
  const objects = (await (await room.miniflare.getR2Bucket("RECEIPTS", room.worker)).list()).objects;
  return {
    sales: await names("sales"),
    receipts: await names("receipts"),
    objects: objects.map(({ key }) => key).toSorted(),
  };
};

test("receipts, their sales and sales that came to nothing go after 25 months, in bounded calls, and younger ones stay", async () => {
  for (let n = 1; n <= 100; n += 1) await sold(n, NOW - 800 * DAY);
  await sold(200, NOW - 700 * DAY);
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  await database
    .prepare(
      "INSERT INTO sales (handoff, store, session, cart, digest, reference, state, total_minor, currency, intent_at) VALUES ('h', 'eu-demo', 's', 'c', 'd', ?, 'intent', 1, 'EUR', ?)",
    )
    .bind(reference(300), NOW - 800 * DAY)
    .run();
  expect(await purge("receipts", NOW)).toMatchObject({ purged: 90, overdueLeft: 10 });
  expect(await purge("receipts", NOW)).toEqual({
    class: "receipts",
    purged: 10,
    overdueLeft: 0,
    oldestLeft: NOW - 700 * DAY,
  });
  const young = [reference(200)];
  expect(await left()).toEqual({ sales: young, receipts: young, objects: young });
  expect(await purge("receipts", NOW)).toMatchObject({ purged: 0, overdueLeft: 0 });
});

test("what fiscal law keeps outlives its receipt and ends by its own day", async () => {
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  await database
    .prepare(
      "INSERT INTO fiscal_holds (reference, store, jurisdiction, record_class, law, fields, record, begun, until) VALUES (?, 'eu-demo', 'DE', 'sales_receipt', 'a law', 'number', '{}', 0, '2034-12-31')",
    )
    .bind(reference(200))
    .run();
  expect(await purge("receipts", NOW + 365 * DAY)).toMatchObject({ purged: 1, oldestLeft: null });
  expect(await purge("fiscal_sales_receipt", Date.UTC(2034, 11, 31, 12))).toEqual({
    class: "fiscal_sales_receipt",
    purged: 0,
    overdueLeft: 0,
    oldestLeft: Date.UTC(2034, 11, 31),
  });
  expect(await purge("fiscal_sales_receipt", Date.UTC(2035, 0, 2))).toMatchObject({ purged: 1, oldestLeft: null });
});

test("a sale stays while a correction of it does, which came later, and goes with the last receipt", async () => {
  const month = (n: number) => Date.UTC(2030, n, 10, 12);
  await sold(400, month(0));
  const database = await room.miniflare.getD1Database("RETAIL", room.worker);
  await database
    .prepare(
      "INSERT INTO receipts (reference, store, handoff, number, issued_at, expires) SELECT ?, store, handoff, 'n-401', ?, ? FROM receipts WHERE reference = ?",
    )
    .bind(reference(401), month(20), month(21), reference(400))
    .run();
  await (await room.miniflare.getR2Bucket("RECEIPTS", room.worker)).put(reference(401), "{}");
  expect(await purge("receipts", month(26))).toMatchObject({ overdueLeft: 0, oldestLeft: month(20) });
  expect(await left()).toEqual({
    sales: [reference(400)],
    receipts: [reference(401)],
    objects: [reference(401)],
  });
  expect(await purge("receipts", month(46))).toMatchObject({ purged: 1, overdueLeft: 0, oldestLeft: null });
  expect(await left()).toEqual({ sales: [], receipts: [], objects: [] });
});

test("a class of another room is a bug", async () => {
  for (const wrong of ["daily", "accounts", "nothing"]) await expect(purge(wrong, NOW)).rejects.toThrow();
});
