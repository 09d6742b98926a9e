/** Something that must not be left behind, by what it is. */
export interface Sought {
  readonly what: string;
  readonly text: string;
}

/** Ways in which a program may hold a text: as it is, and as firmware might pack it. */
function formsOf(text: string): [form: string, bytes: Buffer][] {
  const digits = /^\d+$/.test(text);
  return [
    ["text", Buffer.from(text, "ascii")],
    ["text backwards", Buffer.from(text.split("").toReversed().join(""), "ascii")],
    ["UTF-16", Buffer.from(text, "utf16le")],
    ["base64", Buffer.from(Buffer.from(text, "ascii").toString("base64").replaceAll("=", ""), "ascii")],
    ["hex", Buffer.from(Buffer.from(text, "ascii").toString("hex"), "ascii")],
    ...(digits && text.length % 2 === 0 ? [["BCD", Buffer.from(text, "hex")] as [string, Buffer]] : []),
    ...(digits && text.length <= 19 ? numbersOf(BigInt(text)) : []),
  ];
}

function numbersOf(number: bigint): [string, Buffer][] {
  const little = Buffer.alloc(8);
  little.writeBigUInt64LE(number);
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(number);
  return [
    ["a number", little],
    ["a number, big endian", big],
  ];
}

/** Pieces of the sought as long as this are hits too: a copy that was overwritten in part is one. */
const PIECE = 12;

/** Where anything of it is, each hit as `what, form, offset`. */
export function residueIn(bytes: Buffer, sought: readonly Sought[]): string[] {
  return sought.flatMap(({ what, text }) => {
    const whole = formsOf(text).flatMap(([form, needle]) => hits(bytes, needle, `${what} as ${form}`));
    const pieces = Array.from({ length: Math.max(0, text.length - PIECE) }, (_, at) => text.slice(at, at + PIECE));
    const parts = pieces.flatMap((piece) => hits(bytes, Buffer.from(piece, "ascii"), `a piece of ${what}`));
    return [...whole, ...parts];
  });
}

function hits(bytes: Buffer, needle: Buffer, name: string): string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1))
    found.push(`${name} at ${at.toString(16)}`);
  return found;
}
