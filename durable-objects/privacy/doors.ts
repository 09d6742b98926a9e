import { fail, type Result } from "../../protocol/result.ts";
import type { Unfinished } from "../../protocol/rooms/privacy.ts";
import type { PrivacyRequestObject } from "../../protocol/rooms/privacy-doors.ts";
import { type Env, privacyObject } from "../env.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An object is only ever made for an id in its form; whether there is such a request, it asks. */
export async function atRequest<T, R extends string>(
  env: Env,
  request: string,
  ask: (object: PrivacyRequestObject) => Promise<Result<T, R>>,
): Promise<Result<T, R | Unfinished>> {
  if (typeof request !== "string" || !UUID.test(request)) return fail("unknown");
  return ask(privacyObject(env, request));
}

/** The id of a member of staff, as their token has it. @throws RangeError for another form: a bug of the other room */
export function staffId(staff: string): string {
  if (typeof staff !== "string" || !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(staff))
    throw new RangeError("staff is malformed");
  return staff;
}
