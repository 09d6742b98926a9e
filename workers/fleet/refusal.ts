import { CART_STATUS } from "../../protocol/cart/codes.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import type { CartRefusal } from "../../protocol/rooms/fleet.ts";
import { parseCartSerial, parseKid } from "../../protocol/ids.ts";

/** Method and path pattern of the cart's calls: names and one placeholder, nothing that a client chose. */
const ROUTE = /^(?:GET|POST) \/cart\/v1(?:\/(?:[a-z]{1,16}|\{[a-z]{1,16}\})){1,4}$/;

/**
 * The one audit event of a refusal at the cart's door: code, route and cart, nothing of the input.
 * @throws TypeError for a code or route outside the closed set: a door that reports free text is a bug
 */
export function refusalAct(refusal: CartRefusal): AuditAct {
  if (!Object.hasOwn(CART_STATUS, refusal.code)) throw new TypeError("not a cart code");
  if (!ROUTE.test(refusal.route)) throw new TypeError("not a route of the cart's door");
  const cart = refusal.cart === null ? undefined : parseCartSerial(refusal.cart);
  const kid = refusal.kid === null ? undefined : parseKid(refusal.kid);
  return {
    who: cart === undefined ? "edge" : `cart:${cart}`,
    kind: refusal.code === "pan_detected" ? "pan_detected" : "refusal",
    when: refusal.when,
    success: false,
    from: refusal.route,
    // An unknown kid is what the client sent: half of it is enough to see a pattern, and is never a card number.
    on: cart !== undefined ? `cart:${cart}` : kid !== undefined ? `kid:${kid.slice(0, 8)}` : "door",
    detail: { code: refusal.code },
  };
}
