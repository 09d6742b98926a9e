import { createHash } from "node:crypto";

/** One way in which a card number can lie in a file: as exact bytes, or as a pattern over bytes read as Latin-1. */
export interface Form {
  /** The number that it gives away: first six and last four. */
  readonly card: string;
  readonly name: string;
  readonly needle: Buffer | RegExp;
  /** Bytes that the form must be found in: for the search's own test. */
  readonly sample: Buffer;
}

const DIGESTS = ["md5", "sha1", "sha256", "sha512"] as const;
/** Digests of a number as it is printed are as good as digests of its digits: there is little to try. */
const GAPS: Readonly<Record<string, string>> = { plain: "", "with spaces": " ", "with hyphens": "-", "with dots": "." };

/** Every form of one number that must be nowhere at rest. */
export function formsOf(pan: string): Form[] {
  const card = maskOf(pan);
  const bytes = (name: string, needle: Buffer): Form => ({ card, name, needle, sample: needle });
  const grouped = Object.entries(GAPS).map(([name, gap]) => [name, groupsOf(pan).join(gap)] as const);
  return [
    ...grouped.map(([name, text]) => bytes(`digits, ${name}`, Buffer.from(text))),
    ...encodings(pan).map(([name, needle]) => bytes(name, needle)),
    ...numbers(pan).map(([name, needle]) => bytes(name, needle)),
    ...grouped.slice(0, 3).flatMap(([name, text]) => digests(name, text).map(([form, needle]) => bytes(form, needle))),
    ...truncations(pan).map(([name, needle, sample]): Form => ({ card, name, needle, sample: Buffer.from(sample) })),
  ];
}

export function maskOf(pan: string): string {
  return `${pan.slice(0, 6)}…${pan.slice(-4)}`;
}

/** As cards are printed: 4-6-5 for fifteen digits, fours for the others. */
export function groupsOf(pan: string): string[] {
  const parts = pan.length === 15 ? /^(.{4})(.{6})(.{5})$/.exec(pan)?.slice(1) : pan.match(/.{1,4}/g);
  return [...(parts ?? [pan])];
}

function encodings(pan: string): [string, Buffer][] {
  const text = Buffer.from(pan);
  const utf16 = Buffer.from(pan, "utf16le");
  return [
    ["digits reversed", Buffer.from(Array.from(pan).toReversed().join(""))],
    ["UTF-16LE", utf16],
    ["UTF-16BE", Buffer.from(utf16).swap16()],
    [
      "full-width digits in UTF-8",
      Buffer.from(pan.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))),
    ],
    ["hexadecimal of the digits", Buffer.from(text.toString("hex"))],
    ["packed decimal", Buffer.from(pan.length % 2 === 0 ? pan : `${pan}f`, "hex")],
    ...[0, 1, 2].map((start): [string, Buffer] => [`base64, quantum ${start}`, base64Core(text, start)]),
    ...[0, 1, 2].map((start): [string, Buffer] => [`base64 of UTF-16, quantum ${start}`, base64Core(utf16, start)]),
  ];
}

/** The characters of base64 that depend on these bytes alone, where `before` bytes stand before them in their quantum. */
function base64Core(bytes: Buffer, before: number): Buffer {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes])
    .toString("base64")
    .replaceAll("=", "");
  const whole = Math.floor(((before + bytes.length) * 8) / 6);
  return Buffer.from(encoded.slice(Math.ceil((before * 8) / 6), whole));
}

/** As SQLite, CBOR and memory dumps hold integers and floats of eight bytes. */
function numbers(pan: string): [string, Buffer][] {
  const big = Buffer.alloc(8);
  big.writeBigUInt64BE(BigInt(pan));
  const float = Buffer.alloc(8);
  float.writeDoubleBE(Number(pan));
  return [
    ["integer, big-endian", big],
    ["integer, little-endian", Buffer.from(big).swap64()],
    ["float, big-endian", float],
    ["float, little-endian", Buffer.from(float).swap64()],
  ];
}

function digests(form: string, text: string): [string, Buffer][] {
  return DIGESTS.flatMap((algorithm) => {
    const digest = createHash(algorithm).update(text).digest();
    const hex = digest.toString("hex");
    const name = `${algorithm} of digits ${form}`;
    return [
      [`${name}, raw`, digest],
      [`${name}, hex`, Buffer.from(hex)],
      [`${name}, HEX`, Buffer.from(hex.toUpperCase())],
      [`${name}, base64`, Buffer.from(digest.toString("base64").replaceAll("=", ""))],
      [`${name}, base64url`, Buffer.from(digest.toString("base64url"))],
    ];
  });
}

/**
 * More than the first six or the last four (PCI DSS 3.4.1, 3.5.1): as words of their own, for a longer run of digits
 * or letters would hold them by chance. A number of few different digits (`4242…`) is left out: its first six and its
 * last four, side by side in a row of a table, read like more of it.
 */
function truncations(pan: string): [string, RegExp, string][] {
  const [first6, last4, middle] = [pan.slice(0, 6), pan.slice(-4), pan.slice(6, -4)];
  if (new Set(pan).size < 5 || middle[0] === last4[0] || middle.at(-1) === first6.at(-1)) return [];
  const most: [string, RegExp, string][] = [
    ["first seven digits", new RegExp(`(?<![0-9A-Za-z])${pan.slice(0, 7)}`), ` ${pan.slice(0, 7)}*********`],
    ["last seven digits", new RegExp(`${pan.slice(-7)}(?![0-9A-Za-z])`), `*********${pan.slice(-7)} `],
    [
      "last five digits, masked",
      new RegExp(`[*#xX\\xa2\\xa6.]\\s?${pan.slice(-5)}(?![0-9A-Za-z])`),
      `****${pan.slice(-5)} `,
    ],
  ];
  if (middle.length < 6) return most;
  return [...most, ["middle digits", new RegExp(`(?<![0-9A-Za-z])${middle}(?![0-9A-Za-z])`), ` ${middle} `]];
}
