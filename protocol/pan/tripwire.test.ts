import { describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { isTypedCode, looksLikePan, scanFields } from "./tripwire.ts";
import { passesLuhn } from "./schemes.ts";
import { hasGs1CheckDigit } from "./typed.ts";

/** The schemes' published test numbers and the same shapes with right check digits. */
const HITS = [
  ["Visa", "4111111111111111"],
  ["Visa with 19 digits", "4000000000000000006"],
  ["Mastercard", "5555555555554444"],
  ["Mastercard, series 2", "2223003122003222"],
  ["American Express", "378282246310005"],
  ["Discover", "6011111111111117"],
  ["Diners Club", "30569309025904"],
  ["Diners Club 36", "36227206271667"],
  ["JCB", "3566002020360505"],
  ["UnionPay", "6200000000000005"],
  ["Maestro", "6759649826438453"],
  ["in a 4-4-4-4 grouping", "card 4111 1111 1111 1111, thanks"],
  ["in a 4-6-5 grouping", "3782-822463-10005"],
  ["with dots", "4111.1111.1111.1111"],
  ["with slashes", "4111/1111/1111/1111"],
  ["with no-break spaces", "4111\u00A01111\u00A01111\u00A01111"],
  ["with zero-width spaces", "4111\u200B1111\u200B11111111"],
  ["with a soft hyphen and a word joiner", "41111111\u00AD1111\u20601111"],
  ["with spaced dashes", "4111 - 1111 – 1111 — 1111"],
  ["in full-width digits", "４１１１１１１１１１１１１１１１"],
  ["in Arabic-Indic digits", "٤١١١١١١١١١١١١١١١"],
  ["in Devanagari digits", "४१११११११११११११११"],
  ["in mathematical digits", "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏"],
  ["in keycap emoji", Array.from("4111111111111111", (digit) => `${digit}\uFE0F\u20E3`).join("")],
  ["stuck to a word", "PAN4111111111111111x"],
  ["in track 2", ";4111111111111111=27121010000012300000?"],
  ["in track 1", "%B4111111111111111^DOE/JANE^27121010000012300000?"],
  ["before its expiry date", "4111 1111 1111 1111 12/27"],
  ["in an odd grouping before expiry date and code", "4111 111 11111 1111 12 27 123"],
  ["after another number", "order 7 4111 1111 1111 1111"],
  ["beside a long number", "12345678901234567890 4111111111111111"],
  ["in a query string", "?note=4111+1111+1111+1111"],
  ["percent-encoded", "?note=4111%201111%201111%201111"],
  ["in base64", "bm90ZTogNDExMTExMTExMTExMTExMQ=="],
  ["in base64 without padding, after a word of the same alphabet", "abcNDExMSAxMTExIDExMTEgMTExMQ"],
  ["in base64url, in a path", "/v1/notes/eyJjYXJkIjoiNDExMTExMTExMTExMTExMSIsIm5vdGUiOiLDv8O_In0"],
  ["in base64 of full-width digits", Buffer.from("４１１１１１１１１１１１１１１１").toString("base64")],
  ["in base64 in a data URL", "data:text/plain;base64,Mzc4MjgyMjQ2MzEwMDA1"],
  ["in base64 of UTF-16", Buffer.from("4111111111111111", "utf16le").toString("base64")],
  ["in base64, percent-encoded", "?q=NDExMTExMTExMTExMTExMQ%3D%3D"],
  ["in UTF-16 read as bytes", Buffer.from("4111111111111111", "utf16le").toString("latin1")],
  ["in JSON text", '{"a":[1,{"n":4111111111111111}]}'],
  ["in an exponent's digits", "4111111111111111e0"],
  ["in percent-encoded digits", "%34%31%31%31111111111111"],
  ["beside broken percent-encoding", "%E0%A4%A 4111%2D1111%2D1111%2D1111"],
] as const;

const LOOK_ALIKES = [
  ["a time in milliseconds with a right check digit", "1763764543007"],
  ["a GTIN-13 that passes Luhn", "4006381330060"],
  ["a retired 13-digit Visa", "4222222222222"],
  ["a wrong check digit", "4111111111111112"],
  ["no issuer's range", "9111111111111111"],
  ["digits inside a run of 20", "41111111111111110000"],
  ["digits at the end of a run of 24", "000000004111111111111111"],
  ["a UUID of digits", "41111111-1111-1111-8000-000000000000"],
  ["a UUID of digits and letters", "a1b2c3d4-4111-4111-8111-111111111111"],
  ["a serial of 32 hex digits", "deadbeef4111111111111111cafebabe"],
  ["base64 of random bytes", "3q2+7xERERERERGvy66+796tvu8RERERERGvyw=="],
  ["base64 of base64: it is decoded once", "TkRFeE1URXhNVEV4TVRFeE1URXhNUT09"],
  ["base64 of a wrong check digit", "NDExMTExMTExMTExMTExMg=="],
  ["a loyalty number of a registered range", "9820000000017"],
  ["an EAN-13 of a German prefix that passes Luhn", "4000417025005"],
  ["a GTIN-14 of that article", "04000417025005"],
  ["base64", "QzQxMTEx/4111+1111/MTEx1111abcd=="],
  ["an ISO 8601 time", "2026-11-21T22:35:43.123Z"],
  ["an IPv4 address", "192.168.100.100"],
  ["a user agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.7444.135 Safari/537.36"],
  ["a telephone number", "+49 (0)30 1234567"],
  ["an IBAN", "DE89 3704 0044 0532 0130 00"],
  ["nothing", ""],
] as const;

describe("the card-number tripwire", () => {
  it.each(HITS)("finds a card number: %s", (_, text) => {
    expect(looksLikePan(text)).not.toBeNull();
  });

  it.each(LOOK_ALIKES)("lets pass: %s", (_, text) => {
    expect(looksLikePan(text)).toBeNull();
  });

  it("says no more than the first six and the last four digits", () => {
    expect(looksLikePan("x 5555 5555 5555 4444 y")).toEqual({ first6: "555555", last4: "4444" });
  });

  it("finds every card number in every grouping, between words", () => {
    fc.assert(
      fc.property(
        pan,
        fc.array(separator, { minLength: 19, maxLength: 19 }),
        word,
        word,
        (digits, gaps, left, right) => {
          const grouped = Array.from(digits, (digit, place) => (place === 0 ? digit : `${gaps[place]}${digit}`)).join(
            "",
          );
          const hit = looksLikePan(`${left} ${grouped} ${right}`);
          expect(hit).toEqual({ first6: digits.slice(0, 6), last4: digits.slice(-4) });
        },
      ),
    );
  });

  it("finds every card number in base64 and base64url, whatever stands around it", () => {
    const form = fc.constantFrom<BufferEncoding>("base64", "base64url");
    const around = fc.string({ unit: "grapheme-ascii", maxLength: 12 }).filter((text) => !/[0-9\s./\\_+-]/.test(text));
    fc.assert(
      fc.property(
        pan,
        form,
        around,
        around,
        fc.constantFrom("", "x", "no", "abc", "note"),
        (digits, encoding, before, after, outside) => {
          const text = Buffer.from(before + digits + after).toString(encoding);
          expect(looksLikePan(`${outside} ${text}`)).not.toBeNull();
          expect(looksLikePan(outside + text)).not.toBeNull();
        },
      ),
    );
  });

  it("finds every card number in its scheme's grouping, wherever other numbers stand", () => {
    fc.assert(
      fc.property(pan16, fc.constantFrom(" ", "-", "."), fc.nat(9999), fc.nat(9999), (digits, gap, before, after) => {
        const grouped = digits.replace(/(.{4})(?=.)/g, `$1${gap}`);
        expect(looksLikePan(`${before} ${grouped} ${after}`)).not.toBeNull();
      }),
    );
  });

  it("never finds one in a run of 20 digits or more", () => {
    fc.assert(
      fc.property(pan, fc.stringMatching(/^[0-9]{6,12}$/), fc.boolean(), (digits, more, first) => {
        expect(looksLikePan(first ? more + digits : digits + more)).toBeNull();
      }),
    );
  });

  it("answers for any text, of any size", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => looksLikePan(text) !== undefined));
    for (const piece of ["4 ", "41111111111111110 ", "NDEx", "-_-a", "4-", "%34", "4\u200B", "deadbeef4"])
      expect(looksLikePan(piece.repeat(200_000 / piece.length))).toBeNull();
  });
});

