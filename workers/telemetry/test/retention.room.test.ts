import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Purged } from "../../../protocol/rooms/retention.ts";
import type { Result } from "../../../protocol/result.ts";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";

let room: RoomUnderTest;
const purge = async (purgeClass: string, now: string) => {
  const done = await room.call<Result<Purged, string>>("ForSessions", "sessions", "purge", purgeClass, Date.parse(now));
  if (!done.ok) throw new Error(done.reason);
  return done.value;
};
const rows = async <T>(sql: string) => {
  const database = await room.miniflare.getD1Database("TELEMETRY_DB", room.worker);
  return (await database.prepare(sql).all<T>()).results;
};
const objects = async () => {
  const bucket = await room.miniflare.getR2Bucket("SEGMENTS", room.worker);
  return (await bucket.list()).objects.map((each) => each.key);
};

beforeAll(async () => {
  room = await startRoom("telemetry");
});
afterAll(() => room.stop());

/** A trip of a store on a day, as the session's object delivers it. */
function trip(store: string, day: string, minor: number, how = "closed", currency = "EUR") {
  const session = crypto.randomUUID();
  const at = Date.parse(`${day}T10:00:00Z`);
  return {
    store,
    cart: "0123456789abcdef0123456789abcdef",
    session,
    key: session,
    events: [
      { kind: "scan", at, item: "04006381333931", quantity: 1 },
      { kind: "ended", at, how, totalMinor: minor, currency, lines: 1, rowsWritten: 9, rowsRead: 9 },
    ],
  };
}

const deliver = async (...trips: object[]) => {
  for (const each of trips)
    expect(await room.call("ForSessions", "sessions", "deliver", each)).toMatchObject({ ok: true });
};

describe("Tier 1 grows old", () => {
  it("seven years go by month after month: events for 18 months, aggregates of ten trips for five years, then nothing", async () => {
    const months = Array.from({ length: 84 }, (_, i) => new Date(Date.UTC(2020, i, 1)).toISOString().slice(0, 7));
    // The counts of each month, as twelve trips leave them in one store and nine in another; a trip each half year.
    await fill(months);
    for (const month of months.filter((_, i) => i % 6 === 0)) await deliver(trip("eu-alone", `${month}-01`, 100));
    for (const month of months.filter((_, i) => i % 3 === 2)) {
      const now = `${month}-28T00:00:00Z`;
      for (const purgeClass of ["segments", "daily", "monthly"]) {
        const done = await purge(purgeClass, now);
        expect(done.overdueLeft).toBe(0);
        if (month === "2023-12") expect(await purge(purgeClass, now)).toEqual({ ...done, purged: 0 });
      }
    }
    const [daily] = await rows<{ first: string }>("SELECT min(day) AS first FROM daily");
    expect(daily?.first).toBe("2025-06-02");
    expect((await objects()).map((key) => key.split("/")[2] ?? "").toSorted()[0]).toBe("2025-07-01");
    const monthly = await rows<{ store: string; month: string; trips: number }>(
      "SELECT store, month, trips FROM monthly ORDER BY month",
    );
    expect([monthly[0]?.month, monthly.at(-1)?.month]).toEqual(["2021-12", "2025-05"]);
    expect(new Set(monthly.map(({ store }) => store))).toEqual(new Set(["eu-big"]));
    expect(monthly.every(({ trips }) => trips === 12)).toBe(true);
    const takings = await rows<{ month: string; store: string }>("SELECT month, store FROM monthly_takings");
    expect(takings.map(({ month }) => month).toSorted()).toEqual(monthly.map(({ month }) => month));
    // A session's id is nowhere any more once its events are gone.
    const keys = await rows<{ day: string }>("SELECT day FROM segments");
    expect(keys.map(({ day }) => day).toSorted()[0]).toBe("2025-07-01");

    await purge("segments", "2040-01-01T00:00:00Z");
    await purge("daily", "2040-01-01T00:00:00Z");
    expect(await purge("monthly", "2040-01-01T00:00:00Z")).toMatchObject({ overdueLeft: 0, oldestLeft: null });
    for (const table of ["segments", "daily", "takings", "monthly", "monthly_takings"])
      expect(await rows(`SELECT * FROM ${table}`)).toEqual([]);
    expect(await objects()).toEqual([]);
  });

  it("takes a class that is not its own for a bug", async () => {
    await expect(purge("pairing_codes", "2026-01-01T00:00:00Z")).rejects.toThrow();
    await expect(purge("no_such_class", "2026-01-01T00:00:00Z")).rejects.toThrow();
  });
});

