/** What a call across a boundary answers: a value, or one reason out of a closed set. A throw is a bug. */
export type Result<T, R extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: R };

export function ok(): { readonly ok: true; readonly value: undefined };
export function ok<T>(value: T): { readonly ok: true; readonly value: T };
export function ok<T>(value?: T): { readonly ok: true; readonly value: T | undefined } {
  return { ok: true, value };
}

export function fail<const R extends string>(reason: R): { readonly ok: false; readonly reason: R } {
  return { ok: false, reason };
}

/** Makes a `switch` over a closed set fail to compile when a member is forgotten. */
export function unreachable(value: never): never {
  throw new Error(`not in the closed set: ${String(value)}`);
}
