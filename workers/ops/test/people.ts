import type { CryptoKey, JWK } from "jose";
import type { Cell } from "../../../protocol/ids.ts";
import type { AuditEntry } from "../../../protocol/rooms/audit.ts";
import type { PublicKey, RosterRecord, StaffRole } from "../../../protocol/rooms/staff.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { signStaffToken } from "../../../tools/staff/client.ts";
import { makeKey, publicHalf, signRecord } from "../../../tools/staff/demo-staff.ts";
import { makeSessionKey, type SessionKey } from "../../../tools/staff/proof.ts";
import { NEIGHBOURS } from "./neighbours.ts";

/** A log in memory that can be filled with a past, and that refuses or throws while it is told to. */
const AUDIT = `
import { WorkerEntrypoint } from "cloudflare:workers";
let acts = []; let mode = "up";
export class ForOps extends WorkerEntrypoint {
  append(act) {
    if (mode === "refusing") return { ok: false, reason: "unavailable" };
    if (mode === "throwing") throw new Error("down");
    acts.push({ index: acts.length, ...act }); return { ok: true, value: { index: acts.length - 1 } };
  }
  read(from, limit) { return { entries: acts.slice(from, from + limit), size: acts.length }; }
}
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/mode/")) { mode = pathname.slice(6); return new Response(null, { status: 204 }); }
  if (request.method === "PUT") { acts = (await request.json()).map((act, index) => ({ index, ...act })); return new Response(null, { status: 204 }); }
  return Response.json(acts);
} };`;

/** The identity room as ops sees it: seals by naming the request, and keeps what it is asked to read. */
const IDENTITY = `
import { WorkerEntrypoint } from "cloudflare:workers";
let grants = []; let told = []; let answer = { ok: true, value: { sealed: "a.b.c.d.e", auditIndex: 7, proof: null } };
export class ForOps extends WorkerEntrypoint {
  sealRawSubject(id, subject) { return { ok: true, value: JSON.stringify({ id, subject }) }; }
  openRawSubject(id, sealed) { const kept = JSON.parse(sealed); return kept.id === id ? { ok: true, value: kept.subject } : { ok: false, reason: "invalid" }; }
  rawRead(grant) { grants.push(grant); return answer; }
  rosterChanged(record) { told.push(record); return { ok: true }; }
  sccChanged(scc, officer) { told.push(scc); return { ok: true }; }
}
export default { async fetch(request) {
  if (request.method === "PUT") { answer = await request.json(); return new Response(null, { status: 204 }); }
  return Response.json({ grants, told });
} };`;

/** A member of staff: an account of a human, their hardware key, and what their sign-in gives them. */
export interface Person {
  readonly account: string;
  readonly human: string;
  readonly roles: readonly StaffRole[];
  readonly jwk: JWK;
  readonly cell: Cell;
}

