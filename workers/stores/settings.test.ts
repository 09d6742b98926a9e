import { describe, expect, test } from "vitest";
import { checkSettings, posBase, type SettingsRules } from "./settings.ts";
import { EU_STORE, US_STORE } from "./test/fixtures.ts";

const EU: SettingsRules = { cell: "eu", posHosts: ["pos.example", "127.0.0.1:8801"], plainHttp: false };
const US: SettingsRules = { ...EU, cell: "us" };

describe("a store's settings", () => {
  test("are taken when they are right", () => {
    expect(checkSettings(EU_STORE, EU)).toEqual({ ok: true, value: EU_STORE });
    expect(checkSettings(US_STORE, US)).toEqual({ ok: true, value: US_STORE });
  });

  test.each<[string, object]>([
    ["a store id in capitals", { store: "EU" }],
    ["no name", { name: "" }],
    ["a control character in the name", { name: "A\u0007B" }],
    ["no such country form", { country: "Germany" }],
    ["an unknown currency", { currency: "XXX" }],
    ["an offset for a zone", { timeZone: "+01:00" }],
    ["a zone that does not exist", { timeZone: "Europe/Atlantis" }],
    ["prices without VAT in the EU", { taxIncluded: false }],
    ["a US store in the EU", { country: "US" }],
    ["no tax number in the EU", { taxId: "" }],
    ["another host for the POS", { posUrl: "https://evil.example" }],
    ["a negative tolerance", { weightToleranceGrams: -1 }],
    ["one terminal twice", { terminals: ["t1", "t1"] }],
    ["a terminal that no payment can name", { terminals: ["T.4"] }],
    ["a terminal that no cart can name", { terminals: ["t".repeat(33)] }],
    ["a template that is none", { barcodeTemplates: [{ pattern: "4006381333931", value: "price", verifier: false }] }],
    ["an age for an unknown class", { minimumAges: { toys: 3 } }],
    ["an age in fractions", { minimumAges: { alcohol: 17.5 } }],
    ["a field too many", { more: 1 }],
  ])("with %s are refused", (_what, change) => {
    expect(checkSettings({ ...EU_STORE, ...change }, EU)).toEqual({ ok: false, reason: "invalid" });
  });

  test("with templates that hide each other are refused as such", () => {
    const barcodeTemplates = [
      { pattern: "2xiiiinnndddc", value: "weight", verifier: false },
      { pattern: "21iiiiinnnddc", value: "price", verifier: false },
    ];
    expect(checkSettings({ ...EU_STORE, barcodeTemplates }, EU)).toEqual({ ok: false, reason: "template_conflict" });
  });

  test.each([null, undefined, "text", []])("that are %j are refused", (input) =>
    expect(checkSettings(input, EU)).toEqual({ ok: false, reason: "invalid" }),
  );
});

describe("the POS's address", () => {
  test.each([
    ["https://pos.example", "https://pos.example"],
    ["https://POS.example/shop/7//", "https://pos.example/shop/7"],
  ])("%s is called as %s", (url, base) => expect(posBase(url, EU)).toBe(base));

  test.each([
    "http://pos.example",
    "https://pos.example:8443",
    "https://pos.example.evil.example",
    "https://user:secret@pos.example",
    "https://pos.example/?to=x",
    "ftp://pos.example",
    "pos.example",
    "",
  ])("%j is not called", (url) => expect(posBase(url, EU)).toBeNull());

  test("may be plain HTTP on one machine alone", () => {
    expect(posBase("http://127.0.0.1:8801", { ...EU, plainHttp: true })).toBe("http://127.0.0.1:8801");
    expect(posBase("http://127.0.0.1:8801", EU)).toBeNull();
  });
});
