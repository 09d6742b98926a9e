import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import type { FirmwareManifest } from "../../protocol/cart/manifest.ts";
import { pointOf } from "../platform/firmware-signers.ts";
import { build } from "../cart-fw/build.ts";
import type { Board, Installed } from "./flash-files.ts";
import { joinSignatures, signManifest } from "./sign.ts";

/** The hardware revision of the emulated board. */
export const EMULATED_HARDWARE = 1;

/** What a build of the emulator's port is made of. */
export interface Built {
  readonly bootloader: Buffer;
  /** An image by its target's name. */
  image(name: string): Buffer;
  /** Path of a target's ELF file, with its symbols. */
  elf(name: string): string;
}

/** Builds bootloader and images for RV32IMC. @throws Error with the tools' output */
export async function buildFirmware(): Promise<Built> {
  const folder = join(await build("rv32"), "port/qemu");
  return {
    bootloader: readFileSync(join(folder, "bootloader.bin")),
    image: (name) => readFileSync(join(folder, `${name}.bin`)),
    elf: (name) => join(folder, `${name}.elf`),
  };
}

/** The claims of a release of this image. */
export function manifestOf(
  image: Uint8Array,
  release: { readonly version: string; readonly securityCounter: number; readonly releasedAt: number },
  hardware: number = EMULATED_HARDWARE,
): FirmwareManifest {
  const digest = Uint8Array.from(createHash("sha256").update(image).digest());
  return { ...release, size: image.length, digest, hardware };
}

export type SignerJwks = Readonly<Record<"A" | "B", JWK>>;

/** A release that both demo signers signed. */
export async function signedRelease(
  image: Uint8Array,
  release: Parameters<typeof manifestOf>[1],
  jwks: SignerJwks,
): Promise<Installed & { readonly digest: string }> {
  const manifest = manifestOf(image, release);
  const [a, b] = [await signManifest(manifest, jwks.A), await signManifest(manifest, jwks.B)];
  return {
    image,
    manifest: joinSignatures(manifest, a, b),
    digest: Buffer.from(manifest.digest).toString("hex"),
  };
}

/** The emulated board with these signers' public halves pinned. Debugging is off for good, as on a sold cart. */
export function boardOf(jwks: SignerJwks): Board {
  return { keys: { build: pointOf(jwks.A), release: pointOf(jwks.B) }, hardware: EMULATED_HARDWARE, debug: 4 };
}
