import { REFUSAL_HEADERS } from "./security-headers.ts";

/** Every refusal of the pay origin, with its status: the one map from reason to wire (RFC 9457). */
const PROBLEMS = {
  malformed: [400, "The request can't be read"],
  idempotency_key: [400, "An Idempotency-Key of 8 to 128 characters is needed"],
  webhook_signature: [400, "The webhook's signature is not accepted"],
  client_auth: [401, "The client is not known"],
  forwarder_auth: [401, "The envelope is not accepted"],
  key_order: [401, "The order is not accepted"],
  not_found: [404, "There is nothing here"],
  key_in_use: [409, "The key still seals stored values"],
  state: [409, "The payment's state does not allow it"],
  refused: [409, "The processor refuses it"],
  too_large: [413, "The request is too large"],
  media_type: [415, "The media type is not accepted"],
  idempotency_mismatch: [422, "The key was used with another request"],
  card_number: [422, "The card number is not valid"],
  card_expiry: [422, "The expiry is not valid"],
  card_cvv: [422, "The card verification value is not valid"],
  card_scheme: [422, "The card's scheme is not accepted"],
  field: [422, "A field is not valid"],
  use: [422, "This client may not ask for that use"],
  store: [422, "This use needs a store, or may not have one"],
  scope: [422, "The token's account or ceiling is not valid"],
  amount: [422, "The amount is not allowed"],
  too_many_requests: [429, "Too many requests"],
  internal: [500, "It failed here"],
  audit_log: [503, "The access log does not answer"],
  vault_integrity: [503, "A stored value does not open"],
  processor_silent: [503, "The processor does not answer"],
  not_configured: [503, "A key or setting is missing"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
}

/** @param detail of this platform's own words only: never a part of what was sent */
export function problem(code: ProblemCode, detail?: string): Problem {
  const [status, title] = PROBLEMS[code];
  return { type: "about:blank", title, status, code, ...(detail === undefined ? {} : { detail }) };
}

export function problemResponse(code: ProblemCode, detail?: string, headers: Record<string, string> = {}): Response {
  const body = problem(code, detail);
  return Response.json(body, {
    status: body.status,
    headers: { ...REFUSAL_HEADERS, "content-type": "application/problem+json", ...headers },
  });
}
