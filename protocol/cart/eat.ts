/** Appraisal of a cart's evidence (RATS, RFC 9334; EAT, RFC 9711) against the cell's policy. */
import { hex } from "../bytes.ts";
import type { CartSerial } from "../ids.ts";
import { fail, ok, type Result } from "../result.ts";
import type { AttestationPolicy } from "../rooms/fleet.ts";
import type { EatClaims } from "./messages.ts";

/** For the operator; the cart is told `attestation` whatever it is. */
export type AppraisalReason = "serial" | "boot" | "debug" | "digest" | "security_counter";

export interface Reference {
  /** The cart that the certificate names. */
  readonly serial: CartSerial;
  /** The envelope's boot count. */
  readonly boot: number;
  readonly policy: AttestationPolicy;
}

/** The least debug state that is disabled (RFC 9711, 4.2.9). */
const DEBUG_DISABLED = 1;

/**
 * Whether the claims are those of this cart running an allowed image. The claims have no clock of their own: they are
 * fresh because their nonce is, which whoever keeps the nonce must spend as well.
 */
export function appraise(claims: EatClaims, reference: Reference): Result<EatClaims, AppraisalReason> {
  const { serial, boot, policy } = reference;
  if (claims.serial !== serial) return fail("serial");
  if (claims.boot !== boot) return fail("boot");
  if (claims.debug < DEBUG_DISABLED) return fail("debug");
  if (!policy.digests.includes(hex(claims.digest))) return fail("digest");
  if (claims.securityCounter < policy.minimumSecurityCounter) return fail("security_counter");
  return ok(claims);
}
