import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import { parseVerifierKey } from "../../protocol/tlog/note.ts";
import { runningSource } from "../../tools/audit/source.ts";
import { verifySource } from "../../tools/audit/verify.ts";
import type { LogName } from "../../tools/platform/log-keys.ts";
import { seededRandom } from "../../tools/cart/lossy-channel.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { fetchReceipt } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { steadfastShopper, type SteadfastTrip } from "./steadfast.ts";
import { planStrikes, Striker } from "./strikes.ts";
import { booked, payOnce, taken } from "./till.ts";

const SEED = Number(process.env["CRASH_SEED"] ?? 20);
const SHOPPERS = 3;
const TRIPS = 12;
const ITEMS = 6;

const pieces = (cell: "us" | "eu") =>
  [...sampleCatalogue(cell).values()]
    .filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol")
    .map(({ gtin }) => gtin);

describe(`workerd killed in the middle of trips (seed ${SEED})`, () => {
  const random = seededRandom(SEED);
  const codes = pieces("eu");
  const trips: SteadfastTrip[] = [];
  const receipts: Receipt[] = [];
  let platform: CellUnderTest;
  let striker: Striker;

  beforeAll(async () => {
    platform = await startCellUnderTest("eu");
    const once = (strikes: number) => ({ strikes, calls: TRIPS });
    const wanted = {
      unlock: once(2),
      open: once(2),
      identify: { strikes: 3, calls: (TRIPS * 2) / 3 },
      scan: { strikes: 7, calls: TRIPS * ITEMS },
      checkout: once(3),
      payment: once(5),
      close: once(2),
    };
    striker = new Striker(platform.running, planStrikes(wanted, 3, random));
    const baskets = Array.from({ length: TRIPS }, () =>
      Array.from({ length: ITEMS }, () => codes[Math.floor(random() * codes.length)] ?? ""),
    );
    await Promise.all(
      Array.from({ length: SHOPPERS }, async (_, index) => {
        const shopper = await steadfastShopper(platform.place, index);
        for (let turn = baskets.pop(); turn !== undefined; turn = baskets.pop()) {
          const identify = (["loyalty", "card", "none"] as const)[baskets.length % 3] ?? "none";
          trips.push(await shopper.shop(turn, identify, (phase, call) => striker.during(phase, call)));
        }
      }),
    );
    for (const trip of trips) receipts.push(await fetchReceipt(platform.place.origins.api, trip.receipt));
  });
  afterAll(() => platform.end());

  test("happened more than 20 times, in every part of a trip, most often before the answer", () => {
    expect(striker.done).toHaveLength(24);
    expect(new Set(striker.done.map(({ strike }) => strike.phase)).size).toBe(7);
    expect(new Set(striker.done.map(({ strike }) => strike.host))).toEqual(new Set(["platform", "pay"]));
    expect(striker.done.filter(({ interrupted }) => interrupted).length).toBeGreaterThan(8);
  });

  test("loses no acknowledged scan and books none twice", () => {
    expect(trips).toHaveLength(TRIPS);
    for (const [i, { acknowledged }] of trips.entries()) {
      expect(acknowledged).toHaveLength(ITEMS);
      expect(quantities(receipts[i])).toEqual(counted(acknowledged));
    }
  });

  test("charges each hand-off once, with what the receipt says", async () => {
    expect(new Set(trips.map(({ handoff }) => handoff)).size).toBe(TRIPS);
    for (const [i, { handoff, payableMinor }] of trips.entries()) {
      const payments = await booked(platform.place, handoff);
      expect(payments).toMatchObject([{ state: "captured", captures: 1, captured_minor: payableMinor }]);
      expect(receipts[i]?.totalMinor).toBe(payableMinor);
    }
  });

  test("leaves one receipt a paid trip, and one sale in the store's own books", async () => {
    const rows = await platform.rows("stores", "RETAIL");
    const receiptRows = rows.filter(({ table }) => table === "receipts");
    expect(receiptRows).toHaveLength(TRIPS);
    expect(new Map(receiptRows.map((row) => [row["handoff"], row["reference"]]))).toEqual(
      new Map(trips.map((trip) => [trip.handoff, trip.receipt])),
    );
    const saleRows = rows.filter(({ table }) => table === "sales");
    expect(saleRows).toHaveLength(TRIPS);
    expect(new Map(saleRows.map((row) => [row["handoff"], row["state"]]))).toEqual(
      new Map(trips.map(({ handoff }) => [handoff, "booked"])),
    );
    const sales = await salesOfPos(platform);
    expect(sales.map(({ total_minor }) => total_minor).sort(ascending)).toEqual(
      trips.map(({ payableMinor }) => payableMinor).sort(ascending),
    );
    expect(new Set(receipts.map(({ pos }) => pos.transaction)).size).toBe(TRIPS);
  });

  test("lets whoever was known stay known", () => {
    const identified = trips.map((trip) => trip.identified);
    expect(identified.filter((each) => each === "linked").length).toBe((TRIPS * 2) / 3);
    expect(identified).not.toContain("unlinked");
  });

  test("leaves both logs whole", async () => {
    for (const log of ["platform", "cde"] as const) {
      const whole = await verified(platform, log);
      expect(whole).toMatchObject({ ok: true });
      expect(whole.ok ? whole.value.checkpoint.size : 0).toBeGreaterThan(0);
    }
  });
});

