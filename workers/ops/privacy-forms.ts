import { z } from "zod";
import { parseCalendarDate, type CalendarDate } from "../../protocol/calendar/date.ts";
import { parseStoreId, type StoreId } from "../../protocol/ids.ts";
import {
  EXTENSION_REASONS,
  IDENTITY_CHECKS,
  PRIVACY_KINDS,
  PRIVACY_LAWS,
  REFUSAL_LAWS,
} from "../../protocol/rooms/privacy.ts";

/** What the calls about privacy requests take. */

export const retailer = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
export const requestId = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);

/** Where the list of requests goes on. */
export const listCursor = z.string().regex(/^(?:open|ended)\.[0-9a-f-]{36}$/);

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const recipient = z.strictObject({
  store: z.custom<StoreId>((value) => typeof value === "string" && parseStoreId(value) !== undefined),
  jwk: z.strictObject({
    kty: z.literal("EC"),
    crv: z.literal("P-256"),
    x: coordinate,
    y: coordinate,
    kid: z.string().regex(/^[\w.-]{1,64}$/),
  }),
});

const field = (most: number) => z.string().trim().min(1).max(most).nullable().optional();
export const letter = z
  .strictObject({
    loyalty: z.string().min(1).max(64),
    kind: z.enum(PRIVACY_KINDS),
    law: z.enum(PRIVACY_LAWS).optional(),
    /** The day that the letter came. */
    receivedOn: z.custom<CalendarDate>((value) => typeof value === "string" && parseCalendarDate(value) !== undefined),
    correction: z
      .strictObject({ email: field(254), name: field(120), phone: field(32), address: field(300), nickname: field(12) })
      .optional(),
  })
  .refine(({ kind, correction }) => (kind === "correction") === (correction !== undefined));

export const check = z.strictObject({ how: z.enum(IDENTITY_CHECKS) });
export const extension = z.strictObject({ reason: z.enum(EXTENSION_REASONS) });
export const refusal = z.strictObject({ law: z.enum(REFUSAL_LAWS) });
