import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Room } from "./room.ts";

/** One audit event for a refusal at the app's door: which code, route and field, and nothing that came from outside. */
export async function recordRefusal(
  room: Room,
  code: string,
  path: string,
  field: string | null,
): Promise<Result<undefined, "unavailable">> {
  const kind = code === "pan_detected" ? "pan_detected" : "refusal";
  const appended = await room.trail.record(kind, false, routeOf(path), {
    code: nameOf(code) ?? "unnamed",
    field: field === null ? null : (nameOf(field) ?? "unnamed"),
  });
  return appended ? ok() : fail("unavailable");
}

/** A route (`POST /v1/me/…`) with whatever could be a value replaced, a card number in the path above all. */
export function routeOf(path: string): string {
  const [, method = "", plain = ""] = /^(?:([A-Za-z]{1,10}) )?([^?#]*)/.exec(path) ?? [];
  const segments = plain.split("/").slice(1, 9);
  const route = segments.map((each) => (SEGMENT.test(each) ? each : "{value}")).join("/");
  return `${method === "" ? "" : `${method} `}/${route}`;
}

/** A word of our routes, a version, or the name of a parameter in a template. */
const SEGMENT = /^(?:[a-z][a-z-]{0,31}|v[0-9]|\{[a-z]{1,16}\})$/;

/** A name as our own code and schemas have them; anything else could carry a value. */
function nameOf(text: string): string | undefined {
  return /^[a-z][a-z_.]{0,47}$/.test(text) ? text : undefined;
}
