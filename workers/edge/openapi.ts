import { OpenAPIHono } from "@hono/zod-openapi";
import { CART_STATUS } from "../../protocol/cart/codes.ts";
import { ROUTES } from "./app/routes.ts";

/** OpenAPI 3.1 of the public JSON API, from the same declarations that validate it; the same in every cell. */
export type OpenApiDocument = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

let made: OpenApiDocument | undefined;

export function openApiDocument(): OpenApiDocument {
  made ??= make();
  return made;
}

function make(): OpenApiDocument {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  for (const route of ROUTES) registry.registerPath(route);
  registry.registerComponent("securitySchemes", "accessToken", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "at+jwt",
    description:
      "An access token (RFC 9068) of the retailer's own OpenID provider, signed with ES256 or RS256 for the audience `cartwright-app`.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Cartwright",
      version: "1.0.0",
      description: `${GENERAL}\n\n${CART_API}`,
    },
    servers: [{ url: "/", description: "The cell that serves this document" }],
    tags: [
      { name: "Pairing", description: "Linking a person to the cart in front of them" },
      { name: "Me", description: "What a person may see and change of their own" },
      { name: "Privacy", description: "Access, correction and erasure, with deadlines and proofs" },
      { name: "Receipts", description: "Receipts by their reference" },
    ],
  });
}

const GENERAL = `The public API of one cell: apps, receipts and carts. Each jurisdiction has a complete platform of its own (a cell); a person known in one is nobody in another.

Bodies are JSON of at most 16 KiB. Times are milliseconds since the Unix epoch, amounts integer minor units of their currency. Every refusal is a problem detail (RFC 9457) with a \`code\` out of a closed set; it changes nothing and repeats nothing of what was sent. 429 and 503 come with \`Retry-After\`. Anything that looks like a payment card number is refused wherever it is sent (\`pan_detected\`).`;

const CART_API = `## The cart API

Carts speak CBOR in COSE, not JSON, so OpenAPI can't describe their messages: \`protocol/cart.cddl\` does (CDDL, RFC 8610), with test vectors beside it. In short:

- A request is a \`POST\` of \`application/cose; cose-type="cose-sign1"\`: a COSE_Sign1 (RFC 9052) with ES256, signed by the key of the cart's certificate. Its \`external_aad\` is the text \`cartwright/1 POST <path>\`, so a frame is good for one path only. An answer is \`application/cbor\`.
- \`/cart/v1/hello\` (plain CBOR) gives a nonce. \`/cart/v1/attestation\` proves image and store and answers the store's attestation. \`/cart/v1/sessions\` opens a trip (201).
- \`/cart/v1/sessions/{id}/events\`, \`/identity\`, \`/checkout\`, \`/payment\` and \`/close\` are the trip. \`/cart/v1/telemetry\` takes health and faults outside one. \`/cart/v1/firmware\` asks for a newer image: a manifest that two signers signed (COSE_Sign), or 204. \`GET /cart/v1/firmware/{digest}\` is the image, in one \`Range\` at a time (RFC 9110; 206, 416), named and tagged by its SHA-256.
- Delivery is at least once: a repeated frame gets the answer that the first one got.
- An answer to \`/events\` has the lines that changed. To a boot that has had no such answer on the trip, every line is a change, as its panel is empty after a power loss: the newest ones that fit in 5,120 bytes.
- A refusal is \`{1: code, ?2: expected seq}\`. Codes by status: ${codesByStatus()}.`;

function codesByStatus(): string {
  const byStatus = Map.groupBy(Object.entries(CART_STATUS), ([, status]) => status);
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) => `${status} ${codes.map(([code]) => `\`${code}\``).join(", ")}`)
    .join("; ");
}
