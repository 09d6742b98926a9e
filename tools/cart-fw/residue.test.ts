import { describe, expect, it } from "vitest";
import { residueIn } from "./residue.ts";

const NUMBER = { what: "number", text: "98200000000123" };
const among = (needle: Buffer) => Buffer.concat([Buffer.alloc(100, 0x5a), needle, Buffer.alloc(100, 0xa5)]);

describe("the search for what must not be left behind", () => {
  it("finds a text as it is, backwards, in UTF-16, base64, hex, BCD and as a number, and says where", () => {
    const little = Buffer.alloc(8);
    little.writeBigUInt64LE(BigInt(NUMBER.text));
    for (const planted of [
      Buffer.from(NUMBER.text),
      Buffer.from(NUMBER.text.split("").toReversed().join("")),
      Buffer.from(NUMBER.text, "utf16le"),
      Buffer.from(Buffer.from(NUMBER.text).toString("base64").replaceAll("=", "")),
      Buffer.from(Buffer.from(NUMBER.text).toString("hex")),
      Buffer.from(NUMBER.text, "hex"),
      little,
    ])
      expect(residueIn(among(planted), [NUMBER])[0]).toMatch(/^number as .* at 64$/);
  });

  it("finds a copy of which the end is gone", () => {
    expect(residueIn(among(Buffer.from(NUMBER.text.slice(0, 12))), [NUMBER])).toEqual(["a piece of number at 64"]);
  });

  it("finds nothing where there is nothing", () => {
    expect(residueIn(among(Buffer.from("98200000000")), [NUMBER])).toEqual([]);
  });
});
