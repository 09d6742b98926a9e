import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divideHalfUp, priceByWeight, sum, sumMinor, taxInGross, taxOnNet } from "./arithmetic.ts";

describe("a price by weight", () => {
  test.each([
    [199, 1000, 199],
    [199, 1, 0],
    [500, 1, 1],
    [499, 1, 0],
    [299, 1500, 449],
    [333, 0, 0],
  ])("%i a kilogram, %i g: %i", (unit, grams, price) => {
    expect(priceByWeight(unit, grams)).toBe(price);
  });

  test("never strays more than half a unit from the exact value", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (unit, grams) => {
        const exact = BigInt(unit) * BigInt(grams);
        const twice = 2n * (BigInt(priceByWeight(unit, grams)) * 1000n - exact);
        expect(twice > -1000n && twice <= 1000n).toBe(true);
      }),
    );
  });

  test("refuses fractions and overflows", () => {
    expect(() => priceByWeight(1.5, 100)).toThrow(RangeError);
    expect(() => priceByWeight(Number.MAX_SAFE_INTEGER, 2000)).toThrow(RangeError);
    expect(() => divideHalfUp(1n, 0n)).toThrow(RangeError);
  });
});

describe("tax in basis points", () => {
  test.each([
    [100, 725, 7],
    [1000, 725, 73],
    [2, 2500, 1],
  ])("%i net at %i: %i", (net, rate, tax) => expect(taxOnNet(net, rate)).toBe(tax));

  test.each([
    [119, 1900, 19],
    [107, 700, 7],
    [100, 1900, 16],
    [1, 700, 0],
  ])("%i gross at %i: %i", (gross, rate, tax) => expect(taxInGross(gross, rate)).toBe(tax));

  test("a refund reverses the tax of its sale", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), fc.nat(5000), (minor, rate) => {
        expect(taxInGross(-minor, rate) + taxInGross(minor, rate)).toBe(0);
        expect(taxOnNet(-minor, rate) + taxOnNet(minor, rate)).toBe(0);
      }),
    );
  });
});

describe("sums", () => {
  test("overflow is an error, not a wrong number", () => {
    expect(() => sumMinor([Number.MAX_SAFE_INTEGER, 1])).toThrow("overflows");
    expect(sumMinor([Number.MAX_SAFE_INTEGER, 1, -1])).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("two currencies do not add up", () => {
    expect(() => sum([{ minor: 1, currency: "USD" }], "EUR")).toThrow(RangeError);
    expect(sum([], "JPY")).toEqual({ minor: 0, currency: "JPY" });
  });
});
