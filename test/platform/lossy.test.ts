import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CartEvent } from "../../protocol/cart/messages.ts";
import type { DailyRollup } from "../../protocol/rooms/telemetry.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { LossyChannel, seededRandom } from "../../tools/cart/lossy-channel.ts";
import type { CartOptions } from "../../tools/cart/options.ts";
import type { KeptFrame } from "../../tools/cart/outbox.ts";
import type { Channel, Exchange } from "../../tools/cart/wire.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { fetchReceipt, type Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { payOnce, taken } from "./till.ts";

const CELL = "eu";
const CODES = [...sampleCatalogue(CELL).values()]
  .filter(({ gtin, taxClass }) => /^\d{13}$/.test(gtin) && taxClass !== "alcohol")
  .map(({ gtin }) => gtin);
const code = (index: number) => CODES[index % CODES.length] ?? "";
/** How long a session that is over still answers, and a margin for its alarm. */
const LINGER_MS = 60_000;

let platform: CellUnderTest;
/** What telemetry must come to: every trip of this file. */
const told = { trips: 0, scans: 0, removals: 0, revenueMinor: 0 };
const customers: string[] = [];
let firstDay = "";

beforeAll(async () => {
  firstDay = today();
  // A trip is kept until no terminal can take its hand-off up any more: here no longer than it lingers for repeats.
  platform = await startCellUnderTest(CELL, { vars: { sessions: { HANDOFF_SECONDS: "30" } } });
});
afterAll(() => platform.end());

const today = () => new Date().toISOString().slice(0, 10);

interface OnTrip {
  readonly cart: CartClient;
  readonly here: Surroundings;
  readonly session: string;
}

async function onTrip(index: number, options: Partial<CartOptions> = {}): Promise<OnTrip> {
  const cart = await switchOn(platform.place, index, options);
  taken("attestation", await cart.attest((await around(platform.place, index, false)).beacon));
  return goOn(cart, index);
}

/** The next trip of a cart that is switched on. */
async function goOn(cart: CartClient, index: number): Promise<OnTrip> {
  const here = await around(platform.place, index, false);
  const { session } = taken("open", await cart.open());
  const linked = taken("identity", await cart.identify("loyalty", here.loyalty));
  if (linked.status === "linked") customers.push(linked.customer);
  return { cart, here, session };
}

/** Pays and closes, and counts the trip. */
async function finish({ cart, here }: OnTrip, scans: number, removals = 0): Promise<Receipt> {
  const paid = await payOnce(cart, { place: platform.place, around: here });
  taken("close", await cart.close());
  expect(cart.pending).toEqual([]);
  told.trips += 1;
  told.scans += scans;
  told.removals += removals;
  told.revenueMinor += paid.totalMinor;
  return fetchReceipt(here.apiOrigin, paid.answer.receipt ?? "");
}

/** What must be the same of two receipts of one basket. */
const goods = ({ lines, taxes, totalMinor }: Receipt) => ({ lines, taxes, totalMinor });

const scanOf = (text: string, quantity = 1): CartEvent => ({
  kind: "scan",
  code: text,
  quantity,
  at: null,
  grams: null,
});

/** One shopper's acts, each a frame: goods taken twice, put back, weighed, and a cart that reports its health. */
const ACTS: readonly (readonly CartEvent[])[] = [
  [scanOf(code(0))],
  [scanOf(code(1), 3)],
  [scanOf(code(0))],
  [{ kind: "health", batteryPercent: 71, rssiDbm: -90, at: null }],
  [scanOf(code(2)), scanOf(code(3)), scanOf(code(4))],
  [{ kind: "remove", line: 2, quantity: 1, at: null }],
  [{ kind: "scan", code: "4011", quantity: 1, at: null, grams: 730 }],
  [scanOf(code(5))],
  [{ kind: "remove", line: 4, quantity: null, at: null }],
  [scanOf(code(3))],
  [scanOf(platformLabel())],
  [scanOf(code(6)), { kind: "remove", line: 1, quantity: 1, at: null }],
  [scanOf(code(1))],
  [scanOf(code(7))],
];
const SCANS = ACTS.flat().filter(({ kind }) => kind === "scan").length;
const REMOVALS = ACTS.flat().filter(({ kind }) => kind === "remove").length;

