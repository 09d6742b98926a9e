import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CartAnswers } from "../../protocol/cart/messages.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { CAMPAIGN_VARS } from "../../tools/campaign/run.ts";
import { Terminal } from "../../tools/terminal/terminal.ts";
import { TEST_CARDS, type TestCard } from "../../tools/terminal/test-cards.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { arm, booked, payOnce, taken } from "./till.ts";

/** A hand-off lives 20 s here, so what is looked at when it has expired is within the test. */
let platform: CellUnderTest;
const codes = [...sampleCatalogue("eu").values()]
  .filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol")
  .map(({ gtin }) => gtin);

beforeAll(async () => {
  platform = await startCellUnderTest("eu", { vars: CAMPAIGN_VARS });
});
afterAll(() => platform.end());

/** A cart at the till: basket frozen, nothing paid. */
async function atTill(index: number) {
  const cart = await switchOn(platform.place, index);
  const here = await around(platform.place, index, false);
  taken("attestation", await cart.attest(here.beacon));
  taken("open", await cart.open());
  taken("scan", await cart.scan(codes[index] ?? ""));
  const handoff = taken("checkout", await cart.checkout(here.terminalId));
  return { cart, here, handoff };
}
const terminal = (id: string) =>
  new Terminal({
    processorOrigin: platform.place.origins.processor,
    key: platform.keys.secrets["PROCESSOR_KEY"] ?? "",
    terminal: id,
    store: platform.store.store,
    timeoutMs: 1_500,
  });
const other = (id: string) => platform.store.terminals.find((each) => each !== id) ?? "";
const order = (handoff: CartAnswers["checkout"], card: TestCard = TEST_CARDS.visa) => ({
  handoff: handoff.handoff,
  amount: handoff.amount.minor,
  currency: handoff.amount.currency,
  card,
});
const report = (cart: CartClient, handoff: CartAnswers["checkout"], reference: string | null) =>
  cart.payment(handoff.handoff, reference ?? "none", handoff.basketDigest);
const states = async (handoff: CartAnswers["checkout"]) =>
  (await booked(platform.place, handoff.handoff)).map(({ state }) => state).toSorted();
const captures = async ({ handoff }: CartAnswers["checkout"]) =>
  (await booked(platform.place, handoff)).reduce((sum, each) => sum + each.captures, 0);

describe("one right state, at most one capture", () => {
  test("two terminals race for one hand-off: the cart's wins, the other's is void", async () => {
    const { cart, here, handoff } = await atTill(0);
    const [mine] = await Promise.all([
      terminal(here.terminalId).pay(order(handoff)),
      terminal(other(here.terminalId)).pay(order(handoff, TEST_CARDS.mastercard)),
    ]);
    expect(taken("payment", await report(cart, handoff, mine.reference)).outcome).toBe("approved");
    expect(await states(handoff)).toEqual(["captured", "voided"]);
    taken("close", await cart.close());
  });

  test("a payment of another session does not pay for this one", async () => {
    const first = await atTill(1);
    const paid = await terminal(first.here.terminalId).pay(order(first.handoff));
    expect(taken("payment", await report(first.cart, first.handoff, paid.reference)).outcome).toBe("approved");
    const second = await atTill(2);
    expect(taken("payment", await report(second.cart, second.handoff, paid.reference)).outcome).toBe("pending");
    expect(await states(second.handoff)).toEqual([]);
    const own = await terminal(second.here.terminalId).pay(order(second.handoff));
    expect(taken("payment", await report(second.cart, second.handoff, own.reference)).outcome).toBe("approved");
    expect(await states(first.handoff)).toEqual(["captured"]);
    expect(await states(second.handoff)).toEqual(["captured"]);
  });

  test.each(["pay", "platform"] as const)("%s is cut off while the terminal pays: paid once after", async (host) => {
    const { cart, here, handoff } = await atTill(3);
    await arm(platform.place, handoff.handoff, "answer_late", "capture");
    const paid = await terminal(here.terminalId).pay(order(handoff));
    const asked = report(cart, handoff, paid.reference);
    // It is booked at once and answered seconds later: the crash falls between.
    await expect.poll(() => captures(handoff), { interval: 20 }).toBe(1);
    platform.running.crash(host);
    await platform.running.revive(host);
    await asked;
    await expect
      .poll(
        async () => {
          const answer = await report(cart, handoff, paid.reference);
          return answer.ok && answer.value.receipt !== null;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(true);
    expect(await states(handoff)).toEqual(["captured"]);
    expect(await captures(handoff)).toBe(1);
    taken("close", await cart.close());
  });

  test("declined, then another card with a new hand-off: one capture, of the second card", async () => {
    const { cart, here, handoff } = await atTill(4);
    await arm(platform.place, handoff.handoff, "decline");
    const refused = await terminal(here.terminalId).pay(order(handoff));
    expect(taken("payment", await report(cart, handoff, refused.reference)).outcome).toBe("declined");
    const paid = await payOnce(cart, { place: platform.place, around: here, card: TEST_CARDS.mastercard });
    expect(paid.answer.outcome).toBe("approved");
    expect(await states(handoff)).toEqual(["declined"]);
  });
});

describe("money that is held for nothing is found and given back", () => {
  test("a void whose answer was lost is asked for until the processor says void", async () => {
    const { cart, here, handoff } = await atTill(5);
    await arm(platform.place, handoff.handoff, "time_out", "void");
    const paid = await terminal(other(here.terminalId)).pay(order(handoff));
    expect(taken("payment", await report(cart, handoff, paid.reference)).outcome).toBe("declined");
    expect(await states(handoff)).toEqual(["authorized"]);
    await expect.poll(() => states(handoff), { timeout: 30_000, interval: 500 }).toEqual(["voided"]);
  });

  test("a payment that crossed with a scan is void soon after; one that came after the trip was left, in the end", async () => {
    const crossed = await atTill(0);
    await terminal(crossed.here.terminalId).pay(order(crossed.handoff));
    taken("scan", await crossed.cart.scan(codes[9] ?? ""));
    const left = await atTill(1);
    taken("open", await left.cart.open());
    await terminal(left.here.terminalId).pay(order(left.handoff));
    for (const { handoff } of [crossed, left])
      await expect.poll(() => states(handoff), { timeout: 60_000, interval: 500 }).toEqual(["voided"]);
  });
});
