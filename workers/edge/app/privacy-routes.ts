import { createRoute, z } from "@hono/zod-openapi";
import { body, json, refusals, security, signedIn, withBody } from "./route-parts.ts";
import * as schemas from "./privacy-schemas.ts";

export const createPrivacyRequest = createRoute({
  method: "post",
  path: "/v1/me/privacy-requests",
  operationId: "createPrivacyRequest",
  tags: ["Privacy"],
  summary: "Ask for access, correction or erasure",
  description:
    "One request a kind is open at a time. With an `Idempotency-Key` the same order is the same request, however often it is sent.",
  security,
  request: { headers: schemas.IdempotencyHeader, body: body(schemas.PrivacyOrder) },
  responses: {
    201: { description: "It is taken", content: json(schemas.PrivacyRequest) },
    ...refusals(...withBody, "erased", "already_open", "idempotency_mismatch"),
  },
});

export const listPrivacyRequests = createRoute({
  method: "get",
  path: "/v1/me/privacy-requests",
  operationId: "listPrivacyRequests",
  tags: ["Privacy"],
  summary: "Your privacy requests",
  security,
  responses: {
    200: { description: "All of them, oldest first", content: json(schemas.PrivacyRequests) },
    ...refusals(...signedIn),
  },
});

export const readPrivacyRequest = createRoute({
  method: "get",
  path: "/v1/me/privacy-requests/{id}",
  operationId: "readPrivacyRequest",
  tags: ["Privacy"],
  summary: "Where a request stands: deadline, what stays under which law, and the proof when it is done",
  description: "After an erasure, too: the token that asked for it still reads how it ended, for 24 months.",
  security,
  request: { params: schemas.PrivacyParams },
  responses: {
    200: { description: "The request", content: json(schemas.PrivacyRequest) },
    ...refusals(...signedIn, "not_found"),
  },
});

export const readAccessFile = createRoute({
  method: "get",
  path: "/v1/me/privacy-requests/{id}/file",
  operationId: "readAccessFile",
  tags: ["Privacy"],
  summary: "What an access request found",
  description: "JSON, or a page to read, by `Accept`; there for 30 days after it was made, for its owner alone.",
  security,
  request: { params: schemas.PrivacyParams },
  responses: {
    200: {
      description: "The file",
      content: { ...json(schemas.AccessFile), "text/html": { schema: z.string() } },
    },
    ...refusals(...signedIn, "not_found", "not_acceptable"),
  },
});

export const eraseMe = createRoute({
  method: "delete",
  path: "/v1/me",
  operationId: "eraseMe",
  tags: ["Privacy"],
  summary: "Erase the account",
  description: "The same as a privacy request of the kind `erasure`. While one is open, it is answered again.",
  security,
  responses: {
    202: { description: "It is taken", content: json(schemas.PrivacyRequest) },
    ...refusals(...signedIn, "erased"),
  },
});
