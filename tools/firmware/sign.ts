import type { JWK } from "jose";
import { kidOf } from "../../protocol/cart/cose.ts";
import { twoSignerFrame, type Signer } from "../../protocol/cart/cose-sign.ts";
import { encodeManifest, manifestToBeSigned, type FirmwareManifest } from "../../protocol/cart/manifest.ts";
import { pointOf } from "../platform/firmware-signers.ts";

/** One person's signature on a release: made where that person's key is, put together by {@link joinSignatures}. */
export async function signManifest(manifest: FirmwareManifest, jwk: JWK): Promise<Signer> {
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const toBeSigned = manifestToBeSigned(encodeManifest(manifest));
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, toBeSigned);
  return { kid: await kidOf(pointOf(jwk)), signature: new Uint8Array(signature) as Signer["signature"] };
}

/**
 * The manifest as carts take it: who built it first, who releases it second.
 * @throws Error when both signatures are one key's: two people decide on a release
 */
export function joinSignatures(manifest: FirmwareManifest, build: Signer, release: Signer): Uint8Array {
  if (Buffer.compare(build.kid, release.kid) === 0) throw new Error("both signatures are one key's");
  return twoSignerFrame(encodeManifest(manifest), [build, release]);
}
