/** Payloads that must be refused though their frame is good, each wrong in one way only. */
import {
  encodeCbor,
  MAX_SIZE,
  type Bytes,
  type CborKey,
  type CborMap,
  type CborValue,
} from "../../protocol/cart/cbor.ts";
import { hex } from "../../protocol/bytes.ts";
import { decodeCbor } from "../../protocol/cart/cbor.ts";
import { encodeEnvelope, type EnvelopeReason } from "../../protocol/cart/codec.ts";
import type { CartMessage } from "../../protocol/cart/messages.ts";
import { counting, EAT, HANDOFF, NOW, SESSION } from "./samples.ts";

export interface BodyVector {
  readonly name: string;
  readonly message: CartMessage;
  readonly payload: string;
  readonly result: EnvelopeReason;
}

type Entries = readonly (readonly [CborKey, CborValue])[];
const map = (...entries: Entries): CborMap => new Map(entries);

/** A map with some keys set to another value, or with undefined taken away. */
function changed(base: CborMap, changes: Readonly<Record<number, CborValue | undefined>>): CborMap {
  const copy = new Map(base);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) copy.delete(Number(key));
    else copy.set(Number(key), value);
  }
  return copy;
}

const ENVELOPE = map([1, Uint8Array.from(Buffer.from(SESSION.replaceAll("-", ""), "hex"))], [2, 7], [3, 1], [4, NOW]);
const CLAIMS = claims();
const scan = map([0, 1], [1, "4006381333931"]);
const events = (...list: readonly CborValue[]): CborMap => map([1, list]);
const weight = map([0, 3], [1, 100]);

function claims(): CborMap {
  const payload = encodeEnvelope("open", { session: null, boot: 7, seq: 0, time: NOW, body: { eat: EAT } });
  const envelope = decodeCbor(payload);
  if (!envelope.ok) throw new Error(envelope.reason);
  const body = (envelope.value as CborMap).get(5) as CborMap;
  return body.get(1) as CborMap;
}