describe("the tripwire over a parsed body", () => {
  it("looks into nested objects, lists, names, numbers, maps and bytes", () => {
    expect(scanFields({ a: { b: ["x", { c: "4111 1111 1111 1111" }] } })?.field).toBe("a.b.1.c");
    expect(scanFields({ a: 4111111111111111 })).toEqual({ field: "a", first6: "411111", last4: "1111" });
    expect(scanFields({ a: 4111111111111111n })?.field).toBe("a");
    expect(scanFields({ a: { "4111111111111111": true } })?.field).toBe("a");
    expect(scanFields({ a: new Map([[1, "4111111111111111"]]) })?.field).toBe("a.1");
    expect(scanFields({ a: new TextEncoder().encode("4111111111111111") })?.field).toBe("a");
    expect(scanFields({ a: "hello", b: [1, 2, null, true], c: { d: undefined } })).toBeNull();
  });

  it("finds a 19-digit number that JSON has rounded", () => {
    expect(scanFields(JSON.parse('{"a":4000000000000000006}') as Record<string, unknown>)).not.toBeNull();
  });

  it("lets a field of its own type pass, and only while it is of that type", () => {
    const code = typedCardLookAlike();
    expect(looksLikePan(code)).not.toBeNull();
    expect(scanFields({ lines: [{ code }] }, { code: isTypedCode })).toBeNull();
    expect(scanFields({ codes: [code] }, { codes: isTypedCode })).toBeNull();
    expect(scanFields({ note: code }, { code: isTypedCode })).not.toBeNull();
    expect(scanFields({ code: "4111111111111111" }, { code: isTypedCode })).not.toBeNull();
    expect(scanFields({ constructor: "4111111111111111" }, {})).not.toBeNull();
  });

  it("never stops a scanned code in a typed field", () => {
    fc.assert(
      fc.property(scannedCode, (code) => {
        expect(isTypedCode(code)).toBe(true);
        expect(scanFields({ code }, { code: isTypedCode })).toBeNull();
      }),
    );
  });

  it("ends on a body that holds itself and on a deep one", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(scanFields(circle)).toBeNull();
    let deep: Record<string, unknown> = { note: "4111111111111111" };
    for (let level = 0; level < 5000; level += 1) deep = { a: deep };
    expect(scanFields(deep)).not.toBeNull();
  });
});

