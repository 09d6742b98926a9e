import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDigit, isRestricted, isVariableMeasure, parseGtin } from "./gtin.ts";
import { priceVerifier } from "./price-verifier.ts";

const digits = (length: number) =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((each) => each.join(""));
const body = fc.constantFrom(7, 11, 12, 13).chain(digits);

describe("a GTIN", () => {
  test.each([
    ["4006381333931", "04006381333931"],
    ["036000291452", "00036000291452"],
    ["96385074", "00000096385074"],
    ["04006381333931", "04006381333931"],
  ])("%s is kept as scanned and keyed as %s", (scanned, gtin14) => {
    expect(parseGtin(scanned)).toEqual({ ok: true, value: { gtin14, scanned } });
  });

  test("any digits with their check digit are valid", () => {
    fc.assert(
      fc.property(body, (each) => {
        expect(parseGtin(each + checkDigit(each)).ok).toBe(true);
      }),
    );
  });

  test("any single wrong digit is noticed", () => {
    fc.assert(
      fc.property(body, fc.nat(13), fc.integer({ min: 1, max: 9 }), (each, at, by) => {
        const right = (each + checkDigit(each)).split("");
        const place = at % right.length;
        right[place] = String((Number(right[place]) + by) % 10);
        expect(parseGtin(right.join(""))).toEqual({ ok: false, reason: "check_digit" });
      }),
    );
  });

  test.each([
    ["", "not_digits"],
    ["4006381333932", "check_digit"],
    ["400638133393", "check_digit"],
    ["123456789", "length"],
    ["004006381333931", "length"],
    ["400638133393１", "not_digits"],
    [" 4006381333931", "not_digits"],
    ["-4006381333931", "not_digits"],
  ])("%j is refused: %s", (text, reason) => expect(parseGtin(text)).toEqual({ ok: false, reason }));

  test.each([
    ["2112345015002", true],
    ["2000000000008", true],
    ["0212345678901", true],
    ["0412345678901", true],
    ["4006381333931", false],
    ["0036000291452", false],
    ["00000020000004", true],
    ["00000096385074", false],
  ])("%s is for restricted circulation: %s", (text, restricted) =>
    expect(isRestricted(text.padStart(14, "0"))).toBe(restricted),
  );

  test("indicator digit 9 means variable measure", () => {
    expect(isVariableMeasure("90614141000015")).toBe(true);
    expect(isVariableMeasure("00614141000012")).toBe(false);
  });
});

describe("the price verifier", () => {
  test.each([
    ["2875", "9"],
    ["14685", "6"],
    ["00074", "3"],
    ["98765", "7"],
    ["12345", "8"],
    ["00000", "0"],
  ])("of %s is %s", (price, verifier) => expect(priceVerifier(price)).toBe(verifier));

  test("notices any single wrong digit of a price", () => {
    fc.assert(
      fc.property(fc.constantFrom(4, 5).chain(digits), fc.nat(4), fc.integer({ min: 1, max: 9 }), (price, at, by) => {
        const wrong = price.split("");
        const place = at % wrong.length;
        wrong[place] = String((Number(wrong[place]) + by) % 10);
        expect(priceVerifier(wrong.join(""))).not.toBe(priceVerifier(price));
      }),
    );
  });

  test.each(["123", "123456", "12a4", ""])("of %j does not exist", (price) =>
    expect(() => priceVerifier(price)).toThrow(RangeError),
  );
});
