import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { sessionPath } from "../../protocol/cart/paths.ts";
import type { Cell, SessionId } from "../../protocol/ids.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { readAnswer } from "../../tools/cart/reply.ts";
import { rulesOf, taxBasket } from "../../tools/simulators/pos/tax.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { expectedTotal } from "../../tools/trip/expected.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { fetchReceipt, shop, type Identify, type Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { booked, payOnce, taken } from "./till.ts";

const COUNTRY: Readonly<Record<Cell, string>> = { us: "US", eu: "DE" };

describe.each(["us", "eu"] as const)("a trip in the %s cell", (cell) => {
  const catalogue = sampleCatalogue(cell);
  const country = COUNTRY[cell];
  const pieces = [...catalogue.values()].filter(
    ({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol",
  );
  const beer = [...catalogue.values()].find(({ taxClass }) => taxClass === "alcohol")?.gtin ?? "";
  const codes = (...indices: number[]) => indices.map((index) => pieces[index % pieces.length]?.gtin ?? "");
  let platform: CellUnderTest;

  beforeAll(async () => {
    platform = await startCellUnderTest(cell);
  });
  afterAll(() => platform.end());

  /** A cart that is unlocked and on a trip, with what is around it. */
  async function onTrip(index: number): Promise<{ cart: CartClient; session: SessionId; here: Surroundings }> {
    const cart = await switchOn(platform.place, index);
    const here = await around(platform.place, index, false);
    taken("attestation", await cart.attest(here.beacon));
    const { session } = taken("open", await cart.open());
    return { cart, session, here };
  }

  test.each<[Identify, boolean]>([
    ["loyalty", true],
    ["card", true],
    ["app", true],
    ["none", false],
  ])("identified by %s is paid to the cent and gives a receipt", async (identify, linked) => {
    const basket = codes(0, 3, 3, 7, 12, 0, 21);
    const cart = await switchOn(platform.place, 0);
    const result = await shop(cart, basket, identify, await around(platform.place, 0, identify === "app"));
    expect(result).toMatchObject({ paid: true, linked, lost: 0, refused: 0, acknowledged: basket.length });
    expect(result.totalMinor).toBe(expectedTotal(basket, catalogue, country));
    const { receipt } = result;
    expect(receipt?.totalMinor).toBe((receipt?.netMinor ?? 0) + (receipt?.taxMinor ?? 0));
    expect(receipt?.payment).toMatchObject({ result: "APPROVED", last4: "4242", amountMinor: result.totalMinor });
    expect(JSON.stringify(receipt)).not.toContain(TEST_CARDS.visa.pan);
  });

  test("has a customer number of its own, which is dead once the trip is over", async () => {
    const { cart, here, session } = await onTrip(1);
    const identity = { kind: "loyalty", value: here.loyalty } as const;
    const asked = await cart.prepare("identity", identity);
    const first = readAnswer("identity", asked && (await cart.deliver(asked)));
    const one = first.ok && first.value.status === "linked" ? first.value.customer : "";
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(await entities(platform)).toContain(one);
    const { boot } = cart;
    taken("close", await cart.close());
    expect(await entities(platform)).not.toContain(one);

    const path = sessionPath("events", session);
    const event = { kind: "health", batteryPercent: 50, rssiDbm: -80, at: null } as const;
    const late = { session, boot, seq: 9, time: Date.now(), body: { events: [event] } };
    const answer = await cart.sendRaw(path, await cart.sign(path, encodeEnvelope("events", late)));
    expect(readAnswer("events", answer)).toMatchObject({ ok: false, reason: "session_over", status: 410 });

    // A repeat of the frame that linked the trip gets no number and brings no link back to life.
    const repeated = await cart.sendRaw(sessionPath("identity", session), asked?.bytes ?? new Uint8Array());
    expect(readAnswer("identity", repeated)).toMatchObject({ ok: true, value: { status: "not_linked" } });
    const links = (await platform.rows("identity", "ENTITIES")).filter((row) => row["session"] === session);
    expect(links).toMatchObject([{ table: "session_links", one_trip: null, credential: null }]);

    taken("open", await cart.open());
    const again = taken("identity", await cart.identify("loyalty", here.loyalty));
    expect(again.status).toBe("linked");
    expect(again.status === "linked" && again.customer).not.toBe(one);
    taken("close", await cart.close());
  });

  test("waits for staff where goods have a minimum age", async () => {
    const { cart, here } = await onTrip(2);
    const scanned = taken("scan", await cart.scan(beer));
    expect(scanned.holds).toMatchObject([{ kind: "age check" }]);
    expect(await cart.checkout(here.terminalId)).toMatchObject({ ok: false, reason: "state" });
    const hold = scanned.holds[0]?.id ?? 0;
    const path = `/staff/v1/sessions/${cart.session}/holds/${hold}/clear`;
    const view = await here.staff.post<{ holds: unknown[] }>(path, { reason: "age_verified" });
    expect(view.holds).toEqual([]);
    const paid = await payOnce(cart, { place: platform.place, around: here });
    expect(paid.answer.outcome).toBe("approved");
    expect(paid.totalMinor).toBe(expectedTotal([beer], catalogue, country));
    taken("close", await cart.close());
  });

  test("sells loose goods by the gram and reads the counter's label", async () => {
    const { cart, here } = await onTrip(3);
    taken("scan", await cart.scan("4011", { grams: 850 }));
    const basket = taken("scan", await cart.scan(platform.store.counterLabel));
    // Round half up, once a line: 0.85 kg; the US label carries 6.65 USD, the EU label 350 g.
    const loose = cell === "us" ? 129 : 152;
    const counter = cell === "us" ? 665 : 802;
    expect(basket.totalMinor).toBe(loose + counter);
    const paid = await payOnce(cart, { place: platform.place, around: here });
    const rules = rulesOf(country);
    const lines = [loose, counter].map((totalMinor) => ({ taxClass: "food", totalMinor }));
    expect(rules && paid.totalMinor).toBe(rules && taxBasket(lines, rules).totalMinor);
    const receipt = await fetchReceipt(here.apiOrigin, paid.answer.receipt ?? "");
    expect(receipt.lines).toMatchObject([
      { grams: 850, totalMinor: loose },
      { grams: cell === "us" ? null : 350, totalMinor: counter },
    ]);
    taken("close", await cart.close());
  });

  test("asks that an item it doesn't know be put back, and sells the rest", async () => {
    const { cart, here } = await onTrip(4);
    const [known = ""] = codes(5);
    taken("scan", await cart.scan(known));
    const unknown = taken("scan", await cart.scan("9527777000006"));
    expect(unknown.holds).toMatchObject([{ kind: "unknown item" }]);
    expect(await cart.checkout(here.terminalId)).toMatchObject({ ok: false, reason: "state" });
    expect(taken("remove", await cart.remove(unknown.holds[0]?.line ?? 0)).holds).toEqual([]);
    const paid = await payOnce(cart, { place: platform.place, around: here });
    expect(paid.totalMinor).toBe(expectedTotal([known], catalogue, country));
    taken("close", await cart.close());
  });

  test("goes on after a declined card with another one", async () => {
    const { cart, here } = await onTrip(5);
    for (const code of codes(1, 2)) taken("scan", await cart.scan(code));
    const at = { place: platform.place, around: here };
    const declined = await payOnce(cart, { ...at, misbehave: [["decline", "payment"]] });
    expect(declined).toMatchObject({ terminal: "declined", answer: { outcome: "declined", receipt: null } });
    const paid = await payOnce(cart, { ...at, card: TEST_CARDS.mastercard });
    expect(paid.answer.outcome).toBe("approved");
    const receipt = await fetchReceipt(here.apiOrigin, paid.answer.receipt ?? "");
    expect(receipt.payment.last4).toBe("4444");
    expect(captures(await booked(platform.place, declined.handoff))).toBe(0);
    expect(captures(await booked(platform.place, paid.handoff))).toBe(1);
    taken("close", await cart.close());
  });

  test.each([
    ["the processor's answer to the terminal is lost", [["lose_answer", "payment"]]],
    ["the processor decides late", [["answer_late", "payment"]]],
    ["the processor's answer about the payment is lost", [["lose_answer", "status"]]],
    ["the processor's answer to the capture is lost", [["lose_answer", "capture"]]],
    ["the processor answers the capture late", [["answer_late", "capture"]]],
    ["the terminal's payment is booked twice", [["duplicate", "payment"]]],
  ] as const)("is charged once when %s", async (_what, misbehave) => {
    const { cart, here } = await onTrip(0);
    for (const code of codes(4, 9)) taken("scan", await cart.scan(code));
    const paid = await payOnce(cart, { place: platform.place, around: here, misbehave });
    expect(paid.answer.outcome).toBe("approved");
    const payments = await booked(platform.place, paid.handoff);
    expect(captures(payments)).toBe(1);
    expect(payments.reduce((sum, each) => sum + each.captured_minor, 0)).toBe(paid.totalMinor);
    expect(payments.filter(({ state }) => state === "authorized")).toEqual([]);
    taken("close", await cart.close());
  });

  test("takes no part of a payment: what was authorized is given back, and the whole is paid after", async () => {
    const { cart, here } = await onTrip(1);
    for (const code of codes(6, 10)) taken("scan", await cart.scan(code));
    const at = { place: platform.place, around: here };
    const partial = await payOnce(cart, { ...at, misbehave: [["partial", "payment"]] });
    expect(partial.answer).toEqual({ outcome: "declined", receipt: null });
    const [given] = await booked(platform.place, partial.handoff);
    expect(given).toMatchObject({ state: "voided", captures: 0 });
    const paid = await payOnce(cart, at);
    expect(paid.answer.outcome).toBe("approved");
    expect(captures(await booked(platform.place, paid.handoff))).toBe(1);
    taken("close", await cart.close());
  });

  test("leaves a receipt that reads the same as a page and as data, and none to who guesses", async () => {
    const cart = await switchOn(platform.place, 2);
    const { receipt } = await shop(cart, codes(8, 15), "none", await around(platform.place, 2, false));
    const ask = async (reference: string, accept: string) => {
      const response = await fetch(`${platform.running.origins.api}/r/${reference}`, { headers: { accept } });
      const headers = [...response.headers].filter(([name]) => name !== "date");
      return { status: response.status, headers, body: await response.text() };
    };
    const page = await ask(receipt?.reference ?? "", "text/html");
    expect(page.status).toBe(200);
    for (const line of receipt?.lines ?? []) expect(page.body).toContain(line.name.replaceAll("&", "&amp;"));
    const total = ((receipt?.totalMinor ?? 0) / 100).toFixed(2);
    expect(page.body.replaceAll(",", ".")).toContain(total);

    for (const accept of ["text/html", "application/json"]) {
      const unknown = await ask("A".repeat(22), accept);
      expect(unknown.status).toBe(404);
      for (const reference of ["B".repeat(22), "short", `${receipt?.reference}A`])
        expect(await ask(reference, accept)).toEqual(unknown);
    }
  });
});

const captures = (payments: readonly { readonly captures: number }[]) =>
  payments.reduce((sum, { captures: each }) => sum + each, 0);

/** All that the identity room's Tier-2 database holds, as text. */
async function entities(platform: CellUnderTest): Promise<string> {
  return JSON.stringify(await platform.rows("identity", "ENTITIES"));
}
