/**
 * Shapes: one description of a CDDL rule serves both ways, so that encoder and decoder can't differ. A decoder refuses
 * what is of another form (`malformed`) and what has the form but not the range (`invalid_field`).
 */
import { fail, ok, type Result } from "../result.ts";
import type { CborMap, CborValue } from "./cbor.ts";

export type ShapeReason = "malformed" | "invalid_field" | "identity_kind_not_allowed" | "too_large";

export interface Shape<T> {
  /** Undefined: the key is left out. */
  encode(value: T): CborValue | undefined;
  /** @param value undefined where the key is missing. */
  decode(value: CborValue | undefined): Result<T, ShapeReason>;
}

/** Integers within a range, both ends included. */
export function integer(least: number, most: number): Shape<number> {
  return {
    encode: (value) => value,
    decode: (value) => {
      if (typeof value !== "number") return fail("malformed");
      return value >= least && value <= most ? ok(value) : fail("invalid_field");
    },
  };
}

/** `uint .size n`: at most n bytes, and never beyond what a JavaScript number holds exactly. */
export const uint = (size: 1 | 2 | 4 | 8): Shape<number> =>
  integer(0, size === 8 ? Number.MAX_SAFE_INTEGER : 256 ** size - 1);

/** `bstr .size n`. */
export function bytes(size: number): Shape<Uint8Array> {
  return {
    encode: (value) => value,
    decode: (value) => {
      if (!(value instanceof Uint8Array)) return fail("malformed");
      return value.length === size ? ok(value) : fail("invalid_field");
    },
  };
}

/** `bstr .cbor frame`: left encoded, as its signature is over bytes. */
export const frameBytes: Shape<Uint8Array> = {
  encode: (value) => value,
  decode: (value) => (value instanceof Uint8Array ? ok(value) : fail("malformed")),
};

export const boolean: Shape<boolean> = {
  encode: (value) => value,
  decode: (value) => (typeof value === "boolean" ? ok(value) : fail("malformed")),
};

const UTF8 = new TextEncoder();

/** `tstr .size (least..most)`: RFC 8610, 3.8.1 counts bytes of UTF-8, not characters. */
export function text(least: number, most: number): Shape<string> {
  return {
    encode: (value) => value,
    decode: (value) => {
      if (typeof value !== "string") return fail("malformed");
      if (value.length > most) return fail("invalid_field");
      const size = UTF8.encode(value).length;
      return size >= least && size <= most ? ok(value) : fail("invalid_field");
    },
  };
}

/** Text that a parser of `protocol/ids.ts` turns into its own type. */
export function parsed<T extends string>(parse: (text: string) => T | undefined): Shape<T> {
  return {
    encode: (value) => value,
    decode: (value) => {
      if (typeof value !== "string") return fail("malformed");
      const found = parse(value);
      return found === undefined ? fail("invalid_field") : ok(found);
    },
  };
}

/** One text out of a closed set. */
export function oneOf<T extends string>(...texts: readonly T[]): Shape<T> {
  return parsed((text) => texts.find((known) => known === text));
}

/** A shape whose typed form differs from its wire form; `from` answers undefined for what is out of range. */
export function mapped<W, T>(wire: Shape<W>, to: (value: T) => W, from: (value: W) => T | undefined): Shape<T> {
  return {
    encode: (value) => wire.encode(to(value)),
    decode: (value) => {
      const decoded = wire.decode(value);
      if (!decoded.ok) return decoded;
      const typed = from(decoded.value);
      return typed === undefined ? fail("invalid_field") : ok(typed);
    },
  };
}

/** `? key: shape`: what is missing stands as a value of its own, null unless said. A default is left out on the wire. */
export function optional<T>(shape: Shape<T>): Shape<T | null>;
export function optional<T>(shape: Shape<T>, missing: T): Shape<T>;
export function optional<T>(shape: Shape<T>, missing: T | null = null): Shape<T | null> {
  return {
    encode: (value) => (value === missing || value === null ? undefined : shape.encode(value)),
    decode: (value) => (value === undefined ? ok(missing) : shape.decode(value)),
  };
}

