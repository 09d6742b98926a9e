import { importJWK, type CryptoKey } from "jose";
import {
  KEY_ORDER_MEDIA_TYPE,
  KEY_ORDER_PATH,
  signKeyOrder,
  type KeyStatus,
  type SignedKeyOrder,
} from "../../protocol/pay/key-order.ts";
import type { Custodian } from "../../protocol/pay/key-shares.ts";
import type { OfficerKey } from "./officer-key.ts";

/** A call of the pay origin: path and request. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** The pay origin over HTTP. Time-out 30 s; an order is good once, so a lost answer is followed by `status`. */
export function payOrigin(origin: string): Send {
  return (path, init) => fetch(new URL(path, origin), { ...init, signal: AbortSignal.timeout(30_000) });
}

/** @throws Error with the CDE's own words when the order is refused */
export async function send(to: Send, order: SignedKeyOrder): Promise<KeyStatus> {
  const headers = { "content-type": KEY_ORDER_MEDIA_TYPE };
  const response = await to(KEY_ORDER_PATH, { method: "POST", headers, body: JSON.stringify(order) });
  const answer = (await response.json()) as KeyStatus & { code?: string; title?: string; detail?: string };
  if (!response.ok)
    throw new Error(
      `The CDE refuses (${response.status} ${answer.code ?? ""}): ${answer.detail ?? answer.title ?? ""}`,
    );
  return answer;
}

export interface Signer {
  readonly custodian: Custodian;
  readonly key: CryptoKey;
}

export async function signerOf(custodian: Custodian, { jwk }: Pick<OfficerKey, "jwk">): Promise<Signer> {
  return { custodian, key: (await importJWK(jwk, "ES256")) as CryptoKey };
}

/** What one custodian may ask alone. */
export async function statusFrom(to: Send, cell: string, signer: Signer, now: Date): Promise<KeyStatus> {
  return send(to, await signKeyOrder({ order: "status" }, cell, signer, now.getTime()));
}
