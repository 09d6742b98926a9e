import { fail, ok, type Result } from "../result.ts";
import { formatOf } from "./application-identifiers.ts";
import type { ElementReason } from "./element-string.ts";

/** Key qualifiers of a GTIN, in the only order that the syntax allows (GS1 Digital Link URI Syntax, 4.5). */
const QUALIFIERS = ["22", "10", "21"];
const GTIN_LENGTHS = [8, 12, 13, 14];

/**
 * Reads a GS1 Digital Link URI: whatever the host, the path ends in `/01/{gtin}` and its qualifiers, attributes are
 * in the query. It is read and never fetched. Query keys that are no identifier belong to the host and are passed over.
 */
export function parseDigitalLink(text: string): Result<ReadonlyMap<string, string>, ElementReason | "not_a_link"> {
  const link = readUrl(text);
  if (link === null) return fail("not_a_link");
  const segments = link.pathname.split("/").map(decode);
  const key = segments.findLastIndex(
    (each, index) => each === "01" && GTIN_LENGTHS.includes(segments[index + 1]?.length ?? 0),
  );
  if (key < 0) return fail("not_a_link");
  const elements = new Map<string, string>();
  const path = segments.slice(key);
  if (path.at(-1) === "") path.pop();
  if (path.length % 2 !== 0) return fail("ai_value");
  let before = -1;
  for (let index = 0; index < path.length; index += 2) {
    const [ai, value] = [path[index] ?? "", path[index + 1] ?? null];
    const order = QUALIFIERS.indexOf(ai);
    if (index > 0 && order <= before) return fail(order < 0 ? "unknown_ai" : "duplicate_ai");
    before = order;
    const added = add(elements, ai, ai === "01" ? (value?.padStart(14, "0") ?? null) : value);
    if (!added.ok) return added;
  }
  for (const [ai, value] of link.searchParams) {
    if (!/^[0-9]{2,4}$/.test(ai)) continue;
    const added = add(elements, ai, value);
    if (!added.ok) return added;
  }
  return ok(elements);
}

function add(elements: Map<string, string>, ai: string, value: string | null): Result<undefined, ElementReason> {
  const format = formatOf(ai);
  if (format === null || format.ai !== ai) return fail("unknown_ai");
  if (value === null || !format.value.test(value)) return fail("ai_value");
  if (elements.has(ai)) return fail("duplicate_ai");
  elements.set(ai, value);
  return ok();
}

function readUrl(text: string): URL | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Null for a broken percent escape. */
function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
