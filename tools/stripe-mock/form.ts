/** A value of Stripe's form encoding: `a[b]=c`, `a[0]=c`. */
export type FormValue = string | { readonly [name: string]: FormValue };
export type Form = { readonly [name: string]: FormValue };

/**
 * Reads `application/x-www-form-urlencoded` with brackets, as Stripe's API takes it; lists come out by index.
 * @returns undefined for a name that is not of that form, or given twice
 */
export function parseForm(text: string): Form | undefined {
  const form: Record<string, FormValue> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = /^([A-Za-z0-9_]+)((?:\[[A-Za-z0-9_.-]+\])*)$/.exec(name);
    if (path === null) return undefined;
    const keys = [path[1] ?? "", ...[...(path[2] ?? "").matchAll(/\[([^\]]+)\]/g)].map((each) => each[1] ?? "")];
    const last = keys.pop() ?? "";
    let at: Record<string, FormValue> = form;
    for (const key of keys) {
      const next = at[key] ?? {};
      if (typeof next === "string") return undefined;
      at[key] = next;
      at = next as Record<string, FormValue>;
    }
    if (Object.hasOwn(at, last)) return undefined;
    at[last] = value;
  }
  return form;
}

/** A list's members in the order of their indices. */
export function listOf(value: FormValue | undefined): string[] {
  if (value === undefined || typeof value === "string") return value === undefined ? [] : [value];
  return Object.values(value).filter((each) => typeof each === "string");
}

/** A map's text members. */
export function mapOf(value: FormValue | undefined): Record<string, string> {
  if (value === undefined || typeof value === "string") return {};
  return Object.fromEntries(
    Object.entries(value).filter((each): each is [string, string] => typeof each[1] === "string"),
  );
}

/** An integer that is not negative; undefined for all else. */
export function countOf(value: FormValue | undefined): number | undefined {
  return typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}