/** `shape / null`: the key is always there. */
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    encode: (value) => (value === null ? null : shape.encode(value)),
    decode: (value) => (value === null ? ok(null) : shape.decode(value)),
  };
}

/** `[ least*most item ]`; more than `most` is `too_large`. */
export function list<T>(item: Shape<T>, least: number, most: number): Shape<readonly T[]> {
  return {
    encode: (values) => values.map((value) => item.encode(value) as CborValue),
    decode: (values) => {
      if (!Array.isArray(values)) return fail("malformed");
      if (values.length > most) return fail("too_large");
      if (values.length < least) return fail("invalid_field");
      const decoded: T[] = [];
      for (const value of values as readonly CborValue[]) {
        const one = item.decode(value);
        if (!one.ok) return one;
        decoded.push(one.value);
      }
      return ok(decoded);
    },
  };
}

/** Each property's key on the wire and its shape. */
export type Fields<T> = { readonly [K in keyof T]-?: readonly [key: number, shape: Shape<T[K]>] };

/** A map with exactly these keys. */
export function struct<T extends object>(fields: Fields<T>): Shape<T> {
  const entries = entriesOf(fields);
  return {
    encode: (value) => new Map(encodeFields(entries, value)),
    decode: (value) => (value instanceof Map ? decodeFields<T>(entries, value as CborMap, 0, {}) : fail("malformed")),
  };
}

/** For each member of a union: what its discriminator is on the wire, and its other fields. */
export type Variants<D extends string, T extends Readonly<Record<D, string>>> = {
  readonly [K in T[D]]: readonly [code: number, fields: Fields<Omit<Extract<T, Readonly<Record<D, K>>>, D>>];
};

/** A union of maps, told apart by the integer at one key. */
export function union<D extends string, T extends Readonly<Record<D, string>>>(
  discriminator: D,
  key: number,
  variants: Variants<D, T>,
): Shape<T> {
  const table = Object.entries<readonly [number, Fields<object>]>(variants);
  const members = table.map(([name, [code, fields]]) => ({ name, code, entries: entriesOf(fields) }));
  return {
    encode: (value) => {
      const member = members.find(({ name }) => name === value[discriminator]);
      if (member === undefined) throw new RangeError(`no such ${discriminator}`);
      return new Map<number, CborValue>([[key, member.code], ...encodeFields(member.entries, value)]);
    },
    decode: (value) => {
      if (!(value instanceof Map)) return fail("malformed");
      const map = value as CborMap;
      const member = members.find(({ code }) => code === map.get(key));
      if (member === undefined) return fail(typeof map.get(key) === "number" ? "invalid_field" : "malformed");
      return decodeFields<T>(member.entries, map, 1, { [discriminator]: member.name });
    },
  };
}

interface Entry {
  readonly name: string;
  readonly key: number;
  readonly shape: Shape<unknown>;
}

function entriesOf<T extends object>(fields: Fields<T>): readonly Entry[] {
  return Object.entries(fields as Record<string, readonly [number, Shape<unknown>]>).map(([name, [key, shape]]) => ({
    name,
    key,
    shape,
  }));
}

function encodeFields(entries: readonly Entry[], value: object): [number, CborValue][] {
  const encoded: [number, CborValue][] = [];
  for (const { name, key, shape } of entries) {
    const item = shape.encode((value as Record<string, unknown>)[name]);
    if (item !== undefined) encoded.push([key, item]);
  }
  return encoded;
}

/** @param known how many keys of the map were read already; any other key that is no field is refused. */
function decodeFields<T>(
  entries: readonly Entry[],
  map: CborMap,
  known: number,
  start: object,
): Result<T, ShapeReason> {
  let present = known;
  const decoded: Record<string, unknown> = { ...start };
  for (const { name, key, shape } of entries) {
    const item = map.get(key);
    if (item !== undefined) present += 1;
    const field = shape.decode(item);
    if (!field.ok) return field;
    decoded[name] = field.value;
  }
  return present === map.size ? ok(decoded as T) : fail("malformed");
}
