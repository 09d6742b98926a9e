import { parseSessionId, type SessionId } from "../../../protocol/ids.ts";
import type { CartMessage } from "../../../protocol/cart/messages.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";

type InSession = Extract<CartMessage, "events" | "identity" | "checkout" | "payment" | "close">;
type OutOfSession = Exclude<CartMessage, InSession>;

/** A route's name is for records: the template, never the path that was sent. */
export type CartRoute =
  | { readonly kind: "hello"; readonly name: string }
  | { readonly kind: "image"; readonly name: string; readonly digest: string }
  | { readonly kind: "signed"; readonly name: string; readonly message: OutOfSession; readonly session: null }
  | { readonly kind: "signed"; readonly name: string; readonly message: InSession; readonly session: SessionId };

/** `no_session`: a path that no session can have; `not_found` and `method` are HTTP's own and carry no body. */
export type RouteReason = "not_found" | "method" | "image_method" | "no_session";

const signed = (message: OutOfSession, name: string): CartRoute => ({ kind: "signed", name, message, session: null });

const FIXED: Readonly<Record<string, CartRoute>> = {
  "/cart/v1/hello": { kind: "hello", name: "POST /cart/v1/hello" },
  "/cart/v1/attestation": signed("attestation", "POST /cart/v1/attestation"),
  "/cart/v1/sessions": signed("open", "POST /cart/v1/sessions"),
  "/cart/v1/telemetry": signed("telemetry", "POST /cart/v1/telemetry"),
  "/cart/v1/firmware": signed("firmware", "POST /cart/v1/firmware"),
};
/** SHA-256 of an image. */
const IMAGE_PATH = /^\/cart\/v1\/firmware\/([0-9a-f]{64})$/;
const SESSION_PATH = /^\/cart\/v1\/sessions\/([^/]*)\/(events|identity|checkout|payment|close)$/;

/** @param path as it was sent; a query or an escaped character makes it another path, as the signature names the path. */
export function cartRoute(method: string, path: string): Result<CartRoute, RouteReason> {
  const image = IMAGE_PATH.exec(path);
  if (image !== null) {
    if (method !== "GET" && method !== "HEAD") return fail("image_method");
    return ok({ kind: "image", name: "GET /cart/v1/firmware/{digest}", digest: image[1] ?? "" });
  }
  const inSession = SESSION_PATH.exec(path);
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
  if (inSession === null && fixed === undefined) return fail("not_found");
  if (method !== "POST") return fail("method");
  if (fixed !== undefined) return ok(fixed);
  const session = parseSessionId(inSession?.[1] ?? "");
  if (session === undefined) return fail("no_session");
  const message = inSession?.[2] as InSession;
  return ok({ kind: "signed", name: `POST /cart/v1/sessions/{id}/${message}`, message, session });
}
