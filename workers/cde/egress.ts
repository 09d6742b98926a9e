/** A request to a host that is not on the list. */
export class EgressRefused extends Error {
  override readonly name = "EgressRefused";
}

/** The one way out of the CDE. */
export type Egress = (path: string, init: RequestInit) => Promise<Response>;

/** How long the processor may take for one call, milliseconds. */
export const PROCESSOR_TIMEOUT_MS = 3_000;

/**
 * Opens the way to one origin, and to no other (PCI DSS 1.3.2): no other module of the CDE calls `fetch`.
 * A redirect is an answer, never followed. A signal given with a request ends it too, never later than the time-out.
 * @param send the network, passed in
 * @throws EgressRefused when a path leads to another origin
 */
export function egressTo(origin: string, send: (request: Request) => Promise<Response>): Egress {
  const allowed = new URL(origin);
  if (allowed.origin === "null" || !["https:", "http:"].includes(allowed.protocol))
    throw new EgressRefused("the processor's origin is not an HTTP origin");
  // Clear text only ever to this machine itself, where the simulator is.
  if (allowed.protocol === "http:" && allowed.hostname !== "127.0.0.1")
    throw new EgressRefused("the processor's origin is not HTTPS");
  return async (path, init) => {
    const target = new URL(path, allowed);
    if (target.origin !== allowed.origin || target.username !== "" || target.password !== "")
      throw new EgressRefused("not the processor's origin");
    const timeout = AbortSignal.timeout(PROCESSOR_TIMEOUT_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    return send(new Request(target, { ...init, redirect: "manual", signal }));
  };
}

/** The real network, for `egressTo`. */
export const network = (request: Request): Promise<Response> => fetch(request);
