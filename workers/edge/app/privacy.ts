import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { Principal } from "../../../protocol/rooms/identity.ts";
import type { Ordered, PrivacyOrder, PrivacyStatus } from "../../../protocol/rooms/privacy.ts";
import type { z } from "@hono/zod-openapi";
import { negotiate } from "../accept.ts";
import type { Env } from "../env.ts";
import { accessPage } from "../privacy/access-page.tsx";
import type { App } from "./app.ts";
import {
  createPrivacyRequest,
  eraseMe,
  listPrivacyRequests,
  readAccessFile,
  readPrivacyRequest,
} from "./privacy-routes.ts";
import type { AccessFile, PrivacyRequest } from "./privacy-schemas.ts";
import { refusal } from "./refusal.ts";

const OFFERS = ["application/json", "text/html"] as const;

/** A person's own requests. The identity room says whose a request is; its object, where it stands. */
export function addPrivacy(app: App): void {
  app.openapi(createPrivacyRequest, async (c) => {
    const { kind, law, correction } = c.req.valid("json");
    const key = c.req.valid("header")["idempotency-key"] ?? null;
    const order = { kind, law: law ?? null, correction: (correction ?? null) as PrivacyOrder["correction"], key };
    const taken = await take(c.env, c.get("person"), order);
    return taken.ok ? c.json(statusJson(taken.value), 201) : refusal(CODES[taken.reason]);
  });

  app.openapi(eraseMe, async (c) => {
    const order = { kind: "erasure", law: null, correction: null, key: null } as const;
    const taken = await take(c.env, c.get("person"), order);
    if (taken.ok) return c.json(statusJson(taken.value), 202);
    // RFC 9110, 9.3.5: asked again, it is the one that goes on.
    const open = taken.reason === "open" ? await openErasure(c.env, c.get("person")) : undefined;
    return open === undefined ? refusal(CODES[taken.reason]) : c.json(statusJson(open), 202);
  });

  app.openapi(listPrivacyRequests, async (c) => {
    const statuses = await statusesOf(c.env, c.get("person"));
    return statuses.ok ? c.json({ requests: statuses.value.map(statusJson) }, 200) : refusal(statuses.reason);
  });

  app.openapi(readPrivacyRequest, async (c) => {
    const { id } = c.req.valid("param");
    const own = await c.env.IDENTITY.privacyRequest(c.get("person"), id);
    if (!own.ok) return refusal(CODES[own.reason]);
    const status = await c.env.TRIPS.privacyStatus(own.value.request);
    return status.ok ? c.json(statusJson(status.value), 200) : refusal(CODES[status.reason]);
  });

  app.openapi(readAccessFile, async (c) => {
    const type = negotiate(c.req.header("accept") ?? null, OFFERS);
    if (type === undefined) return refusal("not_acceptable");
    const text = await c.env.IDENTITY.accessFile(c.get("person"), c.req.valid("param").id);
    if (!text.ok) return refusal(CODES[text.reason]);
    const file = JSON.parse(text.value) as z.infer<typeof AccessFile>;
    c.header("vary", "Accept");
    return type === "text/html" ? c.html(await accessPage(file), 200) : c.json(file, 200);
  });
}

const CODES = {
  unavailable: "unavailable",
  unknown: "not_found",
  invalid: "invalid_field",
  pan_detected: "pan_detected",
  open: "already_open",
  idempotency_mismatch: "idempotency_mismatch",
  erased: "erased",
} as const;

/**
 * The row first, its object after: what broke off in between is begun by the requests' desk. Failure policy: closed;
 * an object that does not answer is `unavailable`, and the request is there.
 */
async function take(
  env: Env,
  person: Principal,
  order: PrivacyOrder,
): Promise<Result<PrivacyStatus, keyof typeof CODES>> {
  const created = await env.IDENTITY.createPrivacyRequest(person, order);
  return created.ok ? env.TRIPS.startPrivacyRequest(created.value.request) : created;
}

async function statusesOf(env: Env, person: Principal): Promise<Result<readonly PrivacyStatus[], "unavailable">> {
  const own = await env.IDENTITY.privacyRequests(person);
  if (!own.ok) return own;
  const statuses = await Promise.all(own.value.map(({ request }: Ordered) => env.TRIPS.privacyStatus(request)));
  // One whose 24 months are over is not there any more.
  if (statuses.some((each) => !each.ok && each.reason === "unavailable")) return fail("unavailable");
  return ok(statuses.flatMap((each) => (each.ok ? [each.value] : [])));
}

async function openErasure(env: Env, person: Principal): Promise<PrivacyStatus | undefined> {
  const statuses = await statusesOf(env, person);
  if (!statuses.ok) return undefined;
  return statuses.value.find(({ kind, ended }) => kind === "erasure" && ended === null);
}

type StatusJson = z.infer<typeof PrivacyRequest>;

function statusJson({ steps, stays, acts, proofs, ...status }: PrivacyStatus): StatusJson {
  return {
    ...status,
    steps: steps.map(({ store, state, tries, proof }) => ({
      store,
      state,
      tries,
      // The object keeps no proof that leaves something.
      proof: proof === null ? null : { ...proof, left: 0 as const },
    })),
    stays: stays.map((each) => ({ ...each })),
    acts: [...acts],
    proofs: proofs.map((each) => ({ ...each })),
  };
}
