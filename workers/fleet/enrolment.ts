import { hex } from "../../protocol/bytes.ts";
import { kidOf } from "../../protocol/cart/cose.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { AuditAppender } from "../../protocol/rooms/audit.ts";
import type { CertificationRequest, Issuer } from "./certificate.ts";
import { proved } from "./outside.ts";
import { findListed, type Database } from "./registry.ts";
import { carts } from "./schema.ts";

export interface EnrolmentDesk {
  readonly db: Database;
  readonly audit: AuditAppender;
  readonly issue: (request: CertificationRequest, issuer: Issuer) => Promise<Uint8Array>;
  readonly issuer: Issuer;
  readonly now: number;
}

export type EnrolReason = "not_in_manifest" | "key_mismatch" | "revoked" | "unavailable";

/**
 * Manifest first: only a serial that the factory listed, with the key that it listed, gets a certificate,
 * and one key gets one certificate for good. The audit append comes before the certificate exists for anyone.
 * @returns the certificate, DER
 */
export async function enrolCart(
  desk: EnrolmentDesk,
  request: CertificationRequest,
): Promise<Result<Uint8Array, EnrolReason>> {
  const listed = await findListed(desk.db, request.serial);
  if (listed === null) return fail("not_in_manifest");
  if (listed.publicKeyHash !== request.publicKeyHash) return fail("key_mismatch");
  if (listed.revoked) return fail("revoked");
  if (listed.certificate !== null) return ok(listed.certificate);
  const certificate = await desk.issue(request, desk.issuer);
  const fingerprint = await sha256(certificate);
  if (!(await proved(desk.audit, issuedAct(request.serial, fingerprint, desk.now)))) return fail("unavailable");
  const inserted = await desk.db
    .insert(carts)
    .values({
      serial: request.serial,
      kid: hex(await kidOf(certificate)),
      certificate,
      publicKey: request.point,
      enrolledAt: desk.now,
    })
    .onConflictDoNothing();
  if (inserted.meta.changes === 1) return ok(certificate);
  // Two enrolments of one key at once: the first row is the certificate, for both.
  const winner = await findListed(desk.db, request.serial);
  return winner?.certificate == null ? fail("unavailable") : ok(winner.certificate);
}

/** Hex. In full: the kid's 16 digits may look like a card number to the log, 64 never do. */
async function sha256(certificate: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", certificate.slice())));
}

function issuedAct(serial: CartSerial, fingerprint: string, when: number) {
  return {
    who: "fleet",
    kind: "certificate_issued",
    when,
    success: true,
    from: "ForOps.enrol",
    on: `cart:${serial}`,
    detail: { fingerprint },
  } as const;
}
