import type { AttestationPolicy } from "../../protocol/rooms/fleet.ts";
import type { StaffClient } from "./client.ts";

const POLICY = "/admin/v1/fleet/policy";

/**
 * Has the fleet's attestation policy allow these images besides those that it allows already, and keeps the greater of
 * both security counters: whoever adds an image takes none from anybody.
 * @param digests SHA-256, hex
 * @throws OpsError when the cell refuses or does not answer; 400 when the policy holds more digests than the fleet takes
 */
export async function allowFirmware(
  ops: StaffClient,
  digests: readonly string[],
  minimumSecurityCounter: number,
): Promise<void> {
  const now = await ops.get<AttestationPolicy>(POLICY);
  const policy: AttestationPolicy = {
    digests: [...new Set([...now.digests, ...digests])],
    minimumSecurityCounter: Math.max(now.minimumSecurityCounter, minimumSecurityCounter),
  };
  await ops.put(POLICY, policy);
}
