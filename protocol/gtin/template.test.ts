import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDigit, parseGtin } from "./gtin.ts";
import { priceVerifier } from "./price-verifier.ts";
import { compileTemplate, findConflict, matchTemplate, type BarcodeTemplate } from "./template.ts";

const weight = (pattern: string): BarcodeTemplate => ({ pattern, value: "weight", verifier: false });
const price = (pattern: string, verifier = false): BarcodeTemplate => ({ pattern, value: "price", verifier });

function compiled(templates: readonly BarcodeTemplate[], exponent = 2) {
  return templates.map((each) => {
    const result = compileTemplate(each, exponent);
    if (!result.ok) throw new Error(result.reason);
    return result.value;
  });
}

function read(templates: readonly BarcodeTemplate[], body: string, exponent = 2) {
  const gtin = parseGtin(body + checkDigit(body));
  if (!gtin.ok) throw new Error(gtin.reason);
  return matchTemplate(compiled(templates, exponent), gtin.value);
}

describe("a template", () => {
  test("reads a weight in kilograms with three decimals", () => {
    const value = { item: "2112345", kind: "weight", grams: 1500 };
    expect(read([weight("21iiiiinndddc")], "211234501500")).toEqual({ ok: true, value });
  });

  test("reads a price, in the store's minor units", () => {
    const value = { item: "2312345", kind: "price", minor: 1234 };
    expect(read([price("23iiiiinnnddc")], "231234501234")).toEqual({ ok: true, value });
  });

  test("without decimals counts whole units of the currency", () => {
    expect(read([price("23iiiiinnnnnc")], "231234500150", 0)).toMatchObject({ value: { minor: 150 } });
    expect(read([price("23iiiiinnnnnc")], "231234500150", 2)).toMatchObject({ value: { minor: 15000 } });
  });

  test("checks the price verifier only when it says so", () => {
    const right = `2012345${priceVerifier("2875")}2875`;
    const wrong = "201234532875";
    expect(read([price("20iiiiipnnddc", true)], right)).toMatchObject({ value: { minor: 2875 } });
    expect(read([price("20iiiiipnnddc", true)], wrong)).toEqual({ ok: false, reason: "verifier" });
    expect(read([price("20iiiiipnnddc")], wrong)).toMatchObject({ value: { minor: 2875 } });
  });

  test("of a UPC-A fits the 12 digits and the 13 with a zero before them", () => {
    const templates = compiled([price("2iiiiixnnddc")]);
    const body = "21234501999";
    const upc = parseGtin(body + checkDigit(body));
    const ean = parseGtin(`0${body}${checkDigit(body)}`);
    if (!upc.ok || !ean.ok) throw new Error("not a GTIN");
    const value = { item: "212345", kind: "price", minor: 1999 };
    expect(matchTemplate(templates, upc.value)).toEqual({ ok: true, value });
    expect(matchTemplate(templates, ean.value)).toEqual({ ok: true, value });
    expect(matchTemplate(compiled([price("02iiiiixnnddc")]), upc.value)).toEqual({ ok: true, value });
  });

  test("refuses a value of nothing", () => {
    expect(read([weight("21iiiiinndddc")], "211234500000")).toEqual({ ok: false, reason: "value" });
  });

  test("the first that fits wins; none is null", () => {
    const templates = [weight("211iiiinndddc"), price("21iiiiinnnddc")];
    expect(read(templates, "211234500500")).toMatchObject({ value: { kind: "weight" } });
    expect(read(templates, "212234500500")).toMatchObject({ value: { kind: "price" } });
    expect(read(templates, "400638133393")).toBeNull();
  });

  test("gives back what was put in, whatever the item and the weight", () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.integer({ min: 1, max: 99_999 }), (item, grams) => {
        const number = String(item).padStart(5, "0");
        const answer = read([weight("29iiiiinndddc")], `29${number}${String(grams).padStart(5, "0")}`);
        expect(answer).toEqual({ ok: true, value: { item: `29${number}`, kind: "weight", grams } });
      }),
    );
  });

  test.each<[BarcodeTemplate, number, string]>([
    [weight("21iiiiinnddd"), 2, "form"],
    [weight("21iiiiinndddcc"), 2, "length"],
    [weight("21iiiiinndddx"), 2, "form"],
    [weight("21iinniidddxc"), 2, "form"],
    [weight("21xxxxxnndddc"), 2, "form"],
    [weight("21iiiiixxxxxc"), 2, "form"],
    [weight("21iiiiidddnnc"), 2, "form"],
    [weight("21iiiii.ndddc"), 2, "form"],
    [weight("40iiiiinndddc"), 2, "not_restricted"],
    [weight("iiiiiiinndddc"), 2, "not_restricted"],
    [weight("3iiiiinndddc"), 2, "not_restricted"],
    [weight("21iiiiinddddc"), 2, "value"],
    [price("21iiiiinndddc"), 2, "value"],
    [price("21iiiiinnnndc"), 0, "value"],
    [price("21iiiiinnnddc", true), 2, "verifier"],
    [price("21iiiiiipnndc", true), 2, "verifier"],
    [{ ...weight("21iiiipnndddc"), verifier: true }, 2, "verifier"],
  ])("%j at exponent %i is refused: %s", (template, exponent, reason) => {
    expect(compileTemplate(template, exponent)).toEqual({ ok: false, reason });
  });
});

describe("templates of one store", () => {
  test("conflict when an earlier one hides a later one", () => {
    expect(findConflict(compiled([weight("21iiiiinndddc"), price("211iiiinnnddc")]))).toEqual({ first: 0, second: 1 });
    expect(findConflict(compiled([price("2iiiiixnnddc"), price("02iiiiixnnddc")]))).toEqual({ first: 0, second: 1 });
  });

  test("conflict when two symbols name their items alike", () => {
    expect(findConflict(compiled([weight("21iiiiinndddc"), price("2iiiiiinnddc")]))).toEqual({ first: 0, second: 1 });
  });

  test("stand when the special one comes first, or the prefixes differ", () => {
    expect(
      findConflict(compiled([price("211iiiinnnddc"), weight("21iiiiinndddc"), price("22iiiiinnnddc")])),
    ).toBeNull();
    expect(findConflict([])).toBeNull();
  });
});
