import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { importJWK, type CryptoKey, type JWK } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import type { Env } from "./env.ts";

/** What the calls about people work with; time is part of it. */
export interface StaffDesk {
  readonly cell: Cell;
  readonly env: Env;
  readonly db: DrizzleD1Database;
  /** The staff authority's public key. */
  readonly authority: CryptoKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Whether the act is durable in the log: if not, nothing changes. */
  append(act: Omit<AuditAct, "when" | "from">): Promise<boolean>;
}

export async function staffDesk(env: Env, from: string, now: number): Promise<StaffDesk> {
  return {
    cell: env.CELL,
    env,
    db: drizzle(env.STAFF_DB),
    authority: await authorityOf(env.STAFF_AUTHORITY_JWK),
    now,
    append: async (act) => {
      try {
        return (await env.AUDIT.append({ ...act, when: now, from })).ok;
      } catch {
        console.error("ops: the audit log did not answer");
        return false;
      }
    },
  };
}

let imported: { readonly json: string; readonly key: CryptoKey } | undefined;

async function authorityOf(json: string): Promise<CryptoKey> {
  if (imported?.json === json) return imported.key;
  const key = (await importJWK(JSON.parse(json) as JWK, "ES256")) as CryptoKey;
  imported = { json, key };
  return key;
}
