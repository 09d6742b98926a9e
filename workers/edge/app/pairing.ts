import type { StoreId } from "../../../protocol/ids.ts";
import { refusal } from "./refusal.ts";
import type { App } from "./app.ts";
import { confirmPairingCode, createPairingCode, readPairingCode } from "./routes.ts";

/** Pairing a person with a cart, after BCP 247 (RFC 10027); the identity room holds the codes. */
export function addPairing(app: App): void {
  app.openapi(createPairingCode, async (c) => {
    const store = c.req.valid("json").store as StoreId;
    // A store of another cell is unknown here, like a store that never was.
    const known = await c.env.STORES.facts(store);
    if (!known.ok) return known.reason === "unknown_store" ? refusal("invalid_field", "store") : refusal(known.reason);
    const made = await c.env.IDENTITY.createPairingCode(c.get("person"), store);
    if (!made.ok) return refusal(made.reason);
    const { code, qr, confirmation, expires } = made.value;
    return c.json({ code, qr, confirmation, expires }, 201);
  });

  app.openapi(readPairingCode, async (c) => {
    const found = await c.env.IDENTITY.pairingCode(c.get("person"), c.req.valid("param").code);
    if (!found.ok) return refusal(CODE_CODES[found.reason]);
    return c.json({ state: found.value.state, store: found.value.store }, 200);
  });

  app.openapi(confirmPairingCode, async (c) => {
    const confirmed = await c.env.IDENTITY.confirmPairing(c.get("person"), c.req.valid("param").code);
    if (!confirmed.ok) return refusal(CODE_CODES[confirmed.reason]);
    return c.json({ state: confirmed.value.state, store: confirmed.value.store }, 200);
  });
}

const CODE_CODES = {
  unknown: "not_found",
  expired: "expired",
  not_redeemed: "not_redeemed",
  erased: "erased",
  unavailable: "unavailable",
} as const;