export interface PeopleUnderTest {
  readonly room: RoomUnderTest;
  readonly authority: JWK;
  person(account: string, human: string, roles: readonly StaffRole[], more?: Partial<Person>): Promise<Person>;
  record(person: Person, changes?: Partial<RosterRecord>): Promise<string>;
  /** Puts somebody on the roster. */
  enlist(person: Person, changes?: Partial<RosterRecord>): Promise<Answer>;
  send(as: Person, method: string, path: string, body?: object): Promise<Answer>;
  /** Headers of a signed-in request; a test may change them. */
  credentials(as: Person, method: string, path: string): Promise<Record<string, string>>;
  /** The session that `credentials` speaks for. */
  session(as: Person): Promise<{ readonly token: string; readonly privateKey: CryptoKey; readonly jwk: PublicKey }>;
  /** A token that is bound to nothing. */
  bearer(as: Person): Promise<string>;
  fetch(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer>;
  acts(): Promise<readonly AuditEntry[]>;
  past(acts: readonly object[]): Promise<void>;
  audit(mode: "up" | "refusing" | "throwing"): Promise<void>;
  identity(): Promise<{ readonly grants: readonly Record<string, unknown>[]; readonly told: readonly string[] }>;
  answerWith(answer: object): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Readonly<Record<string, unknown>> | null;
}

const ORIGIN = "http://room.test";

export async function startPeople(): Promise<PeopleUnderTest> {
  const [authority, signIn, peerSignIn] = [await makeKey(), await makeKey(), await makeKey()];
  const room = await startRoom("ops", {
    secrets: {
      STAFF_VERIFICATION_JWK: JSON.stringify(publicHalf(signIn)),
      STAFF_AUTHORITY_JWK: JSON.stringify(publicHalf(authority)),
    },
    vars: { PEER_STAFF_JWKS: JSON.stringify({ us: publicHalf(peerSignIn) }) },
    neighbours: { ...NEIGHBOURS, audit: AUDIT, identity: IDENTITY },
  });
  const neighbour = async (name: string, path: string, init?: RequestInit) =>
    (await room.miniflare.getWorker(`cartwright-${name}-eu`)).fetch(`http://${name}.test${path}`, init as never);
  const sessions = new Map<string, { readonly key: SessionKey; readonly token: string }>();
  const signedIn = async ({ account: staff, roles, cell: home }: Person) => {
    const key = await makeSessionKey();
    const signingJwk = home === "eu" ? signIn : peerSignIn;
    const token = await signStaffToken({ cell: "eu", signingJwk, staff, roles, home, boundTo: key.thumbprint });
    return { key, token };
  };
  const sessionOf = async (as: Person) => {
    const name = JSON.stringify([as.account, as.roles]);
    const session = sessions.get(name) ?? (await signedIn(as));
    sessions.set(name, session);
    return session;
  };
  const credentials: PeopleUnderTest["credentials"] = async (as, method, path) => {
    const { key, token } = await sessionOf(as);
    return { authorization: `DPoP ${token}`, dpop: await key.proof(method, ORIGIN + path, token) };
  };
  const fetch: PeopleUnderTest["fetch"] = async (method, path, headers, body) => {
    const response = await room.fetch(path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === "" ? null : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, json };
  };
  const send: PeopleUnderTest["send"] = async (as, method, path, body) =>
    fetch(method, path, await credentials(as, method, path), body);
  const person: PeopleUnderTest["person"] = async (account, human, roles, more = {}) => ({
    account,
    human,
    roles,
    cell: "eu",
    jwk: await makeKey(),
    ...more,
  });
  const admin = await person("staff-0", "h-0000", ["people_admin"]);
  const record: PeopleUnderTest["record"] = ({ account, human, roles, jwk }, changes = {}) =>
    signRecord(
      "eu",
      { authorityJwk: authority, key: publicHalf(jwk) },
      { account, human, roles, version: 1, ...changes },
    );
  return {
    room,
    authority,
    person,
    record,
    enlist: async (each, changes) =>
      send(admin, "PUT", `/admin/v1/roster/${each.account}`, { statement: await record(each, changes) }),
    send,
    credentials,
    session: async (as) => {
      const { key, token } = await sessionOf(as);
      return { ...key, token };
    },
    bearer: ({ account: staff, roles }) => signStaffToken({ cell: "eu", signingJwk: signIn, staff, roles }),
    fetch,
    acts: async () => (await (await neighbour("audit", "/")).json()) as AuditEntry[],
    past: async (acts) => {
      await neighbour("audit", "/", { method: "PUT", body: JSON.stringify(acts) });
    },
    audit: async (mode) => {
      await neighbour("audit", `/mode/${mode}`);
    },
    identity: async () => (await (await neighbour("identity", "/")).json()) as never,
    answerWith: async (answer) => {
      await neighbour("identity", "/", { method: "PUT", body: JSON.stringify(answer) });
    },
  };
}
