/** Statements that others sign for the cart, or that a beacon signs for it; each travels in a frame of its own. */
import type { Result } from "../result.ts";
import { store } from "./answers.ts";
import { nonce, serial, time } from "./bodies.ts";
import { decodeCbor, encodeCbor, type Bytes, type CborValue } from "./cbor.ts";
import type { BeaconStatement, CellKeyClaims, StoreAttestationClaims } from "./messages.ts";
import { bytes, oneOf, struct, type Shape } from "./shape.ts";

const beaconStatement: Shape<BeaconStatement> = struct({ store: [1, store], nonce: [2, nonce] });
const storeAttestation: Shape<StoreAttestationClaims> = struct({
  serial: [1, serial],
  store: [2, store],
  nonce: [3, nonce],
  notBefore: [4, time],
  expires: [5, time],
});
const cellKey: Shape<CellKeyClaims> = struct({
  cell: [1, oneOf("us", "eu")],
  publicKey: [2, bytes(65)],
  notBefore: [3, time],
  expires: [4, time],
});

export const encodeBeaconStatement = encoder(beaconStatement);
export const decodeBeaconStatement = decoder(beaconStatement);
export const encodeStoreAttestation = encoder(storeAttestation);
export const decodeStoreAttestation = decoder(storeAttestation);
export const encodeCellKey = encoder(cellKey);
export const decodeCellKey = decoder(cellKey);

function encoder<T>(shape: Shape<T>): (value: T) => Bytes {
  return (value) => encodeCbor(shape.encode(value) as CborValue);
}

/** Whatever is wrong with a statement, nobody is told more than that it is. */
function decoder<T>(shape: Shape<T>): (payload: Uint8Array) => Result<T, "malformed"> {
  return (payload) => {
    const item = decodeCbor(payload);
    const decoded = item.ok ? shape.decode(item.value) : item;
    return decoded.ok ? decoded : { ok: false, reason: "malformed" };
  };
}
