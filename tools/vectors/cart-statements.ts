/**
 * Statements as a cart judges them: it is the cart of `samples.ts` (serial, store, nonce), in the cell `us`, at NOW; it
 * pins the key `root`, and the cell's statement key is `statement`.
 */
import { fromHex, hex } from "../../protocol/bytes.ts";
import { encodeCbor, type Bytes, type CborValue } from "../../protocol/cart/cbor.ts";
import { CELL_KEY, signFrame, STORE_ATTESTATION, STORE_BEACON } from "../../protocol/cart/cose.ts";
import type { TestKey } from "./keys.ts";
import type { TestKeys } from "./messages.ts";
import { counting, HOUR, NONCE, NOW, SERIAL, STORE } from "./samples.ts";

export interface CartStatementVector {
  readonly name: string;
  readonly statement: "cell key" | "store attestation" | "beacon statement";
  readonly frame: string;
  /** `ok`, or the name that the firmware gives the refusal (cart-fw/core/status.h). */
  readonly result: string;
}

type Fields = Readonly<Record<number, CborValue | undefined>>;
type Case = readonly [name: string, result: string, changes: Fields];

export async function cartStatementVectors(keys: TestKeys): Promise<readonly CartStatementVector[]> {
  const { root, statement, beacon, stranger } = keys;
  const cellKey = { 1: "us", 2: statement.point, 3: NOW - HOUR, 4: NOW + 720 * HOUR };
  const attestation = { 1: fromHex(SERIAL), 2: STORE, 3: NONCE, 4: NOW, 5: NOW + 12 * HOUR };
  const said = { 1: STORE, 2: NONCE };
  const impostor = (key: TestKey): TestKey => ({ ...stranger, kid: key.kid });
  return Promise.all([
    ...CELL_KEYS.map((one) => vector("cell key", CELL_KEY, root, cellKey, one)),
    vector("cell key", CELL_KEY, stranger, cellKey, ["by a stranger", "signature", {}]),
    vector("cell key", CELL_KEY, impostor(root), cellKey, ["by a stranger under the root's kid", "signature", {}]),
    vector("cell key", STORE_ATTESTATION, root, cellKey, ["signed for another purpose", "signature", {}]),
    ...ATTESTATIONS.map((one) => vector("store attestation", STORE_ATTESTATION, statement, attestation, one)),
    vector("store attestation", STORE_ATTESTATION, root, attestation, ["by the root itself", "unknown_key", {}]),
    vector("store attestation", STORE_ATTESTATION, impostor(statement), attestation, [
      "by a stranger under the statement key's kid",
      "signature",
      {},
    ]),
    vector("store attestation", STORE_BEACON, statement, attestation, ["signed for another purpose", "signature", {}]),
    ...BEACONS.map((one) => vector("beacon statement", STORE_BEACON, beacon, said, one)),
  ]);
}

const CELL_KEYS: readonly Case[] = [
  ["for this cell", "ok", {}],
  ["from this very moment", "ok", { 3: NOW }],
  ["for one more millisecond", "ok", { 4: NOW + 1 }],
  ["for the other cell", "cell", { 1: "eu" }],
  ["for a cell that there is not", "invalid_field", { 1: "ap" }],
  ["from a millisecond ahead", "not_yet_valid", { 3: NOW + 1 }],
  ["until now", "expired", { 4: NOW }],
  ["with a point of 64 bytes", "invalid_field", { 2: new Uint8Array(64) }],
  ["without an end", "malformed", { 4: undefined }],
  ["with an unknown key", "malformed", { 5: 0 }],
  ["with a cell that is a number", "malformed", { 1: 1 }],
];

const ATTESTATIONS: readonly Case[] = [
  ["for this cart, store and nonce, 12 hours", "ok", {}],
  ["for one more millisecond", "ok", { 5: NOW + 1 }],
  ["for another cart", "serial", { 1: counting(16, 1) }],
  ["for another store", "store", { 2: "us-other" }],
  ["for another nonce", "nonce", { 3: counting(16, 1) }],
  ["from a millisecond ahead", "not_yet_valid", { 4: NOW + 1 }],
  ["until now", "expired", { 5: NOW }],
  ["that ends before it begins", "not_yet_valid", { 4: NOW + 2, 5: NOW + 1 }],
  ["longer than 12 hours", "lifetime", { 5: NOW + 12 * HOUR + 1 }],
  ["with a serial of 15 bytes", "invalid_field", { 1: new Uint8Array(15) }],
  ["with a store in capitals", "invalid_field", { 2: "US" }],
  ["with a store that begins with a hyphen", "invalid_field", { 2: "-us" }],
  ["without a nonce", "malformed", { 3: undefined }],
  ["with a negative beginning", "invalid_field", { 4: -1 }],
  ["with an unknown key", "malformed", { 6: 0 }],
];

const BEACONS: readonly Case[] = [
  ["for this nonce", "ok", {}],
  ["for another nonce", "nonce", { 2: counting(16, 1) }],
  ["with a nonce of 15 bytes", "invalid_field", { 2: new Uint8Array(15) }],
  ["with a store that is a number", "malformed", { 1: 1 }],
  ["without a store", "malformed", { 1: undefined }],
];

async function vector(
  statement: CartStatementVector["statement"],
  purpose: string,
  key: TestKey,
  base: Fields,
  [name, result, changes]: Case,
): Promise<CartStatementVector> {
  const frame = await signFrame(payloadOf({ ...base, ...changes }), key.kid, purpose, (message) =>
    Promise.resolve(key.sign(message)),
  );
  return { name: `${statement} ${name}`, statement, frame: hex(frame), result };
}

function payloadOf(fields: Fields): Bytes {
  const map = new Map<number, CborValue>();
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) map.set(Number(key), value);
  return encodeCbor(map);
}
