import { z } from "@hono/zod-openapi";
import {
  EXTENSION_REASONS,
  PRIVACY_KINDS,
  PRIVACY_LAWS,
  PRIVACY_STATES,
  REFUSAL_LAWS,
} from "../../../protocol/rooms/privacy.ts";
import { DATA_STORES, STORE_OUTCOMES } from "../../../protocol/rooms/privacy-stores.ts";
import { ProfileChange, time } from "./schemas.ts";

const day = z.string().openapi({ format: "date", example: "2027-01-29" });

export const PrivacyParams = z.object({
  id: z
    .string()
    .regex(/^[0-9a-f-]{1,64}$/)
    .openapi({ param: { name: "id", in: "path" }, example: "5b0f6f0e-3a52-4b0a-9d0e-1f0d3c1b2a49" }),
});

/** RFC draft `Idempotency-Key`: the same key is the same request. */
export const IdempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/)
    .optional()
    .openapi({ example: "8f14e45f-ceea-467f-a0e6-0f1a2b3c4d5e" }),
});

export const PrivacyOrder = z
  .strictObject({
    kind: z.enum(PRIVACY_KINDS),
    law: z.enum(PRIVACY_LAWS).optional().openapi({ description: "The cell's own unless told" }),
    correction: ProfileChange.optional().openapi({ description: "With the kind `correction`, and with no other" }),
  })
  .openapi("PrivacyOrder");

const proof = z.object({
  store: z.enum(DATA_STORES),
  outcome: z.enum(STORE_OUTCOMES),
  count: z.int().openapi({ description: "Records that it acted on" }),
  left: z.literal(0).openapi({ description: "Counted anew after the act" }),
  law: z.string().optional(),
  until: day.optional(),
  auditIndex: z.int(),
  at: time,
});

export const PrivacyRequest = z
  .object({
    request: z.uuid(),
    kind: z.enum(PRIVACY_KINDS),
    law: z.enum(PRIVACY_LAWS),
    state: z.enum(PRIVACY_STATES),
    receivedOn: day,
    deadline: day.openapi({ description: "The last day that the law allows, extension included" }),
    target: day.openapi({ description: "The working day that we mean to answer by" }),
    confirmBy: day.nullable(),
    confirmedOn: day.nullable(),
    extension: z.object({ reason: z.enum(EXTENSION_REASONS), on: day }).nullable(),
    refusal: z.enum(REFUSAL_LAWS).nullable().openapi({ description: "The clause that a refusal rests on" }),
    steps: z
      .array(
        z.object({
          store: z.enum(DATA_STORES),
          state: z.enum(["open", "running", "waiting", "proved"]),
          tries: z.int(),
          proof: proof.nullable(),
        }),
      )
      .openapi({ description: "Each store that is concerned; `done` is said when every one has proved it" }),
    stays: z
      .array(z.object({ store: z.enum(DATA_STORES), law: z.string(), until: day }))
      .openapi({ description: "What stays, under which law, until when" }),
    acts: z.array(z.int()).openapi({ description: "Indices of its acts in the audit log" }),
    proofs: z
      .array(z.object({ index: z.int(), proof: z.string() }))
      .openapi({ description: "Inclusion proofs of those acts (C2SP tlog-proof), once it is done" }),
    ended: time.nullable(),
  })
  .openapi("PrivacyRequest");

export const PrivacyRequests = z.object({ requests: z.array(PrivacyRequest) }).openapi("PrivacyRequests");

const records = z.array(z.looseObject({}));

export const AccessFile = z
  .object({
    request: z.uuid(),
    law: z.enum(PRIVACY_LAWS),
    receivedOn: day,
    until: time.openapi({ description: "The file is there until then" }),
    profile: records,
    paymentMethods: records,
    records,
    loyaltyNumbers: records,
    recognisedCards: records,
    trips: records,
    baskets: records.optional(),
    scans: records.optional().openapi({ description: "What was scanned or taken out on those trips" }),
    receipts: records.optional(),
    recipients: records.openapi({ description: "Who outside has which fields, since when, and what they were told" }),
    requests: records,
    looks: records.openapi({ description: "Who looked: every audited join about the person, the oldest first" }),
    looksLeftOut: z.int().positive().optional().openapi({
      description: "How many looks the file has no room for; there when it leaves any out",
    }),
  })
  .openapi("AccessFile");
