import { cdeDecodeOptions, decode as peerDecode, encode as peerEncode } from "cbor2";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../bytes.ts";
import { MAX_DEPTH, MAX_SIZE, decodeCbor, encodeCbor, type CborValue } from "./cbor.ts";

const nested = (levels: number): string => `${"81".repeat(levels)}00`;

describe("the CBOR decoder", () => {
  it("takes eight levels and refuses nine, the tag being one", () => {
    expect(decodeCbor(fromHex(nested(MAX_DEPTH))).ok).toBe(true);
    expect(decodeCbor(fromHex(nested(MAX_DEPTH + 1)))).toEqual({ ok: false, reason: "depth" });
    expect(decodeCbor(fromHex(`d2${nested(MAX_DEPTH - 1)}`), 18).ok).toBe(true);
    expect(decodeCbor(fromHex(`d2${nested(MAX_DEPTH)}`), 18)).toEqual({ ok: false, reason: "depth" });
    expect(decodeCbor(fromHex(`${"a100".repeat(MAX_DEPTH)}a0`))).toEqual({ ok: false, reason: "depth" });
  });

  it("takes 16 KiB and refuses one byte more", () => {
    expect(decodeCbor(encodeCbor(new Uint8Array(MAX_SIZE - 3))).ok).toBe(true);
    expect(decodeCbor(encodeCbor(new Uint8Array(MAX_SIZE - 2)))).toEqual({ ok: false, reason: "size" });
  });

  it("takes the expected tag only, and only in its shortest form", () => {
    expect(decodeCbor(fromHex("d201"), 18)).toEqual({ ok: true, value: 1 });
    for (const other of ["01", "d101", "d81201", "d2"]) expect(decodeCbor(fromHex(other), 18).ok).toBe(false);
  });

  it("keeps a byte order mark, so that no two encodings have one value", () => {
    expect(decodeCbor(fromHex("63efbbbf"))).toEqual({ ok: true, value: "\u{feff}" });
  });

  it("gives byte strings memory of their own", () => {
    const source = fromHex("43010203");
    const decoded = decodeCbor(source);
    source.fill(0);
    expect(decoded).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3) });
  });

  it("never throws, and accepts only what it would encode itself, as another implementation does", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .array(fc.constantFrom(0x00, 0x01, 0x18, 0x20, 0x41, 0x61, 0x81, 0x82, 0xa1, 0xa2, 0xf6, 0xf9, 0xff), {
          maxLength: 12,
        })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const decoded = decodeCbor(input);
        if (!decoded.ok) return;
        expect(hex(encodeCbor(decoded.value))).toBe(hex(input));
        expect(peerDecode(input, { ...cdeDecodeOptions, preferMap: true })).toEqual(decoded.value);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("the CBOR encoder", () => {
  it("writes what another implementation writes in its deterministic mode, and reads it back", () => {
    fc.assert(
      fc.property(value(4), (item) => {
        const encoded = encodeCbor(item);
        expect(hex(encoded)).toBe(hex(peerEncode(item, { cde: true })));
        expect(decodeCbor(encoded)).toEqual({ ok: true, value: item });
      }),
    );
  });

  it("sorts keys by their bytes: positive, negative, then text by length", () => {
    const map = new Map<number | string, number>([
      ["aa", 0],
      ["b", 0],
      [-1, 0],
      [256, 0],
      [10, 0],
      [-70001, 0],
    ]);
    expect(hex(encodeCbor(map))).toBe("a60a001901000020003a000111700061620062616100");
  });

  it.each([1.5, Number.NaN, Infinity, 2 ** 53])("throws for %d", (number) => {
    expect(() => encodeCbor(number)).toThrow(RangeError);
  });

  it("throws for a lone surrogate", () => {
    expect(() => encodeCbor("\u{d800}")).toThrow(RangeError);
  });
});

function value(depth: number): fc.Arbitrary<CborValue> {
  const leaf = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.string({ unit: "binary" }),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
  );
  if (depth === 0) return leaf;
  const inner = value(depth - 1);
  const key = fc.oneof(fc.integer({ min: -100_000, max: 100_000 }), fc.string({ maxLength: 4 }));
  return fc.oneof(
    leaf,
    fc.array(inner, { maxLength: 30 }),
    fc
      .uniqueArray(fc.tuple(key, inner), { selector: ([name]) => name, maxLength: 30 })
      .map((entries) => new Map(entries)),
  );
}
