import type { Profile } from "../../../protocol/rooms/identity.ts";
import { shopperBasket } from "../../../protocol/rooms/basket-json.ts";
import type { Env } from "../env.ts";
import { logUnexpected } from "../log.ts";
import { refusal } from "./refusal.ts";
import type { App } from "./app.ts";
import {
  addLoyaltyCard,
  correctProfile,
  listLoyaltyCards,
  readProfile,
  readSession,
  removeLoyaltyCard,
} from "./routes.ts";

/** What a person may see and change of their own; the identity room knows who they are. */
export function addMe(app: App): void {
  app.openapi(readProfile, async (c) => {
    const profile = await c.env.IDENTITY.profile(c.get("person"));
    return profile.ok ? c.json(profileJson(profile.value), 200) : refusal(profile.reason);
  });

  app.openapi(correctProfile, async (c) => {
    const change = c.req.valid("json") as Partial<Profile>;
    const profile = await c.env.IDENTITY.correct(c.get("person"), change);
    if (profile.ok) c.executionCtx.waitUntil(tellRecipients(c.env));
    return profile.ok ? c.json(profileJson(profile.value), 200) : refusal(FIELD_CODES[profile.reason]);
  });

  app.openapi(listLoyaltyCards, async (c) => {
    const cards = await c.env.IDENTITY.loyaltyCards(c.get("person"));
    if (!cards.ok) return refusal(cards.reason);
    return c.json({ cards: cards.value.map(({ id, number, added }) => ({ id, number, added })) }, 200);
  });

  app.openapi(addLoyaltyCard, async (c) => {
    const card = await c.env.IDENTITY.addLoyaltyCard(c.get("person"), c.req.valid("json").number);
    if (!card.ok) {
      const ofField = card.reason !== "unavailable" && card.reason !== "too_many" && card.reason !== "erased";
      return refusal(FIELD_CODES[card.reason], ofField ? "number" : undefined);
    }
    const { id, number, added } = card.value;
    return c.json({ id, number, added }, 201);
  });

  app.openapi(removeLoyaltyCard, async (c) => {
    const removed = await c.env.IDENTITY.removeLoyaltyCard(c.get("person"), c.req.valid("param").id);
    if (!removed.ok) return refusal(removed.reason === "unknown" ? "not_found" : removed.reason);
    return c.body(null, 204);
  });

  app.openapi(readSession, async (c) => {
    const trip = await c.env.IDENTITY.currentSession(c.get("person"));
    if (!trip.ok) return refusal(trip.reason);
    if (trip.value === null) return refusal("no_session");
    const view = await c.env.TRIPS.view(trip.value.session, trip.value.customer);
    if (!view.ok) return refusal(view.reason);
    const { lines, holds, ...basket } = shopperBasket(view.value);
    return c.json({ ...basket, lines: [...lines], holds: [...holds] }, 200);
  });
}

/** Failure policy: open; what recipients are owed is kept, and carried at the next round. */
async function tellRecipients(env: Env): Promise<void> {
  try {
    await env.TRIPS.tellRecipients();
  } catch (error) {
    logUnexpected("PATCH /v1/me", error);
  }
}

const FIELD_CODES = {
  invalid: "invalid_field",
  pan_detected: "pan_detected",
  taken: "taken",
  too_many: "too_many",
  erased: "erased",
  unavailable: "unavailable",
} as const;

const profileJson = ({ email, name, phone, address, nickname }: Profile) => ({ email, name, phone, address, nickname });
