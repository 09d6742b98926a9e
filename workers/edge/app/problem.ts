/** The closed set of refusals at the app's and the receipt's door, and the one map to HTTP (docs/openapi.json has each). */
export const PROBLEMS = {
  malformed: [400, "The request can't be read"],
  invalid_token: [401, "An access token of this cell's identity provider is needed"],
  not_found: [404, "There is nothing here"],
  no_session: [404, "No trip is linked to you now"],
  method_not_allowed: [405, "The method is not for this path"],
  not_acceptable: [406, "None of the media types asked for is offered"],
  not_redeemed: [409, "No cart has redeemed the code yet"],
  taken: [409, "The number or card belongs to an account already"],
  already_open: [409, "A privacy request of this kind is open already"],
  erased: [410, "The account that the token was for is erased; sign in again to open a new one"],
  expired: [410, "The code's time is over"],
  too_large: [413, "The body is larger than 16 KiB"],
  unsupported_media_type: [415, "The body must be application/json"],
  pan_detected: [422, "The request holds what looks like a card number; nothing was stored"],
  invalid_field: [422, "A field has not the form that it must have"],
  idempotency_mismatch: [422, "The Idempotency-Key was used for another request"],
  upgrade_required: [426, "This is a WebSocket; ask to upgrade (RFC 6455)"],
  too_many: [429, "Too many requests; try again later"],
  unavailable: [503, "A part of the platform does not answer; try again later"],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Seconds after which a client may try again. */
export const RETRY_AFTER_SECONDS = { too_many: 60, unavailable: 5 } as const;

/** RFC 9457. `field` is the name of a field of ours, never anything that was sent. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly field?: string;
}

export function problem(code: ProblemCode, field?: string): Problem {
  const [status, title] = PROBLEMS[code];
  return { type: `/docs#problem-${code}`, title, status, code, ...(field === undefined ? {} : { field }) };
}

/**
 * The refusal as HTTP: problem+json with the headers that its status asks for (RFC 9110: `Allow` with 405,
 * `Retry-After` with 429 and 503; RFC 6750, 3: `WWW-Authenticate` with 401).
 */
export function problemResponse(code: ProblemCode, extra: { field?: string; headers?: HeadersInit } = {}): Response {
  const headers = new Headers(extra.headers);
  headers.set("content-type", "application/problem+json");
  if (code === "too_many" || code === "unavailable") headers.set("retry-after", String(RETRY_AFTER_SECONDS[code]));
  return new Response(JSON.stringify(problem(code, extra.field)), { status: PROBLEMS[code][0], headers });
}
