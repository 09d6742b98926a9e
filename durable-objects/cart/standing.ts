import { hex } from "../../protocol/bytes.ts";
import type { SessionId, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** A nonce from `hello` is asked for by anyone who knows the kid: short-lived (decision 0004). */
export const HELLO_NONCE_MS = 60_000;
/** A nonce carried in the answer to a signed frame is known to that cart alone: it lasts as long as a store attestation can. */
export const CARRIED_NONCE_MS = 12 * 60 * 60_000;
/** Several hellos may be under way over a lossy link; more than these are a flood, and the oldest dies. */
const HELLO_NONCES = 4;
/** Sessions that still answer `session_over` instead of `no_session`. */
const ENDED_KEPT = 16;

interface Nonce {
  readonly hex: string;
  readonly until: number;
}

/** A frame that was answered, so that its repeat gets the same bytes. Digest and answer in base64. */
export interface Answered {
  readonly digest: string;
  readonly answer: string;
}

/** Everything that is remembered of one cart: one row, whatever happens. */
export interface Standing {
  readonly hello: readonly Nonce[];
  readonly carried: Nonce | null;
  readonly attestation: { readonly store: StoreId; readonly expires: number } | null;
  readonly attested: Answered | null;
  /** The last frame that spent a nonce outside a session; its repeat goes on from there, as long as a nonce lives. */
  readonly spentBy: { readonly digest: string; readonly until: number } | null;
  readonly session: SessionId | null;
  readonly opened: Answered | null;
  readonly ended: readonly SessionId[];
  readonly quarantine: { readonly session: SessionId; readonly boot: number; readonly seq: number } | null;
  /** The last telemetry frame outside a session. */
  readonly telemetry: { readonly boot: number; readonly seq: number } | null;
}

export const NEW_CART: Standing = {
  hello: [],
  carried: null,
  attestation: null,
  attested: null,
  spentBy: null,
  session: null,
  opened: null,
  ended: [],
  quarantine: null,
  telemetry: null,
};

export function withHelloNonce(standing: Standing, nonce: Uint8Array, now: number): Standing {
  const live = standing.hello.filter((each) => each.until > now).slice(1 - HELLO_NONCES);
  return { ...standing, hello: [...live, { hex: hex(nonce), until: now + HELLO_NONCE_MS }] };
}

export function withCarriedNonce(standing: Standing, nonce: Uint8Array, now: number): Standing {
  return { ...standing, carried: { hex: hex(nonce), until: now + CARRIED_NONCE_MS } };
}

/** Takes a nonce out of use. `attestation` when it was not given, is spent, or is too old. */
export function spendNonce(standing: Standing, nonce: Uint8Array, now: number): Result<Standing, "attestation"> {
  const wanted = hex(nonce);
  const good = (each: Nonce | null) => each !== null && each.hex === wanted && each.until > now;
  if (good(standing.carried)) return ok({ ...standing, carried: null });
  if (!standing.hello.some(good)) return fail("attestation");
  return ok({ ...standing, hello: standing.hello.filter((each) => each.hex !== wanted) });
}

/** Whether the cart may open a session in this store now (No store, no trip). */
export function mayOpen(
  standing: Standing,
  store: StoreId,
  now: number,
): Result<undefined, "attestation" | "wrong_store" | "cart_quarantined"> {
  if (standing.quarantine !== null) return fail("cart_quarantined");
  if (standing.attestation === null || standing.attestation.expires <= now) return fail("attestation");
  return standing.attestation.store === store ? ok() : fail("wrong_store");
}

export function withEnded(standing: Standing, session: SessionId): Standing {
  const ended = standing.ended.includes(session) ? standing.ended : [...standing.ended, session].slice(-ENDED_KEPT);
  return standing.session === session ? { ...standing, ended, session: null } : { ...standing, ended };
}

/**
 * The nonce that an end is answered with when it is not the first one, or not of the session that is open: a session
 * lingers after its close and ends again, and must not take from the cart the nonce that it holds by then.
 */
export function heldNonce(standing: Standing, session: SessionId): string | null {
  return standing.session === session ? null : (standing.carried?.hex ?? null);
}

/** What a telemetry frame outside a session is: taken now, a repeat, or out of order (with the number that is due). */
export function telemetryPlace(
  standing: Standing,
  boot: number,
  seq: number,
): { readonly place: "next" | "repeat" } | { readonly place: "gap"; readonly expected: number } {
  const last = standing.telemetry;
  if (last === null || boot > last.boot) return seq === 1 ? { place: "next" } : { place: "gap", expected: 1 };
  if (boot < last.boot || seq <= last.seq) return { place: "repeat" };
  return seq === last.seq + 1 ? { place: "next" } : { place: "gap", expected: last.seq + 1 };
}
