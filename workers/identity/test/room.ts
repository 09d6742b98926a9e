import type { CartSerial, SessionId, StoreId } from "../../../protocol/ids.ts";
import type { AuditEntry } from "../../../protocol/rooms/audit.ts";
import type { IdentifyResult, LoyaltyFormat, Principal, Trip } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import type { PublicKey } from "../../../protocol/rooms/staff.ts";
import { makeKey, publicHalf } from "../../../tools/staff/demo-staff.ts";
import { cdePublicJwk } from "./card-statements.ts";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";

/** An audit log that keeps what it is given in memory, refuses while it is told to, and tells both over HTTP. */
const AUDIT = `
import { WorkerEntrypoint } from "cloudflare:workers";
const acts = []; let mode = "up";
export class ForIdentity extends WorkerEntrypoint {
  async append(act) {
    if (mode === "refusing") return { ok: false, reason: "unavailable" };
    if (mode === "throwing") throw new Error("down");
    acts.push(act); return { ok: true, value: { index: acts.length - 1 } };
  }
}
export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/mode/")) { mode = pathname.slice(6); return new Response(null, { status: 204 }); }
  return Response.json(acts);
} };`;

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 9).toString("base64");
export const THIRD_KEY = Buffer.alloc(32, 11).toString("base64");

export const LOYALTY: LoyaltyFormat = { retailer: "demo", prefix: "9900", length: 16, check: "luhn" };
export const STORE = "eu-demo" as StoreId;

export interface IdentityUnderTest {
  readonly room: RoomUnderTest;
  sessions(method: string, ...args: unknown[]): Promise<IdentifyResult>;
  edge<T>(method: string, ...args: unknown[]): Promise<T>;
  ops<T>(method: string, ...args: unknown[]): Promise<T>;
  audit(mode: "up" | "refusing" | "throwing"): Promise<void>;
  acts(): Promise<readonly AuditEntry[]>;
  /** Every row of a database's tables, as text. */
  rows(binding: "ENTITIES" | "PERSONS"): Promise<string>;
  run(binding: "ENTITIES" | "PERSONS", sql: string, ...values: unknown[]): Promise<void>;
}

export interface IdentityKeys {
  readonly IDENTITY_KEK: string;
  readonly IDENTITY_INDEX_KEY: string;
}

export async function startIdentity(
  state?: string,
  authority?: PublicKey,
  keys?: IdentityKeys,
): Promise<IdentityUnderTest> {
  const room = await startRoom("identity", {
    secrets: {
      IDENTITY_KEK: KEY,
      IDENTITY_INDEX_KEY: OTHER_KEY,
      IDENTITY_TOMBSTONE_KEY: THIRD_KEY,
      CDE_VERIFICATION_JWK: await cdePublicJwk(),
      STAFF_AUTHORITY_JWK: JSON.stringify(authority ?? publicHalf(await makeKey())),
      RAW_READ_KEY: Buffer.alloc(32, 13).toString("base64"),
      ...keys,
    },
    neighbours: { audit: AUDIT },
    ...(state === undefined ? {} : { state }),
  });
  const audit = async (path: string) =>
    (await room.miniflare.getWorker("cartwright-audit-eu")).fetch(`http://audit.test${path}`);
  const database = (binding: string) => room.miniflare.getD1Database(binding, room.worker);
  return {
    room,
    sessions: (method, ...args) => room.call("ForSessions", "sessions", method, ...args),
    edge: (method, ...args) => room.call("ForEdge", "edge", method, ...args),
    ops: (method, ...args) => room.call("ForOps", "ops", method, ...args),
    audit: async (mode) => {
      await audit(`/mode/${mode}`);
    },
    acts: async () => (await (await audit("/")).json()) as AuditEntry[],
    rows: async (binding) => {
      const db = await database(binding);
      const tables = await db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .all<{ name: string }>();
      const contents = await Promise.all(
        tables.results.map(async ({ name }) => [name, (await db.prepare(`SELECT * FROM "${name}"`).all()).results]),
      );
      return JSON.stringify(contents);
    },
    run: async (binding, sql, ...values) => {
      const db = await database(binding);
      await db
        .prepare(sql)
        .bind(...values)
        .run();
    },
  };
}

export function newTrip(store: StoreId = STORE): Trip {
  return {
    session: crypto.randomUUID() as SessionId,
    store,
    cart: Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex") as CartSerial,
  };
}

export function person(subject: string): Principal {
  return { issuer: "https://id.example", subject, email: `${subject}@mail.example`, name: `Name of ${subject}` };
}

/** The number of a linked answer. @throws Error when it is not linked. */
export function numberOf(result: IdentifyResult): string {
  if (!result.ok || result.value.status !== "linked") throw new Error(`not linked: ${JSON.stringify(result)}`);
  return result.value.customer;
}

export function valueOf<T>(result: Result<T, string>): T {
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
  return result.value;
}

/** A number of the demo format with its check digit (ISO/IEC 7812-1, annex B). */
export function loyaltyNumber(serial: number): string {
  const body = `9900${String(serial).padStart(11, "0")}`;
  let sum = 0;
  for (let place = 0; place < body.length; place += 1) {
    const digit = Number(body[body.length - 1 - place]);
    sum += place % 2 === 1 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return body + String((10 - (sum % 10)) % 10);
}
