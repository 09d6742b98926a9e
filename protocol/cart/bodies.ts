/** What a cart sends: the request bodies of `protocol/cart.cddl`. */
import { fromHex, hex } from "../bytes.ts";
import {
  parseCardToken,
  parseCartSerial,
  parseSessionId,
  uuidBytes,
  uuidOf,
  type CartSerial,
  type HandoffId,
  type SessionId,
} from "../ids.ts";
import { fail } from "../result.ts";
import type { CborMap } from "./cbor.ts";
import type { CartBodies, CartEvent, CartMessage, DebugState, EatClaims, IdentityBody } from "./messages.ts";
import {
  bytes,
  frameBytes,
  integer,
  list,
  mapped,
  optional,
  parsed,
  struct,
  text,
  uint,
  union,
  type Shape,
} from "./shape.ts";

/** More events than this are `too_large`. */
export const MAX_EVENTS = 200;

export const nonce = bytes(16);
export const digest = bytes(32);
export const time = uint(8);
export const seq = uint(4);
export const line = uint(2);
export const serial: Shape<CartSerial> = mapped(bytes(16), fromHex, (raw) => parseCartSerial(hex(raw)));
export const sessionId: Shape<SessionId> = mapped(bytes(16), uuidBytes, (raw) => parseSessionId(uuidOf(raw)));
export const handoffId: Shape<HandoffId> = mapped(bytes(16), uuidBytes, (raw) => uuidOf(raw) as HandoffId);

/** UEID of type RAND (RFC 9711, 4.2.1): 0x01 and the 16 bytes of the serial. */
const ueid: Shape<CartSerial> = mapped(
  bytes(17),
  (value) => Uint8Array.of(1, ...fromHex(value)),
  (raw) => (raw[0] === 1 ? parseCartSerial(hex(raw.subarray(1))) : undefined),
);

const eat: Shape<EatClaims> = struct({
  nonce: [10, nonce],
  serial: [256, ueid],
  debug: [263, integer(0, 4) as Shape<DebugState>],
  boot: [267, uint(4)],
  version: [271, text(1, 32)],
  digest: [-70001, digest],
  securityCounter: [-70002, uint(4)],
  reader: [-70003, text(1, 32)],
});

const at = optional(time);
const quantity = integer(1, 99);

/** Events that also go outside a session. */
const telemetry = {
  health: [4, { batteryPercent: [1, integer(0, 100)], rssiDbm: [2, integer(-200, 0)], at: [3, at] }],
  fault: [5, { code: [1, uint(2)], detail: [2, uint(4)], at: [3, at] }],
} as const;

const event: Shape<CartEvent> = union("kind", 0, {
  scan: [
    1,
    { code: [1, text(1, 100)], quantity: [2, optional(quantity, 1)], at: [3, at], grams: [4, optional(uint(4))] },
  ],
  remove: [2, { line: [1, line], quantity: [2, optional(quantity)], at: [3, at] }],
  weight: [3, { grams: [1, uint(4)], at: [3, at] }],
  ...telemetry,
});

const identityForm: Shape<IdentityBody> = union("kind", 1, {
  unlink: [0, {}],
  loyalty: [1, { value: [2, text(4, 32)] }],
  card: [2, { value: [2, parsed<string>(parseCardToken)] }],
  pairing: [3, { value: [2, text(8, 64)] }],
});

/**
 * There is no other way to identify a shopper: another kind, another key (an image, a template), or bytes where text
 * belongs is refused as such, not as a slip of form.
 */
const identity: Shape<IdentityBody> = {
  encode: (value) => identityForm.encode(value),
  decode: (value) => {
    if (!(value instanceof Map)) return fail("malformed");
    const body = value as CborMap;
    const kind = body.get(1);
    const allowed = kind === 0 ? [1] : [1, 2];
    const foreign = [...body.keys()].some((key) => typeof key !== "number" || !allowed.includes(key));
    const unknown = kind !== undefined && ![0, 1, 2, 3].some((known) => known === kind);
    if (foreign || unknown || body.get(2) instanceof Uint8Array) return fail("identity_kind_not_allowed");
    return identityForm.decode(value);
  },
};

export const BODY: { readonly [M in CartMessage]: Shape<CartBodies[M]> } = {
  attestation: struct({ eat: [1, eat], beacon: [2, frameBytes] }),
  open: struct({ eat: [1, eat] }),
  events: struct({ events: [1, list(event, 1, MAX_EVENTS)] }),
  identity,
  checkout: struct({ lastSeq: [1, seq], terminal: [2, text(1, 32)] }),
  payment: struct({ handoff: [1, handoffId], reference: [2, text(1, 64)], basketDigest: [3, digest] }),
  close: struct({ lastSeq: [1, seq] }),
  telemetry: struct({ events: [1, list(union("kind", 0, telemetry), 1, MAX_EVENTS)] }),
  firmware: struct({ eat: [1, eat] }),
};
