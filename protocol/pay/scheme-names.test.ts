import { expect, it } from "vitest";
import { schemeName } from "./scheme-names.ts";

it.each([
  ["visa", "Visa"],
  ["amex", "American Express"],
  ["unionpay", "UnionPay"],
  ["girocard", "girocard"],
  ["toString", "toString"],
  ["", ""],
])("the scheme %j is shown as %j", (scheme, shown) => {
  expect(schemeName(scheme)).toBe(shown);
});
