import { ZodObject } from "zod";
import { looksLikePan, scanFields, type FieldHit } from "../../protocol/pan/tripwire.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import type { Env } from "./env.ts";
import * as forms from "./forms.ts";
import { problem } from "./problem.ts";

/** The door's tripwire: where a card number was found, and its first six and last four digits at the most. */
export interface Incident {
  /** The call's own template, e.g. `PUT /admin/v1/stores/:store`. */
  readonly route: string;
  /** A name of ours, or `path`, `query`, `header`, `body`. */
  readonly field: string;
  readonly first6?: string;
  readonly last4?: string;
  /** Rows of an import that were refused by the room that reads them. */
  readonly rows?: number;
  readonly staff: string;
  readonly when: number;
}

/** Every name that a body may use at its top: what an incident may name without repeating input. */
const OUR_FIELDS: readonly string[] = Object.values(forms).flatMap((form) =>
  form instanceof ZodObject ? Object.keys(form.shape) : [],
);
/** The identity room judges members row by row: it knows the registered loyalty formats, and records its own incidents. */
const JUDGED_THERE = { members: Array.isArray };
/** Not the caller's words: the credentials, which are checked, and what the network in front adds. */
const NOT_SEARCHED = /^(?:authorization$|dpop$|cf-|x-forwarded-|x-real-ip$)/;

/** The first card number in a parsed body. */
export function panInBody(value: unknown): FieldHit | null {
  const hit = scanFields(typeof value === "object" && value !== null ? { ...value } : { value }, JUDGED_THERE);
  if (hit === null) return null;
  const [top = ""] = hit.field.split(".");
  return { ...hit, field: OUR_FIELDS.includes(top) ? top : "body" };
}

/** The first card number in what surrounds a body: URLs and headers end up in logs everywhere. */
export function panAround({ url, headers }: Request): FieldHit | null {
  const { pathname, search } = new URL(url);
  for (const [field, text] of [
    ["path", pathname],
    ["query", search],
  ] as const) {
    const hit = looksLikePan(text);
    if (hit !== null) return { field, ...hit };
  }
  for (const [name, value] of headers) {
    const hit = NOT_SEARCHED.test(name) ? null : looksLikePan(value);
    if (hit !== null) return { field: "header", ...hit };
  }
  return null;
}

/**
 * Refuses and records. Failure policy: open; the refusal stands whether or not the log answers.
 * Only staff come this far, so a stranger fills no log.
 */
export async function refusePan(env: Env, incident: Incident): Promise<Response> {
  await record(env, incident);
  return problem("pan_detected", { field: incident.field });
}

export async function record({ AUDIT }: Env, incident: Incident): Promise<void> {
  try {
    const appended = await AUDIT.append(actOf(incident));
    if (!appended.ok) console.error("ops: an incident was not recorded:", appended.reason);
  } catch {
    console.error("ops: an incident was not recorded: the audit log did not answer");
  }
}

function actOf({ route, staff, when, ...detail }: Incident): AuditAct {
  return { who: `staff:${staff}`, kind: "pan_detected", when, success: false, from: route, on: "ops", detail };
}
