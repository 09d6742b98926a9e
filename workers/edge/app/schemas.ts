import { z } from "@hono/zod-openapi";

/** The app API's JSON. Times are milliseconds since the epoch, amounts integer minor units of the currency. */

export const time = z.int().openapi({ description: "Milliseconds since the Unix epoch", example: 1795300000000 });
export const minor = z.int().openapi({ description: "Integer, in the currency's minor unit", example: 1299 });
export const store = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,31}$/)
  .openapi({ example: "eu-demo" });

/** Longer than any code that is given out, so that a stranger's format is refused before it is looked up. */
const code = z
  .string()
  .regex(/^[A-Za-z0-9_-]{4,64}$/)
  .openapi({ param: { name: "code", in: "path" }, example: "K7Q2M4XN" });

export const CodeParams = z.object({ code });

export const CardParams = z.object({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .openapi({ param: { name: "id", in: "path" }, example: "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49" }),
});

export const PairingRequest = z.strictObject({ store }).openapi("PairingRequest");

export const PairingCode = z
  .object({
    code: z.string().openapi({ description: "What the QR carries; may be typed instead" }),
    qr: z.string().openapi({ description: "The QR code's payload" }),
    confirmation: z.string().openapi({ description: "Two digits, the same on the cart and in the app", example: "42" }),
    expires: time,
  })
  .openapi("PairingCode");

export const PairingState = z
  .object({
    state: z.enum(["open", "redeemed", "confirmed", "expired", "revoked"]),
    store: store.nullable().openapi({ description: "Where it was redeemed; null before" }),
  })
  .openapi("PairingState");

const text = (most: number) => z.string().trim().min(1).max(most).nullable();

const fields = {
  email: text(254).openapi({ example: "someone@shop.example" }),
  name: text(120),
  phone: text(32),
  address: text(300),
  nickname: text(12).openapi({ description: "Shown on a cart; null shows nothing" }),
};
export const Profile = z.object(fields).openapi("Profile");
export const ProfileChange = z
  .strictObject(fields)
  .partial()
  .openapi("ProfileChange", { description: "The fields to correct; null empties one; what is left out stays" });

export const LoyaltyCard = z.object({ id: z.string(), number: z.string(), added: time }).openapi("LoyaltyCard");
export const LoyaltyCards = z.object({ cards: z.array(LoyaltyCard) }).openapi("LoyaltyCards");
export const LoyaltyCardRequest = z
  .strictObject({ number: z.string().trim().min(4).max(32).openapi({ example: "9820000000017" }) })
  .openapi("LoyaltyCardRequest");

export const PaymentMethod = z
  .object({
    id: z.string(),
    scheme: z.string().openapi({ example: "visa" }),
    last4: z.string().openapi({ example: "4242" }),
    expMonth: z.int().openapi({ example: 12 }),
    expYear: z.int().openapi({ example: 2034 }),
    added: time,
  })
  .openapi("PaymentMethod", { description: "What may be shown of a card; its number is in no answer" });
export const PaymentMethods = z.object({ methods: z.array(PaymentMethod) }).openapi("PaymentMethods");
export const PaymentMethodRequest = z
  .strictObject({
    token: z.string().regex(/^[A-Za-z0-9]{24}$/),
    statement: z
      .string()
      .max(2048)
      .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/),
  })
  .openapi("PaymentMethodRequest", {
    description: "`token` and `statement` as the card form of this cell's pay origin handed them over; never a number",
  });

export const Basket = z
  .object({
    session: z.uuid(),
    store,
    state: z.enum(["shopping", "checkout", "settling", "paid", "closed", "abandoned", "walked_out", "voided"]),
    lines: z.array(
      z.object({
        line: z.int(),
        name: z.string(),
        unitMinor: minor,
        quantity: z.int(),
        totalMinor: minor,
        grams: z.int().nullable(),
      }),
    ),
    totalMinor: minor,
    currency: z.string().length(3).openapi({ description: "ISO 4217", example: "EUR" }),
    holds: z.array(
      z.object({ id: z.int(), kind: z.enum(["age check", "weight", "unknown item"]), line: z.int().nullable() }),
    ),
    openedAt: time,
  })
  .openapi("Basket");

/** Every name that a body may use: what an error may name without repeating input. */
export const ourFields: readonly string[] = [PairingRequest, ProfileChange, LoyaltyCardRequest, PaymentMethodRequest]
  .flatMap((schema) => Object.keys(schema.shape))
  .concat("kind", "law", "correction", "cursor");
