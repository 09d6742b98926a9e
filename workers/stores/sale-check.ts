import { z } from "zod";
import { parseCartSerial, parseHandoffId, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import { EXPONENT, type Currency } from "../../protocol/money/money.ts";
import type { EmvBlock } from "../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Sale, SaleLine } from "../../protocol/rooms/stores.ts";
import { holdsCardNumber } from "./card-number.ts";

const minor = z.int().min(0);
const printed = z
  .string()
  .max(64)
  .regex(/^\P{Cc}*$/u);
const currency = z.enum(Object.keys(EXPONENT) as [Currency, ...Currency[]]);

const line = z.object({
  line: z.int().min(0),
  item: z.string().min(1).max(64),
  name: z.string().min(1).max(400),
  quantity: z.int().min(1).max(10_000),
  grams: z.int().min(0).nullable(),
  unitMinor: minor,
  totalMinor: minor,
  taxClass: z.string().min(1).max(32),
});

const emv = z.strictObject({
  scheme: printed,
  last4: z.string().regex(/^[0-9]{4}$/),
  aid: printed,
  applicationName: printed,
  tvr: printed,
  tsi: printed,
  cryptogram: printed,
  arc: printed,
  approvalCode: printed,
  cvm: z.enum(["none", "pin", "signature", "device"]),
  entry: z.enum(["contactless", "chip", "magstripe"]),
  terminal: printed,
  merchant: printed,
}) satisfies z.ZodType<EmvBlock>;

const id = (parse: (text: string) => string | undefined) => z.string().refine((text) => parse(text) !== undefined);

const sale = z.object({
  store: id(parseStoreId),
  session: id(parseSessionId),
  cart: id(parseCartSerial),
  handoff: id(parseHandoffId),
  quote: z.object({
    quote: z.string().min(1).max(64),
    total: z.object({ minor, currency }),
    netMinor: minor,
    taxMinor: minor,
    taxes: z
      .array(z.object({ name: z.string().min(1).max(60), rateBasisPoints: minor, netMinor: minor, taxMinor: minor }))
      .max(50),
    lines: z.array(line).min(1).max(1000),
  }),
  startedAt: z.int().min(0),
  paidAt: z.int().min(0),
  emv,
});

/** Whether lines may be sent to a POS: whole numbers, one number a line. */
export function areSaleLines(lines: unknown): lines is readonly SaleLine[] {
  const parsed = z.array(line).min(1).max(1000).safeParse(lines);
  return parsed.success && new Set(parsed.data.map((each) => each.line)).size === parsed.data.length;
}

/**
 * A sale as it may be booked. Any field of the card block that may be a card number is refused: the block is kept
 * for years. The application cryptogram alone (tag 9F26) is left empty instead: 16 hex digits are a decimal number
 * that passes Luhn about once in 18,000 payments, and a paid trip must not stay without its receipt for that.
 */
export function checkSale(input: unknown): Result<Sale, "refused"> {
  const parsed = sale.safeParse(input);
  if (!parsed.success || parsed.data.paidAt < parsed.data.startedAt) return fail("refused");
  const { cryptogram, ...others } = parsed.data.emv;
  if (Object.values(others).some(holdsCardNumber)) return fail("refused");
  const kept = holdsCardNumber(cryptogram) ? "" : cryptogram;
  // The ids' forms were checked above.
  return ok({ ...parsed.data, emv: { ...others, cryptogram: kept } } as unknown as Sale);
}
