import { encodeAnswer } from "../../../protocol/cart/codec.ts";
import { CBOR_TYPE } from "../../../protocol/cart/paths.ts";
import { CART_STATUS, type CartCode, type CartError } from "../../../protocol/cart/codes.ts";

/** What a cart is told: the bytes that the state's owner made, passed through; nothing (204); or a refusal. */
export type Outcome =
  | { readonly ok: true; readonly status: 200 | 201; readonly body: Uint8Array; readonly type?: string }
  | { readonly ok: true; readonly status: 204; readonly body: null }
  | { readonly ok: false; readonly error: CartError };

export const refuse = (code: CartCode): Outcome => ({ ok: false, error: { code } });

/** Seconds after which a cart may send the same frame again. */
const RETRY_AFTER = { too_many: "60", unavailable: "2" } as const;

/** No header that the cart does not need: on LTE-M every byte is paid for. */
export function responseOf(outcome: Outcome): Response {
  if (!outcome.ok) return refusalResponse(outcome.error);
  if (outcome.body === null) return new Response(null, { status: 204 });
  return new Response(outcome.body as Uint8Array<ArrayBuffer>, {
    status: outcome.status,
    headers: { "content-type": outcome.type ?? CBOR_TYPE },
  });
}

/** `{1: code, ?2: expected}` with the code's one status. */
export function refusalResponse({ code, expected }: CartError): Response {
  const headers: Record<string, string> = { "content-type": "application/cbor" };
  if (code === "too_many" || code === "unavailable") headers["retry-after"] = RETRY_AFTER[code];
  return new Response(encodeAnswer("error", { code, expected: expected ?? null }), {
    status: CART_STATUS[code],
    headers,
  });
}
