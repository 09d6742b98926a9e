import type { PaymentMethod } from "../../../protocol/rooms/identity.ts";
import { refusal } from "./refusal.ts";
import type { App } from "./app.ts";
import { addPaymentMethod, listPaymentMethods, removePaymentMethod } from "./routes.ts";

/** Cards by the token of the card form: this origin never sees a number, and has no way to the CDE to ask about one. */
export function addPaymentMethods(app: App): void {
  app.openapi(listPaymentMethods, async (c) => {
    const methods = await c.env.IDENTITY.paymentMethods(c.get("person"));
    return methods.ok ? c.json({ methods: methods.value.map(methodJson) }, 200) : refusal(methods.reason);
  });

  app.openapi(addPaymentMethod, async (c) => {
    const { token, statement } = c.req.valid("json");
    const method = await c.env.IDENTITY.addPaymentMethod(c.get("person"), { token, statement });
    if (method.ok) return c.json(methodJson(method.value), 201);
    return method.reason === "invalid" ? refusal("invalid_field", "statement") : refusal(method.reason);
  });

  app.openapi(removePaymentMethod, async (c) => {
    const removed = await c.env.IDENTITY.removePaymentMethod(c.get("person"), c.req.valid("param").id);
    if (!removed.ok) return refusal(removed.reason === "unknown" ? "not_found" : removed.reason);
    return c.body(null, 204);
  });
}

const methodJson = ({ id, scheme, last4, expMonth, expYear, added }: PaymentMethod) => ({
  id,
  scheme,
  last4,
  expMonth,
  expYear,
  added,
});
