import { expect, it } from "vitest";
import { isMoreThanTier1 } from "../forget.ts";

const LINE = JSON.stringify({ cart: "c", session: "s", kind: "scan", at: 1, item: "04006381333931", quantity: 1 });

it("a segment of events is Tier 1", () => {
  expect(isMoreThanTier1(`${LINE}\n${LINE}\n`)).toBe(false);
});

it.each([
  ["a customer's name in a line", JSON.stringify({ ...JSON.parse(LINE), customer: "x" })],
  ["a line that can't be read", "{"],
])("%s is more", (_, line) => {
  expect(isMoreThanTier1(`${LINE}\n${line}\n`)).toBe(true);
});
