import { expect, test } from "vitest";
import { decimalText, formatMoney, formatRate } from "./format.ts";
import { parseCurrency, type Currency } from "./money.ts";

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, " ");

test.each<[number, Currency, string]>([
  [5, "EUR", "0.05"],
  [-105, "USD", "-1.05"],
  [0, "KWD", "0.000"],
  [1234, "JPY", "1234"],
])("%i %s is %s exactly", (minor, currency, text) => expect(decimalText({ minor, currency })).toBe(text));

test.each<[number, Currency, string, string]>([
  [123_456, "EUR", "de-DE", "1.234,56 €"],
  [123_456, "USD", "en-US", "$1,234.56"],
  [123_456, "JPY", "en-US", "¥123,456"],
  [1_234_567, "KWD", "en-US", "KWD 1,234.567"],
  [12_345, "HUF", "en-US", "HUF 123.45"],
  [Number.MAX_SAFE_INTEGER, "USD", "en-US", "$90,071,992,547,409.91"],
])("%i %s in %s reads %s", (minor, currency, locale, text) =>
  expect(plain(formatMoney({ minor, currency }, locale))).toBe(text),
);

test("a rate keeps its two digits", () => {
  expect(formatRate(725, "en-US")).toBe("7.25%");
  expect(plain(formatRate(1900, "de-DE"))).toBe("19 %");
});

test("a fraction of a minor unit is refused", () => {
  expect(() => decimalText({ minor: 0.5, currency: "EUR" })).toThrow(RangeError);
});

test.each(["XXX", "eur", "toString", ""])("%j is no currency", (text) => expect(parseCurrency(text)).toBeUndefined());
