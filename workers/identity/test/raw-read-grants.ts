import type { JWK } from "jose";
import type { Cell } from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import type { RawRead, RawReadGrant, RawReadRefusal } from "../../../protocol/rooms/raw-read.ts";
import type { RosterRecord } from "../../../protocol/rooms/staff.ts";
import { makeKey, publicHalf, signRecord } from "../../../tools/staff/demo-staff.ts";
import {
  type Ask,
  type Signatory,
  signApproval,
  type SignedRequest,
  signRequest,
  signView,
  type View,
} from "../../../tools/staff/raw-read.ts";
import { type IdentityUnderTest, LOYALTY, startIdentity, valueOf } from "./room.ts";

export type Answer = Result<RawRead, RawReadRefusal | "unavailable">;
export type Person = Signatory & Pick<RosterRecord, "human" | "roles">;

/** Whom the reads are about. */
export const MEMBER = {
  loyalty: "9900000000000002",
  email: "probe@shop.example",
  name: "Probe Person",
  phone: "+4930123450",
  nickname: "Probe",
};
export const ASK: Ask = {
  subject: { kind: "loyalty", value: MEMBER.loyalty },
  fields: ["name", "phone"],
  purpose: "customer_callback",
  ticket: "CRM-101",
};
/** Seconds since the epoch. */
export const NOW = () => Math.floor(Date.now() / 1000);

/** What a test changes of a grant that holds. */
export interface Parts {
  readonly ask?: Partial<Ask>;
  readonly asker?: Person;
  readonly approver?: Person;
  readonly request?: (made: SignedRequest) => Promise<SignedRequest> | SignedRequest;
  readonly approval?: (request: SignedRequest) => Promise<string>;
  readonly view?: (request: SignedRequest, approval: string) => Promise<View>;
  readonly grant?: (grant: RawReadGrant, request: SignedRequest) => Promise<Partial<RawReadGrant>>;
}

export interface MadeGrant {
  readonly grant: RawReadGrant;
  readonly view: View;
  readonly request: SignedRequest;
}

/** An identity room with one member, and the people who ask, approve and sign. */
export interface RawReads {
  readonly identity: IdentityUnderTest;
  readonly asker: Person;
  readonly approver: Person;
  /** The data-protection officer. */
  readonly officer: Person;
  /** Of the other cell. */
  readonly foreigner: Person;
  /** Somebody with a key of their own who is otherwise the asker. */
  other(changes: Partial<Person>): Promise<Person>;
  /** A record of the roster, by this cell's authority unless told. */
  record(person: Person, changes?: Partial<RosterRecord>, cell?: Cell, by?: JWK): Promise<string>;
  /** A grant that holds, but for what a test changes of it. */
  grantOf(parts?: Parts): Promise<MadeGrant>;
  read(grant: RawReadGrant): Promise<Answer>;
}

export async function startRawReads(): Promise<RawReads> {
  const authority = await makeKey();
  const identity = await startIdentity(undefined, publicHalf(authority));
  const person = async (account: string, human: string, roles: Person["roles"]): Promise<Person> => ({
    account,
    human,
    roles,
    jwk: await makeKey(),
  });
  const asker = await person("staff-1", "h-0001", ["privacy"]);
  const approver = await person("staff-2", "h-0002", ["privacy_approver"]);
  await identity.ops("registerLoyaltyFormat", LOYALTY);
  valueOf(await identity.ops("importMembers", [MEMBER]));

  const record: RawReads["record"] = (of, changes = {}, cell = "eu", by = authority) =>
    signRecord(cell, { authorityJwk: by, key: publicHalf(of.jwk) }, { version: 1, ...of, ...changes });

  const grantOf: RawReads["grantOf"] = async (parts = {}) => {
    const by = parts.asker ?? asker;
    const second = parts.approver ?? approver;
    const made = await signRequest("eu", by, { ...ASK, ...parts.ask });
    const request = (await parts.request?.(made)) ?? made;
    const approval = (await parts.approval?.(request)) ?? (await signApproval("eu", second, request));
    const view = (await parts.view?.(request, approval)) ?? (await signView("eu", by, request, approval));
    const sealed = await identity.ops<Result<string, string>>("sealRawSubject", made.id, made.subject);
    if (!sealed.ok) throw new Error(sealed.reason);
    const grant: RawReadGrant = {
      request: request.statement,
      approval,
      view: view.statement,
      requester: { record: await record(by) },
      approver: await record(second),
      subject: sealed.value,
    };
    return { grant: { ...grant, ...(await parts.grant?.(grant, request)) }, view, request };
  };
  return {
    identity,
    asker,
    approver,
    officer: await person("staff-5", "h-0005", ["dpo"]),
    foreigner: await person("us-staff-1", "h-1001", ["privacy"]),
    other: async (changes) => ({ ...asker, jwk: await makeKey(), ...changes }),
    record,
    grantOf,
    read: (grant) => identity.ops<Answer>("rawRead", grant),
  };
}
