/**
 * The part of CBOR that crosses the air, in its one deterministic form (RFC 8949, 4.2.1): integers, byte and text
 * strings, arrays, maps with integer or text keys, false, true, null, and one expected tag. There is no lenient mode.
 * Why it is not a library: docs/decisions/0001-cbor.md.
 */
import { fail, ok, type Result } from "../result.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type CborKey = number | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/** Arrays, maps and the tag count one level each. */
export const MAX_DEPTH = 8;
/** Bytes of one encoded item, a whole frame included. */
export const MAX_SIZE = 16 * 1024;

/** Why bytes are not an item in deterministic form; for the operator, never for the wire. */
export type CborReason =
  | "size"
  | "truncated"
  | "trailing"
  | "depth"
  | "indefinite"
  | "not_minimal"
  | "reserved"
  | "range"
  | "utf8"
  | "float"
  | "simple"
  | "tag"
  | "key_type"
  | "duplicate_key"
  | "key_order";

/**
 * Decodes exactly one item.
 * @param tag the tag (below 256) that must stand before it; none may without. No other tag is ever accepted.
 * @param maxSize in bytes.
 */
export function decodeCbor(bytes: Uint8Array, tag?: number, maxSize = MAX_SIZE): Result<CborValue, CborReason> {
  if (bytes.length > maxSize) return fail("size");
  const decoder = new Decoder(bytes);
  const value = tag === undefined ? decoder.item(1) : decoder.tagged(tag);
  if (value === undefined) return fail(decoder.refusal ?? "truncated");
  return decoder.atEnd ? ok(value) : fail("trailing");
}

/** Each method answers undefined once something is refused; `refusal` then says why. */
class Decoder {
  refusal: CborReason | undefined;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  tagged(tag: number): CborValue | undefined {
    for (const byte of tagHead(tag)) {
      if (this.#bytes[this.#at] !== byte) return this.#refuse(this.atEnd ? "truncated" : "tag");
      this.#at += 1;
    }
    return this.item(2);
  }

  item(depth: number): CborValue | undefined {
    const initial = this.#bytes[this.#at];
    if (initial === undefined) return this.#refuse("truncated");
    const major = initial >> 5;
    if (major === 7) return this.#simple(initial);
    if (major === 6) return this.#refuse("tag");
    const argument = this.#argument(initial);
    if (argument === undefined) return undefined;
    switch (major) {
      case 0:
        return argument;
      case 1:
        return argument === Number.MAX_SAFE_INTEGER ? this.#refuse("range") : -1 - argument;
      case 2:
        return this.#string(argument)?.slice();
      case 3:
        return this.#text(argument);
      case 4:
        return this.#array(argument, depth);
      default:
        return this.#map(argument, depth);
    }
  }

  #refuse(reason: CborReason): undefined {
    this.refusal ??= reason;
  }