describe("what is left of a month tells of no group under ten", () => {
  const DAY = "2026-01-15";
  const LATER = "2027-08-01T00:00:00Z";
  const trips = (store: string, count: number, how = "closed", currency = "EUR") =>
    deliver(...Array.from({ length: count }, () => trip(store, DAY, 100, how, currency)));
  const monthly = (store: string) =>
    rows(`SELECT trips, abandoned, walked_out FROM monthly WHERE store = '${store}' ORDER BY month`);
  const takings = (store: string) =>
    rows(`SELECT currency, minor FROM monthly_takings WHERE store = '${store}' ORDER BY currency`);

  it("drops takings of one basket among nine carts that were left", async () => {
    await trips("eu-left", 9, "abandoned");
    await trips("eu-left", 1);
    await purge("daily", LATER);
    expect(await monthly("eu-left")).toMatchObject([{ trips: 10 }]);
    expect(await takings("eu-left")).toEqual([]);
  });

  it("drops the one trip that was paid in another currency", async () => {
    await trips("eu-border", 12);
    await trips("eu-border", 1, "closed", "USD");
    await purge("daily", LATER);
    expect(await monthly("eu-border")).toMatchObject([{ trips: 13 }]);
    expect(await takings("eu-border")).toEqual([{ currency: "EUR", minor: 1200 }]);
  });

  it("counts no voided trip to those that paid", async () => {
    await trips("eu-voided", 9);
    await trips("eu-voided", 3, "voided");
    await purge("daily", LATER);
    expect(await monthly("eu-voided")).toMatchObject([{ trips: 12 }]);
    expect(await takings("eu-voided")).toEqual([]);
  });

  it("keeps takings of ten trips, and drops those of days whose trips were not counted yet", async () => {
    await trips("eu-ten", 10);
    await rows(`INSERT INTO daily (store, day, trips) VALUES ('eu-old', '${DAY}', 40)`);
    await rows(`INSERT INTO takings (store, day, currency, minor) VALUES ('eu-old', '${DAY}', 'EUR', 4000)`);
    await purge("daily", LATER);
    expect(await takings("eu-ten")).toEqual([{ currency: "EUR", minor: 1000 }]);
    expect(await takings("eu-old")).toEqual([]);
    // What comes late is a group of its own: nothing is added that a look before and after would tell apart.
    await trips("eu-ten", 9);
    await trips("eu-ten", 1, "abandoned");
    await purge("daily", LATER);
    expect(await monthly("eu-ten")).toMatchObject([{ trips: 20 }]);
    expect(await takings("eu-ten")).toEqual([{ currency: "EUR", minor: 1000 }]);
  });

  it.each([
    ["too few", { abandoned: 9, walked_out: 0, closed: 20 }, { trips: 29, abandoned: 0, walked_out: 0 }],
    ["all but a few", { abandoned: 11, walked_out: 0, closed: 1 }, { trips: 12, abandoned: 0, walked_out: 0 }],
    ["two that leave few", { abandoned: 10, walked_out: 10, closed: 5 }, { trips: 25, abandoned: 10, walked_out: 0 }],
    ["ten each", { abandoned: 10, walked_out: 11, closed: 12 }, { trips: 33, abandoned: 10, walked_out: 11 }],
  ])("gives no ending's count that is of %s, itself or by subtraction", async (name, ends, expected) => {
    const store = `eu-${name.replaceAll(" ", "-")}`;
    for (const [how, count] of Object.entries(ends)) await trips(store, count, how);
    await purge("daily", LATER);
    expect(await monthly(store)).toEqual([expected]);
  });
});

async function fill(months: readonly string[]): Promise<void> {
  const database = await room.miniflare.getD1Database("TELEMETRY_DB", room.worker);
  const counts = database.prepare("INSERT INTO daily (store, day, trips, scans) VALUES (?, ?, ?, ?)");
  const takings = database.prepare(
    "INSERT INTO takings (store, day, currency, minor, trips) VALUES (?, ?, 'EUR', ?, ?)",
  );
  const stores = [
    ["eu-big", 12],
    ["eu-small", 9],
  ] as const;
  await database.batch(
    months.flatMap((month) =>
      stores.flatMap(([store, trips]) => [
        counts.bind(store, `${month}-02`, trips - 3, trips),
        counts.bind(store, `${month}-17`, 3, 3),
        takings.bind(store, `${month}-02`, trips * 100, trips),
      ]),
    ),
  );
}
