import { z } from "zod";
import {
  parseCartSerial,
  parseReceiptReference,
  parseSessionId,
  parseStoreId,
  type CartSerial,
  type ReceiptReference,
  type SessionId,
  type StoreId,
} from "../../protocol/ids.ts";
import { REFUND_REASONS } from "../../protocol/rooms/sessions.ts";
import { parseCurrency, type Currency } from "../../protocol/money/money.ts";

/** What each body and each part of a path must look like. Objects are strict: an unknown member is refused. */
const text = (most: number) => z.string().trim().min(1).max(most);
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const hex256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Standard base64 (RFC 4648, 4) as the bytes that it says. */
const base64 = (mostBytes: number) =>
  z
    .base64()
    .min(4)
    .max(Math.ceil(mostBytes / 3) * 4)
    .transform((each) => Uint8Array.from(atob(each), (character) => character.charCodeAt(0)));
const known = <T extends string>(parse: (value: string) => T | undefined) =>
  z.custom<T>((value) => typeof value === "string" && parse(value) !== undefined);

export const storeId = known<StoreId>(parseStoreId);
export const cartSerial = known<CartSerial>(parseCartSerial);
export const receiptReference = known<ReceiptReference>(parseReceiptReference);
export const sessionId = known<SessionId>(parseSessionId);
export const beaconId = id;
export const holdNumber = z
  .string()
  .regex(/^[0-9]{1,9}$/)
  .transform(Number);
/** A calendar day, `YYYY-MM-DD`. */
export const day = z.iso.date();

const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
});

export const storeSettings = z.strictObject({
  name: text(60),
  legalName: text(120),
  address: text(200),
  taxId: text(40),
  country: z.string().regex(/^[A-Z]{2}$/),
  language: z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/),
  currency: known<Currency>(parseCurrency),
  timeZone,
  taxIncluded: z.boolean(),
  posUrl: z.url({ protocol: /^https?$/ }).max(200),
  weightToleranceGrams: z.int().min(0).max(5000),
  terminals: z.array(text(32)).max(64),
  barcodeTemplates: z
    .array(
      z.strictObject({
        pattern: z.string().regex(/^[0-9indpxc]{8,13}$/),
        value: z.enum(["price", "weight"]),
        verifier: z.boolean(),
      }),
    )
    .max(32),
  minimumAges: z.record(id, z.int().min(0).max(25)),
});

export const beaconKey = z.strictObject({ publicKey: base64(65) });

export const loyaltyFormat = z.strictObject({
  retailer: id,
  prefix: z.string().regex(/^[0-9A-Z]{1,16}$/),
  length: z.int().min(4).max(32),
  check: z.enum(["luhn", "mod10-gs1", "none"]),
});

const field = (most: number) => z.string().max(most).nullable().default(null);
export const memberList = z.strictObject({
  members: z
    .array(
      z.strictObject({
        loyalty: z.string().min(1).max(64),
        email: field(254),
        name: field(120),
        phone: field(40),
        nickname: field(12),
      }),
    )
    .min(1)
    .max(500),
});

export const manifestLines = z.strictObject({
  entries: z
    .array(z.strictObject({ serial: cartSerial, publicKeyHash: hex256 }))
    .min(1)
    .max(5000),
});

export const enrolment = z.strictObject({ csr: base64(2048) });
export const assignment = z.strictObject({ store: storeId });
export const attestationPolicy = z.strictObject({
  digests: z.array(hex256).min(1).max(32),
  minimumSecurityCounter: z.int().min(0).max(0xffff_ffff),
});

export const imageDigest = hex256;
/** A signed manifest is under 300 bytes (protocol/cart.cddl). */
export const firmwareManifest = z.strictObject({ manifest: base64(512) });
export const rolloutNumber = holdNumber;
export const rolloutOrder = z.strictObject({
  digest: hex256,
  stores: z.array(storeId).min(1).max(500).nullable(),
  percentage: z.int().min(1).max(100),
});
export const rolloutChange = z.strictObject({ state: z.enum(["running", "paused", "ended"]) });

export const decision = z.strictObject({
  reason: z.enum(["age_verified", "weight_checked", "item_identified", "item_removed", "left_unpaid", "shopper_left"]),
});

export const refund = z.strictObject({
  lines: z
    .array(z.strictObject({ line: z.int().min(0), quantity: z.int().min(1).max(10_000) }))
    .min(1)
    .max(1000)
    .refine((lines) => new Set(lines.map(({ line }) => line)).size === lines.length),
  reason: z.enum(REFUND_REASONS),
});
/** Where a replay of tombstones goes on: the last answer's `next`; null begins. */
export const replayFrom = z.strictObject({
  from: z
    .string()
    .regex(/^[0-9]{1,3}:[0-9a-f-]{0,36}$/)
    .nullable(),
});

/** Where a walk over older keys goes on; the identity room knows its places. */
export const rotationFrom = z.strictObject({
  from: z
    .string()
    .regex(/^[a-z_]{1,32}:[\x21-\x7e]{0,80}$/)
    .nullable(),
});
export const keyVersion = z.strictObject({ key: z.enum(["wrapping", "index"]), version: z.int().min(1).max(999_999) });

/** RFC draft `Idempotency-Key`; without one the same order again within a minute is the same refund. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{8,128}$/)
  .nullable();

/** The index of an audit entry. */
export const entryIndex = z
  .string()
  .regex(/^[0-9]{1,15}$/)
  .transform(Number);

/** An index and how many entries from there on; 500 at most. */
export const auditRange = z.strictObject({
  from: z
    .string()
    .regex(/^[0-9]{1,15}$/)
    .default("0")
    .transform(Number),
  limit: z
    .string()
    .regex(/^[0-9]{1,3}$/)
    .default("100")
    .transform(Number)
    .pipe(z.int().min(1).max(500)),
});