  #simple(initial: number): CborValue | undefined {
    this.#at += 1;
    if (initial === 0xf4) return false;
    if (initial === 0xf5) return true;
    if (initial === 0xf6) return null;
    if (initial === 0xff) return this.#refuse("indefinite");
    return this.#refuse(initial >= 0xf9 && initial <= 0xfb ? "float" : "simple");
  }

  /** The argument of the head (RFC 8949, 3), refused unless it is in its shortest form. */
  #argument(initial: number): number | undefined {
    const info = initial & 0x1f;
    this.#at += 1;
    if (info < 24) return info;
    if (info === 31) return this.#refuse("indefinite");
    if (info > 27) return this.#refuse("reserved");
    const width = 1 << (info - 24);
    const end = this.#at + width;
    if (end > this.#bytes.length) return this.#refuse("truncated");
    let argument = 0;
    for (; this.#at < end; this.#at += 1) argument = argument * 256 + (this.#bytes[this.#at] ?? 0);
    if (argument < (SHORTEST[info - 24] ?? 0)) return this.#refuse("not_minimal");
    return Number.isSafeInteger(argument) ? argument : this.#refuse("range");
  }

  #string(length: number): Uint8Array | undefined {
    const start = this.#at;
    if (length > this.#bytes.length - start) return this.#refuse("truncated");
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  #text(length: number): string | undefined {
    const bytes = this.#string(length);
    if (bytes === undefined) return undefined;
    try {
      return UTF8.decode(bytes);
    } catch {
      return this.#refuse("utf8");
    }
  }

  #array(length: number, depth: number): CborValue[] | undefined {
    if (depth > MAX_DEPTH) return this.#refuse("depth");
    const items: CborValue[] = [];
    for (let index = 0; index < length; index += 1) {
      const item = this.item(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }

  #map(length: number, depth: number): CborMap | undefined {
    if (depth > MAX_DEPTH) return this.#refuse("depth");
    const entries = new Map<CborKey, CborValue>();
    let previous: Uint8Array | undefined;
    for (let index = 0; index < length; index += 1) {
      const start = this.#at;
      const key = this.item(depth + 1);
      if (key === undefined) return undefined;
      if (typeof key !== "number" && typeof key !== "string") return this.#refuse("key_type");
      const encoded = this.#bytes.subarray(start, this.#at);
      const order = previous === undefined ? -1 : compareBytes(previous, encoded);
      if (order >= 0) return this.#refuse(order === 0 ? "duplicate_key" : "key_order");
      previous = encoded;
      const value = this.item(depth + 1);
      if (value === undefined) return undefined;
      entries.set(key, value);
    }
    return entries;
  }
}

/** The least argument that may take 1, 2, 4 or 8 bytes. */
const SHORTEST = [24, 0x100, 0x1_0000, 0x1_0000_0000];
/** With `ignoreBOM` a U+FEFF stays in the text: no two encodings may decode to the same value. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const TO_UTF8 = new TextEncoder();

/** A tag in its shortest form (RFC 8949, 3.4). */
function tagHead(tag: number): readonly number[] {
  return tag < 24 ? [0xc0 | tag] : [0xd8, tag];
}

/** Bytewise lexicographic order, as RFC 8949 4.2.1 sorts keys. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Encodes one item, maps sorted.
 * @param tag a tag below 256 to stand before it.
 * @throws RangeError for what has no deterministic form here: a fraction, an unsafe integer, a lone surrogate.
 */
export function encodeCbor(value: CborValue, tag?: number): Bytes {
  const out: number[] = tag === undefined ? [] : [...tagHead(tag)];
  put(out, value);
  return Uint8Array.from(out);
}

function put(out: number[], value: CborValue): void {
  if (value === null) out.push(0xf6);
  else if (typeof value === "boolean") out.push(value ? 0xf5 : 0xf4);
  else if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new RangeError("not a safe integer");
    if (value < 0) putHead(out, 1, -1 - value);
    else putHead(out, 0, value);
  } else if (typeof value === "string") {
    if (!value.isWellFormed()) throw new RangeError("not well-formed text");
    const utf8 = TO_UTF8.encode(value);
    putHead(out, 3, utf8.length);
    putBytes(out, utf8);
  } else if (value instanceof Uint8Array) {
    putHead(out, 2, value.length);
    putBytes(out, value);
  } else if (value instanceof Map) putMap(out, value as CborMap);
  else {
    const items = value as readonly CborValue[];
    putHead(out, 4, items.length);
    for (const item of items) put(out, item);
  }
}

function putMap(out: number[], map: CborMap): void {
  const entries = Array.from(map, ([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  putHead(out, 5, entries.length);
  for (const { key, value } of entries) {
    putBytes(out, key);
    put(out, value);
  }
}

function putBytes(out: number[], bytes: Uint8Array): void {
  for (const byte of bytes) out.push(byte);
}

function putHead(out: number[], major: number, argument: number): void {
  const initial = major << 5;
  if (argument < 24) {
    out.push(initial | argument);
    return;
  }
  const widthIndex = SHORTEST.findLastIndex((least) => argument >= least);
  out.push(initial | (24 + widthIndex));
  for (let byte = (1 << widthIndex) - 1; byte >= 0; byte -= 1) out.push(Math.floor(argument / 256 ** byte) % 256);
}
