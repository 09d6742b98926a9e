import { describe, expect, test } from "vitest";
import { outliersOf, type JoinCount } from "./review-outliers.ts";

const count = (joins: number, purpose = "identify_loyalty", caller = "identity/sessions"): JoinCount => ({
  caller,
  purpose,
  joins,
});
const weeks = (...joins: number[]) => joins.map((each) => (each === 0 ? [] : [count(each)]));
const STEADY = weeks(100, 104, 96, 102, 98, 101, 99, 103);

describe("outliers among machine joins", () => {
  test("are counts whose modified z-score is above 3.5, with the median they are judged against", () => {
    // Median 100.5, median absolute deviation 2: 0.6745 * (x - 100.5) / 2 is 3.5 at 110.88.
    expect(outliersOf([count(110)], STEADY)).toEqual([]);
    expect(outliersOf([count(111)], STEADY)).toEqual([{ ...count(111), median: 100.5, score: 3.54 }]);
  });

  test("are rises alone, and of ten at least", () => {
    expect(outliersOf([count(3)], STEADY)).toEqual([]);
    expect(outliersOf([count(14)], weeks(5, 5, 5, 5, 6, 5, 5, 5))).toEqual([]);
    expect(outliersOf([count(15)], weeks(5, 5, 5, 5, 6, 5, 5, 5))).toHaveLength(1);
  });

  test("are judged by the mean deviation when most weeks are alike, and shown without a score when all are", () => {
    expect(outliersOf([count(60)], weeks(10, 10, 10, 10, 10, 10, 10, 90))).toMatchObject([{ score: 3.99 }]);
    expect(outliersOf([count(50)], weeks(10, 10, 10, 10, 10, 10, 10, 90))).toEqual([]);
    expect(outliersOf([count(60)], weeks(10, 10, 10, 10))).toEqual([{ ...count(60), median: 10, score: null }]);
  });

  test("include a purpose that its caller never had, and count weeks without any as none", () => {
    expect(outliersOf([count(12, "privacy_export")], STEADY)).toMatchObject([{ purpose: "privacy_export", median: 0 }]);
    expect(outliersOf([count(12, "identify_loyalty", "identity/ops")], STEADY)).toHaveLength(1);
  });

  test("are not called before there are four weeks to compare with", () => {
    expect(outliersOf([count(9999)], STEADY.slice(0, 3))).toEqual([]);
    expect(outliersOf([count(9999)], STEADY.slice(0, 4))).toHaveLength(1);
  });

  test("are not moved by one wild week among those before, as a mean and its deviation would be", () => {
    expect(outliersOf([count(150)], weeks(100, 104, 96, 9000, 98, 101, 99, 103))).toHaveLength(1);
  });
});
