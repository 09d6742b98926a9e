import { looksLikePan } from "../../protocol/pan/tripwire.ts";
import { AUDIT_KINDS, type AuditAct } from "../../protocol/rooms/audit.ts";
import { type Result, fail, ok } from "../../protocol/result.ts";

const MAX_TEXT = 200;
const MAX_DETAILS = 16;
/** Printable ASCII without `@`: ids, paths and closed-list names fit, addresses and most names of people don't. */
const PLAIN = new RegExp(`^[\\x20-\\x3f\\x41-\\x7e]{1,${MAX_TEXT}}$`);
const DETAIL_NAME = /^[a-z][a-zA-Z0-9_]{0,39}$/;
const FIELDS = new Set(["who", "kind", "when", "success", "from", "on", "detail"]);

/**
 * An act as the log keeps it. `who` begins with the room that called, from the binding, so that no room can act in
 * another's name: `sessions`, or `sessions/cart:<serial>` when it speaks for somebody.
 * Anything shaped like personal data or a card number is refused as `invalid`.
 */
export function admit(act: unknown, caller: string): Result<AuditAct, "invalid"> {
  if (!isRecord(act) || Object.keys(act).some((name) => !FIELDS.has(name))) return fail("invalid");
  const { who, kind, when, success, from, on, detail } = act;
  if (!isPlain(who) || !isPlain(from) || !isPlain(on)) return fail("invalid");
  const known = AUDIT_KINDS.find((each) => each === kind);
  if (known === undefined || typeof success !== "boolean") return fail("invalid");
  if (typeof when !== "number" || !Number.isSafeInteger(when) || when < 0) return fail("invalid");
  if (detail !== undefined && !isDetail(detail)) return fail("invalid");
  const full = who === caller ? caller : `${caller}/${who}`;
  const fields = { who: full, kind: known, when, success, from, on };
  return ok(detail === undefined ? fields : { ...fields, detail });
}

function isDetail(value: unknown): value is NonNullable<AuditAct["detail"]> {
  if (!isRecord(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_DETAILS && entries.every(([name, each]) => DETAIL_NAME.test(name) && isFact(each));
}

function isFact(value: unknown): boolean {
  if (value === null || typeof value === "boolean") return true;
  if (typeof value === "number") return Math.abs(value) <= Number.MAX_SAFE_INTEGER && isFact(String(value));
  return value === "" || isPlain(value);
}

function isPlain(value: unknown): value is string {
  return typeof value === "string" && PLAIN.test(value) && looksLikePan(value) === null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
