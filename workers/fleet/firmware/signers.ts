import { hex } from "../../../protocol/bytes.ts";
import { verifyManifest, type ManifestReason } from "../../../protocol/cart/manifest.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";

/** Uncompressed points of the two signers: A signs what was built, B what is released. */
export interface SignerKeys {
  readonly A: Uint8Array;
  readonly B: Uint8Array;
}

/** What a manifest says of its image. */
export interface SignedRelease {
  /** SHA-256, hex. */
  readonly digest: string;
  readonly version: string;
  readonly securityCounter: number;
  readonly size: number;
  readonly hardwareRevision: number;
}

/** A manifest that both signers signed, each with their own key; one key in both places is refused. */
export async function readRelease(
  manifest: Uint8Array,
  signers: SignerKeys,
): Promise<Result<SignedRelease, "malformed_manifest" | "signatures">> {
  const verified = await verifyManifest(manifest, { build: [signers.A], release: [signers.B] });
  if (!verified.ok) return fail(isOfSignatures(verified.reason) ? "signatures" : "malformed_manifest");
  const { digest, version, securityCounter, size, hardware } = verified.value;
  return ok({ digest: hex(digest), version, securityCounter, size, hardwareRevision: hardware });
}

function isOfSignatures(reason: ManifestReason): boolean {
  return reason === "unknown_key" || reason === "signers" || reason === "signature";
}
