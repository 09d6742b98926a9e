import { describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { utf8 } from "../bytes.ts";
import { parseTilePath, tilePath } from "./tile.ts";

describe("a tile's path", () => {
  it("is the one of the specification", () => {
    expect(tilePath({ level: 0, index: 1_234_067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: 0, index: 273, width: 112 })).toBe("tile/0/273.p/112");
    expect(tilePath({ level: "entries", index: 5, width: 256 })).toBe("tile/entries/005");
    expect(tilePath({ level: 2, index: 1_000, width: 1 })).toBe("tile/2/x001/000.p/1");
  });

  it("is read back as it was written", () => {
    for (const tile of [
      { level: 0, index: 0, width: 256 },
      { level: 63, index: 999, width: 255 },
      { level: "entries", index: 1_000_000_123, width: 1 },
    ] as const)
      expect(parseTilePath(tilePath(tile))).toEqual({ ok: true, value: tile });
  });

  it.each([
    "tile/0",
    "tile/0/0",
    "tile/0/1234",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/001/000",
    "tile/0/x000/001",
    "tile/0/x001/x234/067/",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/0/000.p/1/2",
    "tile/entries/../000",
    "tile/data/000",
    "/tile/0/000",
    "tile/0/000\n",
    "",
  ])("is refused when it is %j", (path) => {
    expect(parseTilePath(path)).toEqual({ ok: false, reason: "malformed" });
  });
});

describe("a bundle of entries", () => {
  it("has each entry behind its length, big-endian", () => {
    const bytes = encodeBundle([utf8("ab"), new Uint8Array(), new Uint8Array(0x0102)]);
    expect([...bytes.subarray(0, 8)]).toEqual([0, 2, 0x61, 0x62, 0, 0, 1, 2]);
    expect(decodeBundle(bytes, 3)).toEqual({ ok: true, value: [utf8("ab"), new Uint8Array(), new Uint8Array(0x0102)] });
  });

  it.each([
    ["cut in an entry", [0, 3, 1, 2], 1],
    ["cut in a length", [0, 1, 1, 0], 2],
    ["of fewer entries than its width", [0, 1, 1], 2],
    ["of more entries than its width", [0, 1, 1, 0, 0], 1],
    ["with a byte behind", [0, 1, 1, 9], 1],
  ])("is refused when it is %s", (_what, bytes, width) => {
    expect(decodeBundle(Uint8Array.from(bytes), width)).toEqual({ ok: false, reason: "malformed" });
  });
});
