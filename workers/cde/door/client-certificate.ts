/** What Cloudflare says of the caller's certificate; the revocation flag is the text "0" or "1". */
export interface PresentedCertificate {
  readonly certPresented?: string;
  readonly certVerified?: string;
  readonly certRevoked?: string;
}

/**
 * Deployed, the forwarder and the reader vendor come with a client certificate besides their keys. A revoked one
 * still verifies, so both answers count. On one machine there is none to present.
 */
export function certificateAccepted(jurisdiction: string, presented: PresentedCertificate | undefined): boolean {
  if (jurisdiction === "local") return true;
  return presented?.certPresented === "1" && presented.certVerified === "SUCCESS" && presented.certRevoked === "0";
}

/** The certificate of a request on workerd. */
export function certificateOf(request: Request): PresentedCertificate | undefined {
  return (request.cf as { tlsClientAuth?: PresentedCertificate } | undefined)?.tlsClientAuth;
}
