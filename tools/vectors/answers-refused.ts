/**
 * Answers that a cart must refuse. Each comes from a good one by one change, made at every place that the CDDL bounds:
 * a key missing, a key too many, an item of another type, and by hand what is out of range.
 */
import { fromHex, hex } from "../../protocol/bytes.ts";
import { decodeCbor, encodeCbor, type CborMap, type CborValue } from "../../protocol/cart/cbor.ts";
import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { CartAnswer } from "../../protocol/cart/messages.ts";
import type { AnswerVector } from "./messages.ts";
import { answers } from "./samples.ts";

export interface RefusedAnswerVector {
  readonly name: string;
  readonly answer: CartAnswer;
  readonly payload: string;
}

/** Optional keys: answers stay good without them. */
const OPTIONAL: Readonly<Partial<Record<CartAnswer, readonly string[]>>> = {
  events: ["2.0.6", "2.1.6", "2.2.6", "4.0.3", "4.1.3", "4.2.3"],
  identity: ["3"],
  payment: ["2"],
  error: ["2"],
};

export function refusedAnswerVectors(good: readonly AnswerVector[]): readonly RefusedAnswerVector[] {
  return [...good.flatMap(spoiled), ...OUT_OF_RANGE.map(outOfRange)];
}

function spoiled({ name, answer, payload }: AnswerVector): RefusedAnswerVector[] {
  const item = decodeCbor(fromHex(payload));
  if (!item.ok) throw new Error(item.reason);
  const vectors: RefusedAnswerVector[] = [];
  const add = (what: string, value: CborValue): void => {
    vectors.push({ name: `${name}: ${what}`, answer, payload: hex(encodeCbor(value)) });
  };
  for (const path of mapsOf(item.value)) {
    add(
      `an unknown key at ${say(path)}`,
      edited(item.value, path, (map) => new Map([...(map as CborMap), [99, 0]])),
    );
  }
  for (const path of leavesOf(item.value)) {
    if (mayBeMissing(answer, path)) continue;
    add(`${say(path)} missing`, without(item.value, path));
  }
  for (const path of leavesOf(item.value)) {
    add(`${say(path)} of another type`, edited(item.value, path, otherType));
  }
  return vectors;
}

const mayBeMissing = (answer: CartAnswer, path: Path): boolean => (OPTIONAL[answer] ?? []).includes(path.join("."));

type Path = readonly number[];
const say = (path: Path): string => (path.length === 0 ? "the top" : path.join("."));

/** A boolean stands nowhere but where tax is included or not; there a number is the other type. */
const otherType = (value: CborValue): CborValue => (typeof value === "boolean" ? 1 : true);

function mapsOf(value: CborValue, at: Path = []): Path[] {
  if (value instanceof Map) {
    return [at, ...[...(value as CborMap)].flatMap(([key, inner]) => mapsOf(inner, [...at, key as number]))];
  }
  if (Array.isArray(value)) {
    return (value as readonly CborValue[]).flatMap((inner, index) => mapsOf(inner, [...at, index]));
  }
  return [];
}

function leavesOf(value: CborValue): Path[] {
  return mapsOf(value).flatMap((at) => {
    const map = valueAt(value, at) as CborMap;
    return [...map.keys()].map((key) => [...at, key as number]);
  });
}

function valueAt(value: CborValue, path: Path): CborValue {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const inner = value instanceof Map ? (value as CborMap).get(first) : (value as readonly CborValue[])[first];
  return valueAt(inner as CborValue, rest);
}

function edited(value: CborValue, path: Path, change: (value: CborValue) => CborValue): CborValue {
  const [first, ...rest] = path;
  if (first === undefined) return change(value);
  if (value instanceof Map) {
    return new Map(
      [...(value as CborMap)].map(([key, inner]) => [key, key === first ? edited(inner, rest, change) : inner]),
    );
  }
  return (value as readonly CborValue[]).map((inner, index) => (index === first ? edited(inner, rest, change) : inner));
}

function without(value: CborValue, path: Path): CborValue {
  const last = path.at(-1) as number;
  return edited(value, path.slice(0, -1), (map) => new Map([...(map as CborMap)].filter(([key]) => key !== last)));
}

type Range = readonly [name: string, answer: CartAnswer, path: Path, value: CborValue];

const OUT_OF_RANGE: readonly Range[] = [
  ["a nonce of 15 bytes", "hello", [1], new Uint8Array(15)],
  ["a negative time", "hello", [2], -1],
  ["a store of one letter", "hello", [3], "u"],
  ["a store of 33 letters", "hello", [3], "u".repeat(33)],
  ["a store with a capital", "hello", [3], "Us-demo"],
  ["a store that begins with a hyphen", "hello", [3], "-demo"],
  ["a nonce of 17 bytes", "attestation", [3], new Uint8Array(17)],
  ["a session of 15 bytes", "open", [1], new Uint8Array(15)],
  ["a negative lease", "open", [2], -1],
  ["a currency of two letters", "open", [3, 1], "EU"],
  ["a currency in small letters", "open", [3, 1], "eur"],
  ["an exponent of 4", "open", [3, 2], 4],
  ["a seq of 2^32", "events", [1], 2 ** 32],
  ["a line of 65,536", "events", [2, 0, 1], 65_536],
  ["a negative unit price", "events", [2, 0, 3], -1],
  ["a negative quantity", "events", [2, 0, 4], -1],
  ["an identity status of 3", "identity", [1], 3],
  ["a negative identity status", "identity", [1], -1],
  ["a handoff of 17 bytes", "checkout", [1], new Uint8Array(17)],
  ["a negative amount", "checkout", [2], -1],
  ["a currency of four letters", "checkout", [3], "EURO"],
  ["a digest of 31 bytes", "checkout", [5], new Uint8Array(31)],
  ["an outcome that there is not", "payment", [1], "refused"],
  ["an empty outcome", "payment", [1], ""],
  ["a receipt of 21 characters", "payment", [2], "A".repeat(21)],
  ["a receipt with a character beyond base64url", "payment", [2], `${"A".repeat(21)}+`],
  ["a nonce of no bytes", "close", [1], new Uint8Array()],
  ["a seq of 2^32", "telemetry", [1], 2 ** 32],
  ["a code that there is not", "error", [1], "teapot"],
  ["an expected seq of 2^32", "error", [2], 2 ** 32],
];

/** The first sample of the kind, with one value set. */
function outOfRange([name, answer, path, value]: Range): RefusedAnswerVector {
  const [sample] = answers(new Uint8Array(1), new Uint8Array(1))[answer];
  if (sample === undefined) throw new Error(answer);
  const item = decodeCbor(encodeAnswer(answer, sample[1]));
  if (!item.ok) throw new Error(item.reason);
  const last = path.at(-1) as number;
  const changed = edited(item.value, path.slice(0, -1), (map) => new Map([...(map as CborMap), [last, value]]));
  return { name, answer, payload: hex(encodeCbor(changed)) };
}