describe("a cell that was stopped and started again", () => {
  test("still has its receipts, its audit log and its open sessions", async () => {
    const [milk = "", bread = ""] = pieces("us");
    const before = await startCellUnderTest("us");
    const cart = await switchOn(before.place, 0);
    const here = await around(before.place, 0, false);
    taken("attestation", await cart.attest(here.beacon));
    taken("open", await cart.open());
    taken("scan", await cart.scan(milk));
    const first = await payOnce(cart, { place: before.place, around: here });
    taken("close", await cart.close());
    const receipt = await fetchReceipt(before.place.origins.api, first.answer.receipt ?? "");
    taken("open", await cart.open());
    taken("loyalty", await cart.identify("loyalty", here.loyalty));
    taken("scan", await cart.scan(milk));
    const log = await verified(before, "platform");
    const { session } = cart;

    const platform = await before.restart();
    try {
      expect(await fetchReceipt(platform.place.origins.api, receipt.reference)).toEqual(receipt);
      expect(await verified(platform, "platform", log.ok ? log.value.note : "")).toMatchObject({ ok: true });
      taken("scan", await cart.scan(bread));
      const second = await payOnce(cart, { place: platform.place, around: here });
      expect(cart.session).toBe(session);
      taken("close", await cart.close());
      const bought = await fetchReceipt(platform.place.origins.api, second.answer.receipt ?? "");
      expect(quantities(bought)).toEqual(counted([milk, bread]));
    } finally {
      await platform.end();
    }
  });
});

const ascending = (a: number, b: number) => a - b;

/** Pieces by GTIN-14. */
function quantities(receipt: Receipt | undefined): Record<string, number> {
  return Object.fromEntries((receipt?.lines ?? []).map(({ item, quantity }) => [item, quantity]));
}

function counted(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code.padStart(14, "0")] = (counts[code.padStart(14, "0")] ?? 0) + 1;
  return counts;
}

async function salesOfPos({ place }: CellUnderTest): Promise<readonly { readonly total_minor: number }[]> {
  const response = await fetch(`${place.origins.pos}/v1/sales/${place.store.store}`, {
    headers: { authorization: `Bearer ${place.keys.secrets["POS_KEY"] ?? ""}` },
  });
  return ((await response.json()) as { sales: { total_minor: number }[] }).sales;
}

async function verified({ cell, place }: CellUnderTest, log: LogName, kept?: string) {
  const key = await parseVerifierKey(place.keys.outside.logKeys.logs[log]);
  if (!key.ok) throw new Error(key.reason);
  const origin = log === "platform" ? place.origins.ops : place.origins.pay;
  return verifySource(log, key.value, runningSource(cell, log, place.keys, origin), kept);
}
