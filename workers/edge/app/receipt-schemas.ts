import { z } from "@hono/zod-openapi";
import { minor, store, time } from "./schemas.ts";

export const ReceiptParams = z.object({
  reference: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .openapi({ param: { name: "reference", in: "path" }, example: "3q2-7wAAAAAAAAAAAAAAAA" }),
});

const seller = z.object({
  id: store,
  name: z.string(),
  legalName: z.string(),
  address: z.string(),
  taxId: z.string(),
  country: z.string().length(2),
});
const taxes = z.array(
  z.object({
    name: z.string(),
    rateBasisPoints: z.int().openapi({ description: "Hundredths of a percent: 725 is 7.25 %" }),
    netMinor: minor,
    taxMinor: minor,
  }),
);
const saleLine = z.object({
  line: z.int(),
  item: z.string().openapi({ description: "The catalogue's key: a GTIN-14, `plu:<n>` or `rcn:<number>`" }),
  name: z.string(),
  quantity: z.int(),
  grams: z.int().nullable(),
  unitMinor: minor,
  totalMinor: minor,
  taxClass: z.string(),
});
const emvFields = [
  "scheme",
  "last4",
  "aid",
  "applicationName",
  "tvr",
  "tsi",
  "cryptogram",
  "arc",
  "approvalCode",
  "terminal",
  "merchant",
] as const;
const emv = Object.fromEntries(emvFields.map((name) => [name, z.string()])) as Record<
  (typeof emvFields)[number],
  z.ZodString
>;

export const Receipt = z
  .object({
    reference: z.string(),
    number: z.string(),
    store: seller,
    session: z.uuid(),
    issuedAt: z.iso.datetime(),
    startedAt: z.iso.datetime(),
    timeZone: z.string(),
    language: z.string(),
    taxIncluded: z.boolean(),
    currency: z.string().length(3),
    lines: z.array(saleLine),
    taxes,
    netMinor: minor,
    taxMinor: minor,
    totalMinor: minor,
    payment: z
      .object({
        ...emv,
        cvm: z.enum(["none", "pin", "signature", "device"]),
        entry: z.enum(["contactless", "chip", "magstripe"]),
        result: z.literal("APPROVED"),
        amountMinor: minor,
      })
      .openapi({ description: "The terminal's receipt data (EMV), unaltered; of the card its last four digits" }),
    pos: z.object({ transaction: z.string(), fiscal: z.string().nullable() }),
    expires: time,
  })
  .openapi("Receipt", { description: "The receipt; Directive 2006/112/EC, Art. 226b" });

export const ReceiptList = z
  .object({
    receipts: z.array(
      z.object({
        reference: z.string().openapi({ description: "Opens the receipt: `/r/{reference}`" }),
        number: z.string(),
        store: z.object({ id: store, name: z.string() }),
        issuedAt: z.iso.datetime(),
        timeZone: z.string(),
        currency: z.string().length(3),
        totalMinor: minor.openapi({ description: "Negative on a correcting receipt" }),
        corrects: z.string().nullable().openapi({ description: "The receipt that it amends" }),
      }),
    ),
    next: z.string().nullable().openapi({ description: "The cursor of the next page; null on the last" }),
  })
  .openapi("ReceiptList");

export const ReceiptListQuery = z.object({
  cursor: z
    .string()
    .regex(/^[a-p]{44}$/)
    .optional()
    .openapi({ param: { name: "cursor", in: "query" }, description: "`next` of the page before" }),
});

/** What of a receipt outlives its full view: seller, number, day and amounts, not what was bought. */
export const ReceiptSummary = Receipt.pick({
  reference: true,
  number: true,
  store: true,
  issuedAt: true,
  timeZone: true,
  language: true,
  taxIncluded: true,
  currency: true,
  taxes: true,
  netMinor: true,
  taxMinor: true,
  totalMinor: true,
  expires: true,
}).openapi("ReceiptSummary", { description: "The receipt after `expires`: without lines and payment" });
