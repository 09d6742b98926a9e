import { type PanHit, looksLikePan, numberLooksLikePan } from "./search.ts";

export { type PanHit, looksLikePan } from "./search.ts";
export { isCounter, isEpochMilliseconds, isTypedCode } from "./typed.ts";

/** A hit and where it was: the path of the field, whose names come from outside, too: not for an answer. */
export interface FieldHit extends PanHit {
  readonly field: string;
}

/**
 * Which fields have a type of their own, by name, at any depth. A field is exempt only when its value is of that
 * type: a card number typed into the GTIN field is searched for like anywhere else.
 */
export type Exempt = Readonly<Record<string, (value: unknown) => boolean>>;

/**
 * The first card number in a parsed body: names and values, nested, text, numbers and bytes read as UTF-8.
 * @param exempt e.g. `{ gtin: isTypedCode, at: isEpochMilliseconds }`
 */
export function scanFields(fields: Readonly<Record<string, unknown>>, exempt: Exempt = {}): FieldHit | null {
  const pending: { readonly field: string; readonly name: string; readonly value: unknown }[] = [
    { field: "", name: "", value: fields },
  ];
  const seen = new Set<object>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { field, name, value } = next;
    if (Object.hasOwn(exempt, name) && exempt[name]?.(value) === true) continue;
    const hit = scanValue(value);
    if (hit !== null) return { field, ...hit };
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [key, each] of entriesOf(value)) {
      const hit = looksLikePan(key);
      if (hit !== null) return { field, ...hit };
      // Elements of a list have the type of the list's field.
      const own = Array.isArray(value) ? name : key;
      pending.push({ field: field === "" ? key : `${field}.${key}`, name: own, value: each });
    }
  }
  return null;
}

function scanValue(value: unknown): PanHit | null {
  if (typeof value === "string") return looksLikePan(value);
  if (typeof value === "number" || typeof value === "bigint") return numberLooksLikePan(value);
  if (value instanceof Uint8Array) return looksLikePan(new TextDecoder().decode(value));
  return null;
}

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Uint8Array) return [];
  if (value instanceof Map) return [...value].map(([key, each]) => [String(key), each]);
  return Object.entries(value).toReversed();
}
