import { parseCartSerial, parseSessionId, parseStoreId } from "../../protocol/ids.ts";
import type { Principal, Trip } from "../../protocol/rooms/identity.ts";
import type { RawReadGrant } from "../../protocol/rooms/raw-read.ts";

/**
 * Arguments of another room that break its own contract are a bug, so they throw; none of them is repeated.
 * @throws RangeError with the argument's name
 */
export function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new RangeError(`${name} is malformed`);
  return value;
}

export function text(name: string, value: string, longest: number): string {
  return required(name, typeof value === "string" && value.length <= longest ? value : undefined);
}

/** A cursor or a key that the caller need not have. */
export function textOrNull(name: string, value: string | null, longest: number): string | null {
  return value === null ? null : text(name, value, longest);
}

/** Characters of a signed statement of staff. */
export const STATEMENT = 4096;

export function checkGrant(grant: RawReadGrant): RawReadGrant {
  const { requester } = grant;
  const checked = (name: string, value: string) => text(name, value, STATEMENT);
  return {
    request: checked("request", grant.request),
    approval: checked("approval", grant.approval),
    view: checked("view", grant.view),
    approver: checked("approver", grant.approver),
    subject: checked("subject", grant.subject),
    requester:
      "record" in requester
        ? { record: checked("record", requester.record) }
        : { scc: checked("scc", requester.scc), officer: checked("officer", requester.officer) },
  };
}

export function staffId(value: string): string {
  return required("staff", /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value) ? value : undefined);
}

export function cardReference(value: string): string {
  return required("reference", /^[A-Za-z0-9_-]{16,128}$/.test(value) ? value : undefined);
}

export function checkTrip(trip: Trip): Trip {
  return {
    session: required("session", parseSessionId(trip.session)),
    store: required("store", parseStoreId(trip.store)),
    cart: required("cart", parseCartSerial(trip.cart)),
  };
}

export function checkPrincipal(person: Principal): Principal {
  text("issuer", person.issuer, 512);
  if (text("subject", person.subject, 512) === "") throw new RangeError("subject is malformed");
  return person;
}
