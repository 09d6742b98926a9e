import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCatalogue } from "./csv.ts";
import { cleanName } from "./product-name.ts";

const HEADER = "gtin,name,price_minor,currency,tax_class,net_weight_g";

function read(rows: readonly string[], header = HEADER, newline = "\n") {
  const result = readCatalogue([header, ...rows].join(newline), "EUR");
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

describe("a catalogue", () => {
  test("gives a product a row, with commas, quotes and either line end", () => {
    const rows = ['4006381333931,"Bread, ""dark""",299,EUR,food,500', "96385074,Wine,799,EUR,alcohol,", ""];
    for (const newline of ["\n", "\r\n"])
      expect(read(rows, HEADER, newline)).toEqual({
        rows: [
          {
            item: "04006381333931",
            name: 'Bread, "dark"',
            unitMinor: 299,
            currency: "EUR",
            measure: "each",
            taxClass: "food",
            netGrams: 500,
          },
          {
            item: "00000096385074",
            name: "Wine",
            unitMinor: 799,
            currency: "EUR",
            measure: "each",
            taxClass: "alcohol",
            netGrams: null,
          },
        ],
        refused: [],
      });
  });

  test("may begin with a byte-order mark", () => {
    expect(read(["96385074,Wine,799,EUR,alcohol,"], `\ufeff${HEADER}`).rows).toHaveLength(1);
  });

  test.each([
    ["plu:4011", "", "weight"],
    ["plu:4011", "180", "each"],
    ["rcn:2112345", "", "weight"],
    ["90614141000015", "", "weight"],
  ])("%s with net weight %j is sold by %s", (code, weight, measure) => {
    expect(read([`${code},Goods,199,EUR,food,${weight}`]).rows).toMatchObject([{ measure }]);
  });

  test.each([
    ["4006381333932,Bread,299,EUR,food,", "bad_check_digit"],
    ["400638,Bread,299,EUR,food,", "bad_gtin"],
    ["plu:0401,Bread,299,EUR,food,", "bad_gtin"],
    ["=cmd(),Bread,299,EUR,food,", "bad_gtin"],
    ["96385074,Bread,2.99,EUR,food,", "bad_price"],
    ["96385074,Bread,-1,EUR,food,", "bad_price"],
    ["96385074,Bread,1e3,EUR,food,", "bad_price"],
    ["96385074,Bread,,EUR,food,", "bad_price"],
    ["96385074,Bread,1000000001,EUR,food,", "bad_price"],
    ["96385074,Bread,299,USD,food,", "wrong_currency"],
    ["96385074,  ,299,EUR,food,", "empty_name"],
    ["96385074,&nbsp;,299,EUR,food,", "empty_name"],
    ["96385074,Bread,299,EUR,toys,", "unknown_tax_class"],
    ["96385074,Bread,299,EUR,food,-5", "bad_weight"],
    ["96385074,Bread,299,EUR,food,5.5", "bad_weight"],
    [`96385074,${"x".repeat(501)},299,EUR,food,`, "name_too_long"],
    [`96385074,Bread,299,EUR,${"x".repeat(65)},`, "too_long"],
    ["96385074,Br\u0007ead,299,EUR,food,", "control_character"],
    ["96385074,Br&#8238;ead,299,EUR,food,", "control_character"],
    ["96385074,Card 4242 4242 4242 4242,299,EUR,food,", "pan_detected"],
    ["96385074,Bread,299,EUR,food", "wrong_number_of_fields"],
    ["96385074,Bread,299,EUR,food,,", "wrong_number_of_fields"],
    ['96385074,"Bre"ad,299,EUR,food,', "bad_quotes"],
  ])("reports %j as %s and keeps the rows beside it", (row, reason) => {
    const { rows, refused } = read(["4006381333931,Bread,299,EUR,food,", row, "plu:4011,Bananas,199,EUR,food,"]);
    expect(refused[0]).toEqual({ line: 3, reason });
    expect(rows[0]).toMatchObject({ item: "04006381333931" });
  });

  test("names the line of the file, though a field before it holds line breaks", () => {
    const rows = ['4006381333931,"Br\n\nead",299,EUR,food,', "plu:4011,Bananas,x,EUR,food,"];
    expect(read(rows).refused).toEqual([
      { line: 2, reason: "control_character" },
      { line: 5, reason: "bad_price" },
    ]);
  });

  test("keeps the first of two rows with one GTIN, in whatever form they are written", () => {
    const { rows, refused } = read(["036000291452,First,1,EUR,food,", "0036000291452,Second,2,EUR,food,"]);
    expect(rows).toMatchObject([{ name: "First" }]);
    expect(refused).toEqual([{ line: 3, reason: "duplicate_gtin" }]);
  });

  test.each([
    "",
    "gtin,name",
    "name,gtin,price_minor,currency,tax_class,net_weight_g",
    `${HEADER},more`,
    HEADER.toUpperCase(),
    HEADER.replaceAll(",", ";"),
    "96385074,Wine,799,EUR,alcohol,",
  ])("with the header %j is refused", (header) => {
    expect(readCatalogue(`${header}\n96385074,Wine,799,EUR,alcohol,`, "EUR")).toEqual({
      ok: false,
      reason: "bad_header",
    });
  });

  test("accounts for every line of any text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }).map((each) => each.replaceAll(/["\r\n]/g, " "))),
        (lines) => {
          const { rows, refused } = read(lines);
          const meant = lines.filter((each) => each.trim() !== "");
          expect(rows.length + refused.length).toBe(meant.length);
        },
      ),
    );
  });
});

describe("a product's name", () => {
  test.each([
    ["&quot;World's Best&quot; Mac & Cheese", '"World\'s Best" Mac & Cheese'],
    ["Whisky 40 &deg;", "Whisky 40 °"],
    ["Caf&amp;eacute; &#233;&#xe9;", "Café éé"],
    ["Bouillon de B\u009cuf", "Bouillon de Bœuf"],
    ["  Two \t words ", "Two words"],
    ["Cafe\u0301", "Café"],
    ["A &unknown; B &#0; C", "A &unknown; B &#0; C"],
    ["Meatball <<Beef>>", "Meatball <<Beef>>"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
  ])("%j becomes %j", (raw, name) => {
    const spaced = cleanName(raw.replace("\t", " "));
    expect(spaced).toEqual({ ok: true, value: name });
  });

  test("too long for the display is cut between words", () => {
    const cleaned = cleanName("word ".repeat(30));
    if (!cleaned.ok) throw new Error(cleaned.reason);
    expect(cleaned.value).toMatch(/ word…$/);
    expect(Array.from(cleaned.value).length).toBeLessThanOrEqual(80);
    expect(cleanName("🥖".repeat(90))).toEqual({ ok: true, value: `${"🥖".repeat(79)}…` });
  });

  test.each(["a\u0000b", "a\tb", "a&#7;b", "a\u0081b", "a\u202eb", "a\u2066b", "a\u2028b", "a\ud800b"])(
    "%j is refused",
    (raw) => expect(cleanName(raw)).toEqual({ ok: false, reason: "control_character" }),
  );
});
