/** A release of the cart's firmware, as two people sign it: `manifest` of `protocol/cart.cddl`. */
import { sameBytes } from "../bytes.ts";
import { fail, ok, type Result } from "../result.ts";
import { digest, time } from "./bodies.ts";
import { decodeCbor, encodeCbor, type Bytes, type CborValue } from "./cbor.ts";
import { FIRMWARE_MANIFEST, kidOf } from "./cose.ts";
import { parseTwoSignerFrame, toBeSignedByTwo, verifySigner, type Signer, type TwoSignerReason } from "./cose-sign.ts";
import { integer, struct, text, uint, type Shape } from "./shape.ts";

export interface FirmwareManifest {
  /** For people; 1 to 32 bytes. What counts is the digest and the security counter. */
  readonly version: string;
  /** A device refuses an image whose counter is lower than its own. */
  readonly securityCounter: number;
  /** Bytes of the image. */
  readonly size: number;
  /** SHA-256 of the image, 32 bytes. */
  readonly digest: Uint8Array;
  /** The hardware revision that the image is for. */
  readonly hardware: number;
  /** Milliseconds since the epoch. */
  readonly releasedAt: number;
}

export type ManifestReason = TwoSignerReason | "malformed" | "unknown_key" | "signers" | "signature";

/** The keys of each role: the current one and, while they rotate, the next. Uncompressed points. */
export interface ManifestKeys {
  readonly build: readonly Uint8Array[];
  readonly release: readonly Uint8Array[];
}

export const MANIFEST_TYPE = 'application/cose; cose-type="cose-sign"';

const shape: Shape<FirmwareManifest> = struct({
  version: [1, text(1, 32)],
  securityCounter: [2, uint(4)],
  size: [3, integer(1, 0xffff_ffff)],
  digest: [4, digest],
  hardware: [5, uint(2)],
  releasedAt: [6, time],
});

export function encodeManifest(manifest: FirmwareManifest): Bytes {
  return encodeCbor(shape.encode(manifest) as CborValue);
}

export function decodeManifest(payload: Uint8Array): Result<FirmwareManifest, "malformed"> {
  const item = decodeCbor(payload);
  const decoded = item.ok ? shape.decode(item.value) : item;
  return decoded.ok ? decoded : fail("malformed");
}

/** What each signer signs (ES256 over these bytes); {@link twoSignerFrame} then puts the two together. */
export function manifestToBeSigned(payload: Uint8Array): Bytes {
  return toBeSignedByTwo(payload, FIRMWARE_MANIFEST);
}

/** The manifest of a frame, when the build signer signed it first and the release signer second, with two keys. */
export async function verifyManifest(
  bytes: Uint8Array,
  keys: ManifestKeys,
): Promise<Result<FirmwareManifest, ManifestReason>> {
  const frame = parseTwoSignerFrame(bytes);
  if (!frame.ok) return frame;
  const decoded = decodeManifest(frame.value.payload);
  if (!decoded.ok) return decoded;
  const [first, second] = frame.value.signers;
  const build = await pinned(first, keys.build);
  const release = await pinned(second, keys.release);
  if (build === undefined || release === undefined) return fail("unknown_key");
  if (sameBytes(build, release)) return fail("signers");
  for (const [signer, point] of [
    [first, build],
    [second, release],
  ] as const) {
    const key = await crypto.subtle.importKey("raw", point.slice(), CURVE, false, ["verify"]);
    if (!(await verifySigner(frame.value, signer, key, FIRMWARE_MANIFEST))) return fail("signature");
  }
  return ok(decoded.value);
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

async function pinned(signer: Signer, points: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  for (const point of points) if (sameBytes(await kidOf(point), signer.kid)) return point;
  return undefined;
}