export function bodyVectors(): readonly BodyVector[] {
  const bytes = (name: string, message: CartMessage, payload: Bytes, result: EnvelopeReason): BodyVector => ({
    name,
    message,
    payload: hex(payload),
    result,
  });
  const body = (name: string, message: CartMessage, value: CborValue, result: EnvelopeReason): BodyVector =>
    bytes(name, message, encodeCbor(new Map([...ENVELOPE, [5, value]])), result);
  const header = (name: string, changes: Readonly<Record<number, CborValue | undefined>>): BodyVector =>
    bytes(name, "events", encodeCbor(changed(new Map([...ENVELOPE, [5, events(scan)]]), changes)), "malformed");
  const claim = (name: string, changes: Readonly<Record<number, CborValue | undefined>>, result: EnvelopeReason) =>
    body(name, "open", map([1, changed(CLAIMS, changes)]), result);
  const event = (name: string, value: CborValue, result: EnvelopeReason): BodyVector =>
    body(name, "events", events(value), result);
  const identity = (name: string, entries: Entries, result: EnvelopeReason): BodyVector =>
    body(name, "identity", map(...entries), result);
  const NOT_ALLOWED = "identity_kind_not_allowed";
  const good = encodeCbor(new Map([...ENVELOPE, [5, events(scan)]]));
  const swap = (from: string, to: string): Bytes => Uint8Array.from(Buffer.from(hex(good).replace(from, to), "hex"));

  return [
    bytes("nothing at all", "events", new Uint8Array(), "malformed"),
    bytes("an array in place of the map", "events", encodeCbor([1, 2]), "malformed"),
    bytes("a byte too many", "events", Uint8Array.of(...good, 0), "malformed"),
    bytes("a map of indefinite length", "events", Uint8Array.of(0xbf, ...good.subarray(1), 0xff), "malformed"),
    bytes("boot in a needless byte", "events", swap("0207", "021807"), "malformed"),
    bytes("a key twice", "events", swap("02070301", "02070207"), "malformed"),
    bytes("keys out of order", "events", swap("02070301", "03010207"), "malformed"),
    bytes("a text of indefinite length", "events", swap("6d34", "7f6d34"), "malformed"),
    bytes("more than 16 KiB", "events", encodeCbor(new Uint8Array(MAX_SIZE)), "too_large"),
    header("no session", { 1: undefined }),
    header("a session of 15 bytes", { 1: new Uint8Array(15) }),
    header("sixteen zero bytes on a path that names a session", { 1: new Uint8Array(16) }),
    header("a session as text", { 1: SESSION }),
    header("no boot count", { 2: undefined }),
    header("a boot count of 2^32", { 2: 4_294_967_296 }),
    header("no sequence number", { 3: undefined }),
    header("a negative sequence number", { 3: -1 }),
    header("a sequence number of 2^32", { 3: 4_294_967_296 }),
    header("no time", { 4: undefined }),
    header("a time that is text", { 4: "2026-11-21" }),
    header("no body", { 5: undefined }),
    header("a body that is null", { 5: null }),
    header("an unknown key beside the body", { 6: 0 }),
    header("an image beside the body", { 7: counting(32, 0) }),

    body("no events", "events", events(), "invalid_field"),
    body("200 events and one", "events", events(...Array.from({ length: 201 }, () => weight)), "too_large"),
    body("an unknown key beside the events", "events", map([1, [scan]], [2, 0]), "malformed"),
    body("a body of another message", "events", map([1, 24], [2, "T-07"]), "malformed"),
    event("depth 9", map([0, 1], [1, [[[[[0]]]]]]), "malformed"),
    event("an event without a kind", map([1, "4006381333931"]), "malformed"),
    event("an unknown kind of event", map([0, 6], [1, 1]), "invalid_field"),
    event("an unknown key in a scan", changed(scan, { 9: 0 }), "malformed"),
    event("a price in a scan", changed(scan, { 5: 1 }), "malformed"),
    event("a scan without a code", map([0, 1]), "malformed"),
    event("a code that is a number", changed(scan, { 1: 4_006_381_333_931 }), "malformed"),
    event("an empty code", changed(scan, { 1: "" }), "invalid_field"),
    event("a code of 101 bytes", changed(scan, { 1: "9".repeat(101) }), "invalid_field"),
    event("a code of 51 characters but 102 bytes", changed(scan, { 1: "é".repeat(51) }), "invalid_field"),
    event("a quantity of 0", changed(scan, { 2: 0 }), "invalid_field"),
    event("a quantity of 100", changed(scan, { 2: 100 }), "invalid_field"),
    event("a quantity of null", changed(scan, { 2: null }), "malformed"),
    event("a negative time", changed(scan, { 3: -1 }), "invalid_field"),
    event("a net weight of 2^32 grams", changed(scan, { 4: 4_294_967_296 }), "invalid_field"),
    event("a removal of line 65536", map([0, 2], [1, 65_536]), "invalid_field"),
    event("a removal without a line", map([0, 2], [2, 1]), "malformed"),
    event("a negative weight", map([0, 3], [1, -1]), "invalid_field"),
    event("a battery of 101 percent", map([0, 4], [1, 101], [2, -90]), "invalid_field"),
    event("a signal above 0 dBm", map([0, 4], [1, 50], [2, 1]), "invalid_field"),
    event("a signal of -201 dBm", map([0, 4], [1, 50], [2, -201]), "invalid_field"),
    event("a fault of code 65536", map([0, 5], [1, 65_536], [2, 0]), "invalid_field"),

    claim("a nonce of 15 bytes", { 10: new Uint8Array(15) }, "invalid_field"),
    claim("no nonce", { 10: undefined }, "malformed"),
    claim("a UEID of 16 bytes", { 256: counting(16, 1) }, "invalid_field"),
    claim("a UEID of type 2, EUI", { 256: Uint8Array.of(2, ...counting(16, 0)) }, "invalid_field"),
    claim("debug state 5", { 263: 5 }, "invalid_field"),
    claim("a boot count of 2^32 in the claims", { 267: 4_294_967_296 }, "invalid_field"),
    claim("no software version", { 271: "" }, "invalid_field"),
    claim("a software version of 33 bytes", { 271: "v".repeat(33) }, "invalid_field"),
    claim("an image digest of 31 bytes", { [-70001]: new Uint8Array(31) }, "invalid_field"),
    claim("an image digest as text", { [-70001]: "00".repeat(32) }, "malformed"),
    claim("a negative security counter", { [-70002]: -1 }, "invalid_field"),
    claim("a reader's serial of 33 bytes", { [-70003]: "r".repeat(33) }, "invalid_field"),
    claim("a claim that nobody asked for", { 264: counting(4, 0) }, "malformed"),
    body("a beacon's statement that is a map", "attestation", map([1, CLAIMS], [2, map()]), "malformed"),
    body("an attestation without a beacon", "attestation", map([1, CLAIMS]), "malformed"),

    identity(
      "identity of kind 4",
      [
        [1, 4],
        [2, "face-template-0001"],
      ],
      NOT_ALLOWED,
    ),
    identity("identity of kind -1", [[1, -1]], NOT_ALLOWED),
    identity(
      "identity of a kind in text",
      [
        [1, "face"],
        [2, "0001"],
      ],
      NOT_ALLOWED,
    ),
    identity(
      "an image beside a loyalty number",
      [
        [1, 1],
        [2, "LOY-0042"],
        [3, counting(64, 0)],
      ],
      NOT_ALLOWED,
    ),
    identity(
      "an image by name beside a loyalty number",
      [
        [1, 1],
        [2, "LOY-0042"],
        ["image", counting(64, 0)],
      ],
      NOT_ALLOWED,
    ),
    identity("a plate by name, alone", [["plate", "M-AB 1234"]], NOT_ALLOWED),
    identity(
      "an image in place of a loyalty number",
      [
        [1, 1],
        [2, counting(32, 0)],
      ],
      NOT_ALLOWED,
    ),
    identity(
      "an image with unlink",
      [
        [1, 0],
        [2, counting(32, 0)],
      ],
      NOT_ALLOWED,
    ),
    identity("identity without a kind", [], "malformed"),
    identity("a kind without its value", [[1, 1]], "malformed"),
    identity(
      "a loyalty number that is a number",
      [
        [1, 1],
        [2, 42],
      ],
      "malformed",
    ),
    identity(
      "a loyalty number of 3 bytes",
      [
        [1, 1],
        [2, "LOY"],
      ],
      "invalid_field",
    ),
    identity(
      "a loyalty number of 33 bytes",
      [
        [1, 1],
        [2, "L".repeat(33)],
      ],
      "invalid_field",
    ),
    identity(
      "a card token of 23 characters",
      [
        [1, 2],
        [2, "A".repeat(23)],
      ],
      "invalid_field",
    ),
    identity(
      "a card token with a hyphen",
      [
        [1, 2],
        [2, `${"A".repeat(23)}-`],
      ],
      "invalid_field",
    ),
    identity(
      "a pairing code of 7 bytes",
      [
        [1, 3],
        [2, "7QF4-9K"],
      ],
      "invalid_field",
    ),
    identity(
      "a pairing code of 65 bytes",
      [
        [1, 3],
        [2, "P".repeat(65)],
      ],
      "invalid_field",
    ),

    body("no terminal", "checkout", map([1, 24]), "malformed"),
    body("an empty terminal", "checkout", map([1, 24], [2, ""]), "invalid_field"),
    body("a terminal of 33 bytes", "checkout", map([1, 24], [2, "T".repeat(33)]), "invalid_field"),
    body("a last sequence number of 2^32", "checkout", map([1, 4_294_967_296], [2, "T-07"]), "invalid_field"),
    body(
      "a hand-off of 15 bytes",
      "payment",
      map([1, new Uint8Array(15)], [2, "A"], [3, new Uint8Array(32)]),
      "invalid_field",
    ),
    body("a hand-off as text", "payment", map([1, HANDOFF], [2, "A"], [3, new Uint8Array(32)]), "malformed"),
    body(
      "a reference of 65 bytes",
      "payment",
      map([1, new Uint8Array(16)], [2, "A".repeat(65)], [3, new Uint8Array(32)]),
      "invalid_field",
    ),
    body(
      "a basket digest of 31 bytes",
      "payment",
      map([1, new Uint8Array(16)], [2, "A"], [3, new Uint8Array(31)]),
      "invalid_field",
    ),
    body(
      "a card number beside a payment",
      "payment",
      map([1, new Uint8Array(16)], [2, "A"], [3, new Uint8Array(32)], [4, "x"]),
      "malformed",
    ),
    body("a close without its last sequence number", "close", map(), "malformed"),
    body("a scan in telemetry", "telemetry", events(scan), "invalid_field"),
    body("firmware without claims", "firmware", map(), "malformed"),
  ];
}