describe("a scanned code", () => {
  it.each(["96385074", "036000291452", "4006381330060", "10614141000415", "106141411234567897"])("is %s", (code) => {
    expect(isTypedCode(code)).toBe(true);
  });

  it.each([
    "4006381330061",
    "4006381330060 ",
    "４００６３８１３３００６０",
    "4111111111111111",
    "",
    "1234567",
    96385074,
    null,
  ])("is not %s", (code) => {
    expect(isTypedCode(code)).toBe(false);
  });
});

describe("the corpus of German articles", () => {
  it("has one GTIN-13 in ten that passes Luhn, and none of them is taken for a card", () => {
    const codes = Array.from({ length: 2000 }, (_, article) => {
      const body = `40012345${String(article).padStart(4, "0")}`;
      return body + Array.from("0123456789").find((digit) => hasGs1CheckDigit(body + digit));
    });
    expect(codes.filter(passesLuhn).length).toBeGreaterThan(150);
    expect(codes.filter((code) => looksLikePan(code) !== null || looksLikePan(`0${code}`) !== null)).toEqual([]);
  });
});

const shapes: readonly (readonly [head: string, length: number])[] = [
  ["4", 16],
  ["4", 19],
  ["51", 16],
  ["55", 16],
  ["2221", 16],
  ["2720", 16],
  ["34", 15],
  ["37", 15],
  ["6011", 16],
  ["644", 16],
  ["65", 19],
  ["36", 14],
  ["38", 14],
  ["39", 14],
  ["300", 14],
  ["305", 14],
  ["3528", 16],
  ["3589", 16],
  ["62", 16],
  ["62", 17],
  ["62", 18],
  ["62", 19],
  ["6759", 18],
];
const panOf = (from: typeof shapes) =>
  fc
    .constantFrom(...from)
    .chain(([head, length]) =>
      fc.stringMatching(new RegExp(`^[0-9]{${length - head.length - 1}}$`)).map((rest) => withLuhn(head + rest)),
    );
const pan = panOf(shapes);
const pan16 = panOf(shapes.filter(([, length]) => length === 16));
const separator = fc.constantFrom(
  "",
  "",
  "",
  " ",
  "-",
  ".",
  "/",
  "\u00A0",
  "\u200B",
  " - ",
  "\u2013",
  "\u2009",
  "\t",
  "\n",
);
const word = fc.stringMatching(/^[a-z]{0,8}$/);
const scannedCode = fc
  .constantFrom(7, 11, 12, 13, 17)
  .chain((length) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)))
  .map((body) => body + Array.from("0123456789").find((digit) => hasGs1CheckDigit(body + digit)));

/** Appends the check digit, computed apart from the code under test. */
function withLuhn(body: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = Array.from(body)
    .toReversed()
    .map((digit, place) => (place % 2 === 0 ? (doubled[Number(digit)] ?? 0) : Number(digit)))
    .reduce((total, value) => total + value, 0);
  return body + String((10 - (sum % 10)) % 10);
}

/** A GTIN-14 that is a Diners Club number by its range, length and check digit. */
function typedCardLookAlike(): string {
  for (let body = 3600000000000; ; body += 1) {
    const code = withLuhn(String(body));
    if (isTypedCode(code)) return code;
  }
}