/** The counter label of the sample store in the EU: 350 g of cheese. */
function platformLabel(): string {
  return "2112345003504";
}

let clean: Receipt;

/** A trip of 25 items by a cart that has been awake before; its session tells what it wrote when it is gone. */
let measured: { readonly session: string; readonly ofCart: number };

beforeAll(async () => {
  const serial = platform.store.carts[5]?.serial ?? "";
  const idle = await onTrip(5);
  taken("close", await idle.cart.close());
  told.trips += 1;
  const before = await rowsWrittenByCart(serial);
  const trip = await goOn(idle.cart, 5);
  for (let item = 0; item < 25; item += 1) taken("scan", await trip.cart.scan(code(item)));
  await finish(trip, 25);
  measured = { session: trip.session, ofCart: (await rowsWrittenByCart(serial)) - before };
});

describe("whatever the network does, the basket is the clean run's", () => {
  beforeAll(async () => {
    const trip = await onTrip(0);
    for (const events of ACTS) taken("events", await trip.cart.events(events));
    clean = await finish(trip, SCANS, REMOVALS);
    expect(clean.lines.map(({ quantity }) => quantity)).toEqual([1, 3, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test.each([1, 2, 3, 4, 5])("loses, repeats and reorders by seed %i", async (seed) => {
    const losses = { loseRequest: 0.12, loseAnswer: 0.12, duplicate: 0.12, delay: 0.12 };
    const channel = new LossyChannel(seed, losses);
    const retry = { retries: 40, firstDelayMs: 2, longestDelayMs: 10 };
    const trip = await onTrip(seed % 5, { channel, retry });
    for (const events of ACTS) taken("events", await trip.cart.events(events));
    expect(goods(await finish(trip, SCANS, REMOVALS))).toEqual(goods(clean));
    const { requestsLost, answersLost, duplicated, delayed } = channel.counts;
    expect(Math.min(requestsLost + delayed, answersLost, duplicated)).toBeGreaterThan(0);
  });

  test.each([11, 12, 13])("frames that were kept arrive in any order, many at once, by seed %i", async (seed) => {
    const trip = await onTrip(seed % 5);
    const frames: KeptFrame[] = [];
    for (const events of ACTS) {
      const frame = await trip.cart.prepare("events", { events });
      if (frame !== null) frames.push(frame);
    }
    const order = shuffled(frames, seed);
    expect(order.map(({ seq }) => seq)).not.toEqual(frames.map(({ seq }) => seq));
    const answers = await Promise.all(order.map((frame) => trip.cart.deliver(frame)));
    expect(answers.map((answer) => answer?.status)).toEqual(ACTS.map(() => 200));
    expect(goods(await finish(trip, SCANS, REMOVALS))).toEqual(goods(clean));
  });
});

describe("a cart that was out of reach", () => {
  /** 450 scans in three frames, of which two hold as much as a frame may. */
  const BATCHES = [200, 200, 50].map((size, batch) =>
    Array.from({ length: size }, (_, i) => scanOf(code(batch * 200 + i))),
  );
  const retry = { retries: 0, firstDelayMs: 1, longestDelayMs: 1 };

  test.each([
    ["in order", (frames: readonly KeptFrame[]) => [...frames]],
    ["last first", (frames: readonly KeptFrame[]) => frames.toReversed()],
  ])("sends what it kept %s and loses nothing", async (_order, arrange) => {
    const link = new Link();
    const trip = await onTrip(3, { channel: link, retry });
    taken("scan", await trip.cart.scan(code(0)));
    link.up = false;
    for (const events of BATCHES)
      expect(await trip.cart.events(events)).toMatchObject({ ok: false, reason: "offline" });
    expect(trip.cart.pending).toHaveLength(BATCHES.length);
    link.up = true;
    for (const frame of arrange(trip.cart.pending))
      expect(await trip.cart.deliver(frame)).toMatchObject({ status: 200 });
    expect(await trip.cart.flush()).toBe(0);
    taken("scan", await trip.cart.scan(code(1)));
    const receipt = await finish(trip, 452);
    expect(receipt.lines.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(452);
    expect(link.lost).toBeGreaterThanOrEqual(BATCHES.length);
  });

  test("keeps its session and its frames over a power cut", async () => {
    const link = new Link();
    const trip = await onTrip(4, { channel: link, retry });
    taken("scan", await trip.cart.scan(code(0)));
    link.up = false;
    expect(await trip.cart.scan(code(1))).toMatchObject({ ok: false, reason: "offline" });
    trip.cart.reboot();
    link.up = true;
    taken("scan", await trip.cart.scan(code(2)));
    const receipt = await finish(trip, 3);
    expect(receipt.lines.map(({ quantity }) => quantity)).toEqual([1, 1, 1]);
  });
});

test("telemetry counts every trip once, a minute after its end, and knows no shopper", async () => {
  const rollup = async () => {
    const { staff } = await around(platform.place, 0, false);
    const days = await Promise.all(
      [...new Set([firstDay, today()])].map((day) =>
        staff.get<DailyRollup | null>(`/admin/v1/telemetry/${platform.store.store}/${day}`),
      ),
    );
    const sum = (field: keyof typeof told) => days.reduce((all, day) => all + (day?.[field] ?? 0), 0);
    return { trips: sum("trips"), scans: sum("scans"), removals: sum("removals"), revenueMinor: sum("revenueMinor") };
  };
  await expect.poll(rollup, { timeout: LINGER_MS + 30_000, interval: 1_000 }).toEqual(told);
  const segments = await segmentsBelow(`v1/${platform.store.store}/`);
  expect(segments).toHaveLength(told.trips);
  const all = segments.map(({ text }) => text).join("");
  expect(all.split("\n").filter((line) => line.includes('"kind":"ended"'))).toHaveLength(told.trips);

  expect(new Set(customers).size).toBe(told.trips);
  const everything = `${all}${JSON.stringify(await platform.rows("telemetry", "TELEMETRY_DB"))}`;
  expect(customers.filter((customer) => everything.includes(customer))).toEqual([]);
  expect(platform.store.loyaltyNumbers.filter((number) => everything.includes(number))).toEqual([]);
  expect(
    Object.keys(
      Object.assign(
        {},
        ...all
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as object),
      ),
    ),
  ).toEqual(expect.not.arrayContaining(["customer", "oneTrip", "loyalty", "nickname"]));
});

test("a trip of 25 items wrote 40 rows or fewer, its cart's among them", async () => {
  const { session, ofCart } = measured;
  const segment = (await segmentsBelow(`v1/${platform.store.store}/`)).find(({ key }) => key.includes(session));
  const ended = JSON.parse(segment?.text.trim().split("\n").at(-1) ?? "{}") as Ended;
  console.info(`25 items: ${ended.rowsWritten} rows of the session, ${ofCart} of the cart, ${ended.rowsRead} read`);
  expect(ended).toMatchObject({ kind: "ended", how: "closed", lines: 25 });
  expect(ended.rowsWritten).toBeGreaterThan(25);
  expect(ofCart).toBeGreaterThan(0);
  expect(ended.rowsWritten + ofCart).toBeLessThanOrEqual(40);
});

/** A link that is there or is not. */
class Link implements Channel {
  up = true;
  lost = 0;

  deliver(send: () => Promise<Exchange>): Promise<Exchange> {
    if (this.up) return send();
    this.lost += 1;
    return Promise.reject(new Error("no network"));
  }
}

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  return list
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

async function segmentsBelow(prefix: string): Promise<{ readonly key: string; readonly text: string }[]> {
  const bucket = await platform.running.hosts.platform.getR2Bucket("SEGMENTS", `cartwright-telemetry-${CELL}`);
  const { objects, truncated } = await bucket.list({ prefix });
  if (truncated) throw new Error("more segments than one page lists");
  return Promise.all(objects.map(async ({ key }) => ({ key, text: (await (await bucket.get(key))?.text()) ?? "" })));
}

interface Ended {
  readonly rowsWritten: number;
  readonly rowsRead: number;
}

/** Rows that the cart's object wrote since it woke. */
async function rowsWrittenByCart(serial: string): Promise<number> {
  const carts = await platform.running.hosts.platform.getDurableObjectNamespace("CARTS", `cartwright-sessions-${CELL}`);
  const cart = carts.getByName(serial) as unknown as { meter(): Promise<{ written: number }> };
  return (await cart.meter()).written;
}
