import { describe, expect, it } from "vitest";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { cardExpiry } from "./expiry.ts";
import { cardNumber, passesLuhn } from "./number.ts";
import { checkedCard } from "./request.ts";

const NOW = Date.UTC(2026, 10, 20, 12);

describe("a card number", () => {
  it.each([
    [TEST_CARDS.visa.pan, "visa"],
    [TEST_CARDS.mastercard.pan, "mastercard"],
    [TEST_CARDS.mastercard2.pan, "mastercard"],
    [TEST_CARDS.amex.pan, "amex"],
    [TEST_CARDS.discover.pan, "discover"],
    [TEST_CARDS.diners.pan, "diners"],
    [TEST_CARDS.jcb.pan, "jcb"],
    [TEST_CARDS.unionpay.pan, "unionpay"],
  ])("%s is of scheme %s", (pan, scheme) => {
    expect(cardNumber(pan)).toEqual({ ok: true, value: { pan, scheme } });
  });

  it("is refused with any one digit changed", () => {
    const { pan } = TEST_CARDS.visa;
    for (let i = 0; i < pan.length; i++) {
      const changed = pan.slice(0, i) + String((Number(pan[i]) + 1) % 10) + pan.slice(i + 1);
      expect(passesLuhn(changed)).toBe(false);
      expect(cardNumber(changed).ok).toBe(false);
    }
  });

  it.each([
    "",
    "4242 4242 4242 4242",
    "４２４２４２４２４２４２４２４２",
    "4242424242424242x",
    "0",
    4242424242424242,
    null,
  ])("is not %j", (text) => {
    expect(cardNumber(text)).toEqual({ ok: false, reason: "card_number" });
  });

  it("has a length that its scheme issues", () => {
    expect(cardNumber("4222222222222")).toEqual({ ok: false, reason: "card_number" });
    expect(cardNumber("378282246310005").ok).toBe(true);
    expect(cardNumber("2720990000000007")).toMatchObject({ ok: true, value: { scheme: "mastercard" } });
    expect(cardNumber("2721000000000004")).toEqual({ ok: false, reason: "card_scheme" });
  });
});

describe("an expiry", () => {
  it("is read with and without the slash", () => {
    expect(cardExpiry("12/34", NOW)).toEqual({ month: 12, year: 2034 });
    expect(cardExpiry("1234", NOW)).toEqual({ month: 12, year: 2034 });
  });

  it("is good through the last day of its month anywhere on Earth", () => {
    expect(cardExpiry("11/26", Date.UTC(2026, 11, 1, 11, 59))).toBeDefined();
    expect(cardExpiry("11/26", Date.UTC(2026, 11, 1, 12, 1))).toBeUndefined();
  });

  it.each(["10/26", "11/47", "00/30", "13/30", "1/30", "12/2034", "12-34", "", 1234, undefined])(
    "is not %j",
    (text) => {
      expect(cardExpiry(text, NOW)).toBeUndefined();
    },
  );
});

describe("a tokenize request", () => {
  const card = { pan: TEST_CARDS.visa.pan, exp: "12/34" };

  it("of a reader vendor identifies in its store, or pays without one", () => {
    expect(checkedCard({ ...card, store: "eu-demo" }, "reader-vendor", NOW)).toMatchObject({
      ok: true,
      value: { use: "identify", store: "eu-demo" },
    });
    expect(checkedCard(card, "reader-vendor", NOW)).toMatchObject({ ok: true, value: { use: "payment", store: null } });
  });

  it("does not carry the CVV any further", () => {
    const checked = checkedCard({ ...card, cvv: "987" }, "card-form", NOW);
    expect(checked.ok).toBe(true);
    expect(JSON.stringify(checked)).not.toContain("987");
  });

  it.each([
    [{ ...card, use: "identify" }, "reader-vendor", "store"],
    [{ ...card, use: "payment", store: "eu-demo" }, "reader-vendor", "store"],
    [{ ...card, store: "NOT A STORE" }, "reader-vendor", "store"],
    [{ ...card, store: "eu-demo" }, "card-form", "use"],
    [{ ...card, cvv: 123 }, "card-form", "card_cvv"],
    [{ ...card, cvv: "12345" }, "card-form", "card_cvv"],
    [{ ...card, track2: "" }, "card-form", "malformed"],
    [[card], "card-form", "malformed"],
    [null, "card-form", "malformed"],
    ["card", "card-form", "malformed"],
  ] as const)("%j of the %s is refused as %s", (body, client, reason) => {
    expect(checkedCard(body, client, NOW)).toEqual({ ok: false, reason });
  });
});
