import { createHash } from "node:crypto";
import type { Body } from "../cart-fw/body.ts";
import { emulatorBody } from "../firmware/emulator-body.ts";
import { buildFirmware } from "../firmware/release.ts";
import { allowFirmware } from "../staff/allow-firmware.ts";
import { staffClient } from "../staff/client.ts";
import type { Place } from "./party.ts";

/** Makes bodies of carts for a place. */
export type MakeBody = (factory: Buffer, folder: string) => Promise<Body>;

/**
 * Builds the firmware, has the fleet's attestation policy allow its digest besides those that it allows, and makes
 * emulated carts that run it, signed by the cell's demo signers.
 */
export async function firmwareBodies({ store, keys, origins }: Place): Promise<MakeBody> {
  const built = await buildFirmware();
  const digest = createHash("sha256").update(built.image("cart")).digest("hex");
  const ops = staffClient({ cell: store.cell, origin: origins.ops, signingJwk: keys.outside.staffSigningJwk });
  await allowFirmware(ops, [store.firmware.digest, digest], store.firmware.securityCounter);
  const signers = keys.outside.firmwareSignerJwks;
  return (factory, folder) => emulatorBody({ signers }, factory, folder);
}
