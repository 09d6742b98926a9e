import { appraise } from "../../../protocol/cart/eat.ts";
import { MANIFEST_TYPE } from "../../../protocol/cart/manifest.ts";
import type { CartBodies, CartMessage, EatClaims } from "../../../protocol/cart/messages.ts";
import type { SessionId } from "../../../protocol/ids.ts";
import { stubOf } from "../../../protocol/rooms/objects.ts";
import type { CartObject, ShoppingSessionObject, Signed, WireAnswer } from "../../../protocol/rooms/sessions.ts";
import type { CartRecord } from "../../../protocol/rooms/fleet.ts";
import type { Env } from "../env.ts";
import { refuse, type Outcome } from "./outcome.ts";

/** A frame that has passed the door. */
export interface Call<M extends CartMessage> {
  readonly env: Env;
  readonly signed: Signed<CartBodies[M]>;
  readonly record: CartRecord;
}

/** What each signed message does once its frame is verified: one call to the object that holds the state. */
export const HANDLERS: { readonly [M in CartMessage]: (call: Call<M>) => Promise<Outcome> } = {
  attestation: attest,
  open: openSession,
  firmware: askFirmware,
  telemetry: ({ env, signed, record }) => cartOf(env, record).telemetry(signed, record.store),
  events: (call) => inSession(call, (session, signed) => session.events(signed)),
  identity: (call) => inSession(call, (session, signed) => session.identity(signed)),
  checkout: (call) => inSession(call, (session, signed) => session.checkout(signed)),
  payment: (call) => inSession(call, (session, signed) => session.payment(signed)),
  close: (call) => inSession(call, (session, signed) => session.close(signed)),
};

export const cartOf = (env: Env, record: CartRecord): CartObject => stubOf(env.CARTS, record.serial, env);

/**
 * The nonce is spent before the fleet is asked, so that a statement is never signed twice for one nonce;
 * a repeat of an answered frame gets the first answer.
 */
async function attest({ env, signed, record }: Call<"attestation">): Promise<Outcome> {
  const { eat, beacon } = signed.envelope.body;
  if (!isTrusted(eat, signed, record)) return refuse("attestation");
  if (record.store === null) return refuse("wrong_store");
  const cart = cartOf(env, record);
  const spent = await cart.spend(signed);
  if (!spent.ok) return refuse(spent.reason);
  if (spent.value.answered !== null) return { ok: true, status: 200, body: spent.value.answered };
  const attested = await env.FLEET.attestStore(record.serial, eat.nonce, eat, beacon);
  if (!attested.ok) return refuse(attested.reason);
  const { body } = await cart.attested(signed, record.store, attested.value);
  return { ok: true, status: 200, body };
}

async function openSession({ env, signed, record }: Call<"open">): Promise<Outcome> {
  if (!isTrusted(signed.envelope.body.eat, signed, record)) return refuse("attestation");
  if (record.store === null) return refuse("wrong_store");
  return cartOf(env, record).open(signed, record.store);
}

/**
 * Appraised for whose claims they are and no more: an image that the policy has outgrown must be able to ask
 * for its successor. 204: there is none for it. A repeated frame is answered by what is offered now.
 */
async function askFirmware({ env, signed, record }: Call<"firmware">): Promise<Outcome> {
  const { eat } = signed.envelope.body;
  if (eat.serial !== record.serial || eat.boot !== signed.envelope.boot) return refuse("attestation");
  const spent = await cartOf(env, record).spend(signed);
  if (!spent.ok) return refuse(spent.reason);
  const offered = await env.FLEET.firmwareFor(eat);
  if (!offered.ok) return refuse("unavailable");
  if (offered.value === null) return { ok: true, status: 204, body: null };
  return { ok: true, status: 200, body: offered.value, type: MANIFEST_TYPE };
}

function isTrusted(eat: EatClaims, signed: Signed<unknown>, record: CartRecord): boolean {
  return appraise(eat, { serial: record.serial, boot: signed.envelope.boot, policy: record.policy }).ok;
}

/**
 * One RPC to the session. Only where there is none, the cart's own object is asked whether it was this cart's:
 * a stranger's session and one that never was are the same 404.
 */
async function inSession<B>(
  { env, signed, record }: { readonly env: Env; readonly signed: Signed<B>; readonly record: CartRecord },
  send: (session: ShoppingSessionObject, signed: Signed<B>) => Promise<WireAnswer>,
): Promise<Outcome> {
  const id = signed.envelope.session as SessionId;
  const answer = await send(stubOf(env.SESSIONS, id, env), signed);
  if (answer.ok || answer.error.code !== "no_session") return answer;
  return refuse(await cartOf(env, record).whyNoSession(id));
}
