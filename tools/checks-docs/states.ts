/** Work that is planned as a piece of its own; a row that waits for it names it. */
export const LATER = ["staff pages"] as const;

/** What a row says of its requirement. Each but `done` gives its reason; a superseded one names the ruling's row. */
export type State =
  | { readonly kind: "done" }
  | { readonly kind: "part"; readonly why: string }
  | { readonly kind: "later"; readonly subject: (typeof LATER)[number] }
  | { readonly kind: "not software"; readonly why: string }
  | { readonly kind: "superseded"; readonly ruling: number; readonly why: string };

/** @returns undefined for a text that is no state of the closed list */
export function parseState(text: string): State | undefined {
  if (text === "done") return { kind: "done" };
  const later = /^later \(([^)]+)\)$/.exec(text)?.[1];
  const subject = LATER.find((known) => known === later);
  if (subject !== undefined) return { kind: "later", subject };
  const [, kind, ruling, why] = /^(part|not software|superseded)(?: \(ruling (\d+)\))?: (\S.*)$/.exec(text) ?? [];
  if (kind === undefined || why === undefined) return undefined;
  if (kind === "superseded") return ruling === undefined ? undefined : { kind, ruling: Number(ruling), why };
  if (ruling !== undefined) return undefined;
  return kind === "part" ? { kind, why } : { kind: "not software", why };
}
