import type { FormAnswer } from "./hand-over.ts";
import { encrypt, utf8, type RecipientJwk } from "./jwe.ts";

export interface Card {
  readonly pan: string;
  readonly exp: string;
  readonly cvv: string;
}

export type Tokenized =
  | { readonly ok: true; readonly answer: FormAnswer }
  /** The problem's code; `no_answer`: nothing came back that could be read. */
  | { readonly ok: false; readonly code: string };

/** For each of the two calls. */
const TIME_OUT_MS = 15_000;

/**
 * Encrypts a card to the CDE's published key and asks for a token. Tried once: the person sees what happened and may
 * send it again under the same key, which adds the card once.
 */
export async function tokenize(card: Card, idempotencyKey: string): Promise<Tokenized> {
  try {
    const keys = await call("/v1/jwks.json", { method: "GET" });
    const { keys: published } = (await keys.json()) as { keys: readonly RecipientJwk[] };
    const recipient = published.find(({ kty, crv }) => kty === "EC" && crv === "P-256");
    if (recipient === undefined) return { ok: false, code: "failed" };
    const response = await call("/v1/payments/tokenize", {
      method: "POST",
      headers: { "content-type": "application/jose", "idempotency-key": idempotencyKey },
      body: await encrypt(recipient, utf8(JSON.stringify(card))),
    });
    const body = (await response.json()) as FormAnswer & { readonly code?: string };
    return response.ok ? { ok: true, answer: body } : { ok: false, code: body.code ?? "failed" };
  } catch {
    return { ok: false, code: "no_answer" };
  }
}

function call(path: string, init: RequestInit): Promise<Response> {
  return fetch(path, {
    ...init,
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(TIME_OUT_MS),
  });
}

const TOLD = ["card_number", "card_expiry", "card_cvv", "card_scheme", "too_many_requests", "no_answer"];

/** The code of a message that the page has. */
export function refusalOf(code: string): string {
  return TOLD.includes(code) ? code : "failed";
}
