import { assert, integer, pre, property, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";
import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import type { LoyaltyFormat } from "../../protocol/rooms/identity.ts";
import { fitsFormat, formatProblem, parseLoyaltyNumber } from "./loyalty-format.ts";

const format = (change: Partial<LoyaltyFormat>): LoyaltyFormat => ({
  retailer: "demo",
  prefix: "9900",
  length: 16,
  check: "luhn",
  ...change,
});

describe("a loyalty number", () => {
  test("is compared without spaces, hyphens and case", () => {
    expect(parseLoyaltyNumber(" ab12-34 56 ")).toBe("AB123456");
  });

  test("is none when it is too short, too long, or has other characters", () => {
    for (const text of ["", "123", "1".repeat(33), "12345é", "1234\u0665", "12345;", "12345\u0000"])
      expect(parseLoyaltyNumber(text)).toBeUndefined();
  });

  test("fits a format by prefix, length and check digit, all three", () => {
    expect(fitsFormat(format({}), "9900000000000010")).toBe(true);
    expect(fitsFormat(format({}), "9900000000000019")).toBe(false);
    expect(fitsFormat(format({}), "9800000000000011")).toBe(false);
    expect(fitsFormat(format({}), "990000000000010")).toBe(false);
    expect(fitsFormat(format({ prefix: "29", length: 13, check: "mod10-gs1" }), "2900000000018")).toBe(true);
    expect(fitsFormat(format({ prefix: "29", length: 13, check: "mod10-gs1" }), "2900000000019")).toBe(false);
    expect(fitsFormat(format({ prefix: "AB", length: 6, check: "none" }), "AB12CD")).toBe(true);
  });
});

describe("a format", () => {
  test("can be registered outside the card schemes' ranges", () => {
    for (const each of [
      format({}),
      format({ prefix: "29", length: 13, check: "mod10-gs1" }),
      format({ prefix: "AB", length: 6, check: "none" }),
      format({ prefix: "4", length: 12, check: "none" }),
    ])
      expect(formatProblem(each)).toBeUndefined();
  });

  test("is refused where a scheme issues numbers of that length, however short or long its prefix is", () => {
    for (const [prefix, length] of [
      ["4", 16],
      ["41111111", 16],
      ["2", 16],
      ["27", 16],
      ["272", 16],
      ["3", 15],
      ["37", 15],
      ["6", 19],
      ["81", 17],
    ] as const)
      expect(formatProblem(format({ prefix, length, check: "none" }))).toBe("overlaps_card_range");
    expect(formatProblem(format({ prefix: "2721", length: 16 }))).toBeUndefined();
  });

  test("is invalid without a prefix, a sensible length, a retailer's name or a known check", () => {
    for (const change of [
      { prefix: "" },
      { prefix: "99 0" },
      { length: 3 },
      { length: 33 },
      { length: 16.5 },
      { length: 4 },
      { retailer: "Demo GmbH" },
      { check: "mod11" as never },
      { prefix: "AB", check: "luhn" as const },
    ])
      expect(formatProblem(format(change))).toBe("invalid");
  });

  test("that is accepted never has a number that looks like a card's", () => {
    assert(
      property(
        stringMatching(/^[0-9]{1,6}$/),
        integer({ min: 12, max: 20 }),
        stringMatching(/^[0-9]{20}$/),
        (prefix, length, tail) => {
          pre(formatProblem(format({ prefix, length, check: "none" })) === undefined);
          expect(looksLikePan((prefix + tail).slice(0, length))).toBeNull();
        },
      ),
      { numRuns: 500 },
    );
  });
});
