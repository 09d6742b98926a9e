import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import { onTheAir } from "../../cart-fw/sim/modem-traffic.ts";
import { FIRMWARE } from "../../tools/cart-fw/build.ts";
import { bytesByMessage, bytesProblems, bytesTable, tripBytes } from "../../tools/cart-fw/bytes.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { SCREEN } from "../../tools/trip/firmware-cart.ts";
import { fetchReceipt, type Identify } from "../../tools/trip/shopper.ts";
import { firmwareCell } from "./cell.ts";

const STEP_MS = 30_000;
/** A minute's grace in which a payment may still arrive, and some time to be told. */
const EXIT_MS = 90_000;
/** What is allowed (FW-92), bytes on the air with everything in. */
const SCAN_MOST = 700;
const TRIP_MOST = 45_000;
/** 30 scans, 3 items taken out, 8 weights, 6 heartbeats, 4 others. */
const TRIP_MESSAGES = 51;

const eu = firmwareCell("eu", 6);

describe("a trip by a cart that runs the firmware", () => {
  test.for<[Identify, boolean]>([
    ["loyalty", true],
    ["card", true],
    ["app", true],
    ["none", false],
  ])("identified by %s is paid and gives a receipt with every item", async ([identify, linked], context) => {
    const cart = await eu.cart(context, 0);
    const result = await cart.shop(eu.codes(4), identify, await eu.around(0, identify === "app"));
    expect(result).toMatchObject({ paid: true, linked, lost: 0, refused: 0, acknowledged: 4 });
    expect(JSON.stringify(result.receipt)).not.toContain(TEST_CARDS.visa.pan);
  });

  test("waits for staff at an age check and goes on once they came", async (context) => {
    const cart = await eu.cart(context, 0);
    const said: string[] = [];
    const here = { ...(await eu.around(0)), say: (line: string) => said.push(line) };
    const result = await cart.shop([...eu.codes(2), eu.beer], "none", here);
    expect(said).toContain("staff cleared: age check");
    expect(result).toMatchObject({ paid: true, lost: 0, acknowledged: 3 });
  });

  test("puts back on the shelf what the store does not know", async (context) => {
    const cart = await eu.cart(context, 0);
    const result = await cart.shop([...eu.codes(2), "4099999999991"], "none", await eu.around(0));
    expect(result.receipt?.lines).toHaveLength(2);
    expect(result).toMatchObject({ paid: true, lost: 0 });
  });

  test("says not to pay again while nobody knows what became of a payment, and ends paid once", async (context) => {
    const cart = await eu.cart(context, 0);
    const { display, shopper } = cart.machine;
    const orders = shopper.orders.length;
    shopper.forgetful = true;
    const warned = display.next(/Do not pay again/, STEP_MS);
    const result = await cart.shop(eu.codes(2), "none", await eu.around(0));
    shopper.forgetful = false;
    await warned;
    expect(result).toMatchObject({ paid: true, lost: 0 });
    expect(shopper.orders).toHaveLength(orders + 1);
  });

  test("that leaves unpaid, past a terminal, is told on the panel, and ends in the log with what the scale read", async (context) => {
    const cart = await eu.cart(context, 2);
    const { display, radio, scale } = cart.machine;
    const { staff, store } = await eu.around(2);
    const opened = display.next(SCREEN.basket, STEP_MS);
    display.press("ok");
    await opened;
    const codes = eu.codes(2);
    for (const code of codes) expect(await cart.scan(code)).toBe(true);
    const grams = eu.weightOf(codes);
    scale.put(grams);
    const { session } = cart.machine;
    // Out of the beacon's reach, the cart hears a terminal for a few of its advertisements.
    radio.near("terminal", "T1");
    radio.away("beacon", store);
    await setTimeout(2_500);
    radio.away("terminal", "T1");
    await display.until(/Not paid yet: go back into the store/, STEP_MS);
    const page = "/admin/v1/audit/entries?from=0&limit=500";
    const exits = async () =>
      (await staff.get<{ entries: readonly AuditEntry[] }>(page)).entries.filter(({ kind }) => kind === "walked_out");
    await expect.poll(exits, { timeout: EXIT_MS, interval: 1_000 }).toHaveLength(1);
    expect(await exits()).toEqual([
      expect.objectContaining({
        on: `session:${session}`,
        detail: expect.objectContaining({ lines: 2, scale_grams: grams }),
      }),
    ]);
    radio.near("beacon", store);
    const told = display.next(/This trip has ended/, STEP_MS);
    cart.machine.scanner.scan(codes[0] ?? "");
    await told;
    await display.until(SCREEN.ready, STEP_MS);
  });

  test("costs at most 700 bytes a scan and 45 KB for 51 messages, all in", async (context) => {
    const cart = await eu.cart(context, 1);
    const { display, modem, scale } = cart.machine;
    const before = modem.traffic.messages.length;
    const messages = () => modem.traffic.messages.slice(before);
    /** Resolves once one more message was answered than at the call. */
    const oneMore = (act: () => void) => {
      const count = messages().length;
      act();
      return expect
        .poll(() => messages().length > count && messages().at(-1)!.down > 0, { timeout: STEP_MS })
        .toBe(true);
    };
    const opened = display.next(SCREEN.basket, STEP_MS);
    display.press("ok");
    await opened;
    expect(await cart.introduce("loyalty", await eu.around(1))).toBe(true);
    const codes = eu.codes(30);
    for (const [count, code] of codes.entries()) {
      expect(await cart.scan(code)).toBe(true);
      if (count % 4 === 0) await oneMore(() => scale.put(eu.weightOf(codes.slice(0, count + 1))));
    }
    for (const [place, line] of [1, 2, 3].entries()) {
      scale.put(eu.weightOf(codes.slice(place + 1)));
      await oneMore(() => display.press("remove", String(line)));
    }
    // A call for staff is an event as short as a heartbeat, which would take an hour to come by itself.
    for (let call = 0; call < 6; call += 1) await oneMore(() => display.press("help"));
    for (const event of messages().filter(({ request }) => request.endsWith("/events")))
      expect(onTheAir(event)).toBeLessThanOrEqual(SCAN_MOST);
    await cart.resolveHolds(await eu.around(1));
    const reference = await cart.pay("T2");
    await display.until(SCREEN.ready, STEP_MS);
    expect((await fetchReceipt((await eu.around(1)).apiOrigin, reference)).lines).toHaveLength(27);
    expect(messages().length).toBeGreaterThanOrEqual(TRIP_MESSAGES);
    const trip = tripBytes(messages(), TRIP_MESSAGES, 3);
    // Whether it asks for newer firmware before the trip is chance.
    const rows = bytesByMessage(modem.traffic.messages.filter(({ request }) => !request.endsWith("/firmware")));
    console.info(`${bytesTable(rows)}\n\n${TRIP_MESSAGES} of ${messages().length} messages: ${trip} bytes`);
    expect(trip).toBeLessThanOrEqual(TRIP_MOST);
    const document = readFileSync(join(FIRMWARE, "docs/BYTES.md"), "utf8");
    expect(bytesProblems(document, rows)).toEqual([]);
    const grown = rows.map((row) => ({ ...row, onTheAir: row.onTheAir + 30 }));
    expect(bytesProblems(document, grown)).toHaveLength(rows.length);
  });
});
