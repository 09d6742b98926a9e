import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { Refunded } from "../../protocol/rooms/sessions.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import { staffClient } from "../../tools/staff/client.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { fetchReceipt, shop } from "../../tools/trip/shopper.ts";
import { arm, booked } from "./till.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";

let platform: CellUnderTest;
const goods = [...sampleCatalogue("eu").values()].filter(({ gtin }) => /^\d{8,14}$/.test(gtin));
const of = (taxClass: string) => goods.filter((each) => each.taxClass === taxClass).map(({ gtin }) => gtin);

beforeAll(async () => {
  platform = await startCellUnderTest("eu");
});
afterAll(() => platform.end());

/** A paid trip: three of one food, one other food, one at the standard rate. */
async function bought(index: number): Promise<Receipt> {
  const [a = "", b = ""] = of("food");
  const [c = ""] = of("standard");
  const cart = await switchOn(platform.place, index);
  const { receipt } = await shop(cart, [a, a, a, b, c], "none", await around(platform.place, index, false));
  if (receipt === null) throw new Error("the trip has no receipt");
  return receipt;
}

const staff = () =>
  staffClient({
    cell: "eu",
    origin: platform.place.origins.ops,
    signingJwk: platform.keys.outside.staffSigningJwk,
  });
const refund = (receipt: Receipt, lines: { line: number; quantity: number }[], reason = "returned") =>
  staff().post<Refunded>(`/staff/v1/receipts/${receipt.reference}/refunds`, { lines, reason });
const correction = (refunded: Refunded) =>
  fetchReceipt(platform.place.origins.api, refunded.receipt as ReceiptReference);
const whole = (receipt: Receipt) => receipt.lines.map(({ line, quantity }) => ({ line, quantity }));

async function handoffOf(receipt: Receipt): Promise<string> {
  const rows = await platform.rows("stores", "RETAIL");
  return String(rows.find((row) => row["table"] === "sales" && row["reference"] === receipt.reference)?.["handoff"]);
}

/** What the processor's books say went back, of the payment of a receipt. */
async function given(handoff: string): Promise<number> {
  const payments = await booked(platform.place, handoff);
  return payments.reduce((sum, each) => sum + each.refunded_minor, 0);
}

describe("a receipt taken back", () => {
  test("whole is its mirror: every line and tax, at the processor, the POS and on a receipt that names it", async () => {
    const receipt = await bought(0);
    const refunded = await refund(receipt, whole(receipt));
    expect(refunded).toMatchObject({ state: "refunded", totalMinor: receipt.totalMinor, taxMinor: receipt.taxMinor });
    const corrected = await correction(refunded);
    expect(corrected.corrects).toEqual({
      reference: receipt.reference,
      number: receipt.number,
      issuedAt: receipt.issuedAt,
    });
    expect(corrected.totalMinor).toBe(-receipt.totalMinor);
    expect(corrected.taxes).toEqual(
      receipt.taxes.map((tax) => ({ ...tax, netMinor: -tax.netMinor, taxMinor: -tax.taxMinor })),
    );
    expect(corrected.lines).toEqual(receipt.lines.map((line) => ({ ...line, totalMinor: -line.totalMinor })));
    expect(await given(await handoffOf(receipt))).toBe(receipt.totalMinor);
    await expect(refund(receipt, [{ line: 1, quantity: 1 }], "damaged")).rejects.toThrow(/409|too_many/);
    await expect(refund(corrected, [{ line: 1, quantity: 1 }])).rejects.toThrow(/404|unknown_receipt/);
    const page = await fetch(`${platform.place.origins.api}/r/${corrected.reference}`, {
      headers: { accept: "text/html" },
    });
    expect(await page.text()).toContain(receipt.number);
  });

  test("in parts adds up to the whole, in every tax, and never to more", async () => {
    const receipt = await bought(1);
    const [three] = receipt.lines.filter(({ quantity }) => quantity === 3);
    const line = three?.line ?? 0;
    const parts = [
      await refund(receipt, [{ line, quantity: 1 }]),
      await refund(receipt, [{ line, quantity: 1 }], "damaged"),
      await refund(
        receipt,
        whole(receipt).map((each) => (each.line === line ? { line, quantity: 1 } : each)),
      ),
    ];
    expect(new Set(parts.map((each) => each.refund)).size).toBe(3);
    const corrected = await Promise.all(parts.map(correction));
    expect(new Set(corrected.map(({ number }) => number)).size).toBe(3);
    const sum = (value: (each: Receipt) => number) => corrected.reduce((total, each) => total + value(each), 0);
    expect(sum((each) => each.totalMinor)).toBe(-receipt.totalMinor);
    expect(sum((each) => each.netMinor)).toBe(-receipt.netMinor);
    for (const { name, rateBasisPoints, taxMinor } of receipt.taxes) {
      const returned = corrected.flatMap(({ taxes }) =>
        taxes.filter((tax) => tax.name === name && tax.rateBasisPoints === rateBasisPoints),
      );
      expect(returned.reduce((total, tax) => total + tax.taxMinor, 0)).toBe(-taxMinor);
    }
    expect(await given(await handoffOf(receipt))).toBe(receipt.totalMinor);
  });

  test("by ten equal orders at once goes back once; a crash in the middle changes nothing of that", async () => {
    const receipt = await bought(2);
    const [first] = receipt.lines;
    const order = () => refund(receipt, [{ line: first?.line ?? 0, quantity: 1 }]);
    const answers = await Promise.all(Array.from({ length: 10 }, order));
    expect(new Set(answers.map((each) => each.refund)).size).toBe(1);
    const once = answers[0]?.totalMinor ?? 0;
    const handoff = await handoffOf(receipt);
    expect(await given(handoff)).toBe(once);

    await arm(platform.place, handoff, "answer_late", "refund");
    const cut = refund(receipt, whole(receipt).slice(1), "goodwill").catch(() => undefined);
    // It is booked at once and answered seconds later: the crash falls between.
    await expect.poll(() => given(handoff), { interval: 20 }).toBeGreaterThan(once);
    platform.running.crash("platform");
    await platform.running.revive("platform");
    await cut;
    const after = await refund(receipt, whole(receipt).slice(1), "goodwill");
    await expect.poll(() => given(handoff), { timeout: 30_000 }).toBe(once + after.totalMinor);
  });
});
