import { z } from "zod";
import { RAW_READ_ID, SUBJECT_KINDS, TICKET } from "../../protocol/rooms/raw-read.ts";
import { ACCOUNT } from "../../protocol/rooms/staff.ts";
import { SCC_ID } from "../../protocol/staff/scc.ts";
import { parseWeek } from "./review-week.ts";

/** A JWS in compact form (RFC 7515, 7.1). */
const jws = z
  .string()
  .max(4096)
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/);

export const account = z.string().regex(ACCOUNT);
export const requestId = z.string().regex(RAW_READ_ID);
export const sccId = z.string().regex(SCC_ID);
export const week = z.string().refine((text) => parseWeek(text) !== undefined);
export const itemId = z.string().regex(/^[0-9]{4}-W[0-9]{2}\.[ro][0-9]{1,15}$/);

export const statement = z.strictObject({ statement: jws });
export const rawReadRequest = z.strictObject({
  statement: jws,
  subject: z.strictObject({
    kind: z.enum(SUBJECT_KINDS),
    value: z.string().min(1).max(64),
    salt: z.string().regex(/^[\w-]{22}$/),
  }),
});
export const denial = z.strictObject({
  reason: z.enum(["not_needed", "wrong_fields", "wrong_person", "wrong_purpose"]),
});
export const withdrawal = z.strictObject({ reason: z.enum(["done_otherwise", "mistake"]) });
export const reviewDecision = z.discriminatedUnion("decision", [
  z.strictObject({ decision: z.literal("in_order"), ticket: z.null().default(null) }),
  z.strictObject({ decision: z.literal("incident"), ticket: z.string().regex(TICKET) }),
]);
export const nothing = z.strictObject({});
