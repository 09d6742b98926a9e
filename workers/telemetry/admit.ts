import { isTypedCode } from "../../protocol/pan/tripwire.ts";
import { parseCartSerial, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import { parseCurrency } from "../../protocol/money/money.ts";
import { type Result, fail, ok } from "../../protocol/result.ts";
import type { Segment, Tier1Event } from "../../protocol/rooms/telemetry.ts";

type Check = (value: unknown) => boolean;
type Kind = Tier1Event["kind"];
type Shape<K extends Kind> = { readonly [F in Exclude<keyof Extract<Tier1Event, { kind: K }>, "kind">]: Check };

/** More than a day of a cart in use; keeps a segment far below an RPC message's 32 MiB. */
export const MAX_EVENTS = 50_000;

const integer =
  (least: number, most: number): Check =>
  (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && names.includes(value);

const uint32 = integer(0, 0xffff_ffff);
/** Milliseconds since the epoch, as the platform's own clock gave them. */
const at = integer(0, 9_999_999_999_999);
/** Below zero where a basket holds more deposits returned than goods. Thirteen digits: no scheme's card number has so few. */
const minor = integer(-9_999_999_999_999, 9_999_999_999_999);
const currency: Check = (value) => typeof value === "string" && parseCurrency(value) !== undefined;
const item: Check = (value) =>
  value === null || (typeof value === "string" && value.length === 14 && isTypedCode(value));

/**
 * The closed schema of Tier 1: each kind of event with all of its fields. A field that is not here is refused, and
 * nothing here is wide enough for a customer number (128 bits).
 */
const EVENTS: { readonly [K in Kind]: Shape<K> } = {
  opened: { at, firmware: uint32 },
  scan: { at, item, quantity: integer(0, 10_000) },
  remove: { at, item, quantity: integer(0, 10_000) },
  weight: { at, grams: uint32 },
  health: { at, batteryPercent: integer(0, 100), rssiDbm: integer(-200, 100) },
  fault: { at, code: uint32, detail: uint32 },
  hold: { at, hold: oneOf("age check", "weight", "unknown item") },
  checkout: { at, totalMinor: minor, currency },
  ended: {
    at,
    how: oneOf("closed", "abandoned", "walked_out", "voided"),
    totalMinor: minor,
    currency,
    lines: uint32,
    rowsWritten: uint32,
    rowsRead: uint32,
  },
};

const SEGMENT: { readonly [F in keyof Segment]: Check } = {
  store: (value) => typeof value === "string" && parseStoreId(value) !== undefined,
  cart: (value) => typeof value === "string" && parseCartSerial(value) !== undefined,
  session: (value) => value === null || (typeof value === "string" && parseSessionId(value) !== undefined),
  key: (value) => typeof value === "string" && value.length <= 100,
  events: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= MAX_EVENTS && value.every((each) => isEvent(each)),
};

/**
 * A segment as the room takes it in, or `invalid`. Its key is its session (or, outside a session, its cart) and two
 * counters of 32 bits at most, e.g. `<serial>-<boot>-<seq>`: half of what a customer's number would need.
 */
export function admitSegment(value: unknown): Result<Segment, "invalid"> {
  if (!fits(value, SEGMENT)) return fail("invalid");
  const segment = value as unknown as Segment;
  const owner = segment.session ?? segment.cart;
  const rest = segment.key.startsWith(owner) ? segment.key.slice(owner.length) : null;
  return rest !== null && /^(?:-[0-9]{1,10}){0,2}$/.test(rest) ? ok(segment) : fail("invalid");
}

function isEvent(value: unknown): boolean {
  if (!isRecord(value) || typeof value["kind"] !== "string" || !Object.hasOwn(EVENTS, value["kind"])) return false;
  const { kind, ...fields } = value;
  return fits(fields, EVENTS[kind as Kind]);
}

function fits(value: unknown, shape: Readonly<Record<string, Check>>): value is Record<string, unknown> {
  if (!isRecord(value)) return false;
  const names = Object.keys(shape);
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && shape[name]?.(value[name]) === true)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
