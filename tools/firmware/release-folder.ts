import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import type { Signer } from "../../protocol/cart/cose-sign.ts";
import type { FirmwareManifest } from "../../protocol/cart/manifest.ts";
import { manifestOf } from "./release.ts";
import { joinSignatures, signManifest } from "./sign.ts";

/** What a release is called and what it demands. */
export interface ReleaseOrder {
  readonly version: string;
  readonly securityCounter: number;
  readonly hardware: number;
  /** Milliseconds since the epoch. */
  readonly releasedAt: number;
}

/** Who signs: A what was built, B what is released. */
export type Role = "A" | "B";

const IMAGE = "image.bin";
const CLAIMS = "claims.json";
const signatureFile = (role: Role) => `signature-${role}.json`;

/**
 * A release on its way from hand to hand: the image, what is claimed of it, and one file a signature. Each signer looks
 * at the image themselves: what they sign is made from it anew, never taken from the other's file.
 */
export function openFolder(folder: string): {
  readonly image: Buffer;
  readonly manifest: FirmwareManifest;
} {
  const image = readFileSync(join(folder, IMAGE));
  const { hardware, ...order } = JSON.parse(readFileSync(join(folder, CLAIMS), "utf8")) as ReleaseOrder;
  return { image, manifest: manifestOf(image, order, hardware) };
}

/** @returns the image's digest, hex */
export function createFolder(folder: string, image: Uint8Array, order: ReleaseOrder): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, IMAGE), image);
  writeFileSync(join(folder, CLAIMS), `${JSON.stringify(order, null, 1)}\n`);
  return createHash("sha256").update(image).digest("hex");
}

export async function signFolder(folder: string, role: Role, jwk: JWK): Promise<void> {
  const { kid, signature } = await signManifest(openFolder(folder).manifest, jwk);
  const text = JSON.stringify({
    kid: Buffer.from(kid).toString("hex"),
    signature: Buffer.from(signature).toString("hex"),
  });
  writeFileSync(join(folder, signatureFile(role)), `${text}\n`);
}

/** The manifest as carts take it. @throws Error when a signature is missing, or both are one key's */
export function manifestIn(folder: string): Uint8Array {
  const [build, release] = (["A", "B"] as const).map((role): Signer => {
    const file = join(folder, signatureFile(role));
    if (!existsSync(file)) throw new Error(`signer ${role} has not signed yet`);
    const { kid, signature } = JSON.parse(readFileSync(file, "utf8")) as { kid: string; signature: string };
    return { kid: bytesOf(kid), signature: bytesOf(signature) };
  }) as [Signer, Signer];
  return joinSignatures(openFolder(folder).manifest, build, release);
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
