// Bundled for workerd by audit-append.ts; see there.
// @ts-expect-error -- a module of the runtime, which this project's tools don't run in
import { DurableObject } from "cloudflare:workers";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { witnessKeys } from "../../protocol/tlog/keys.ts";
import { ED25519, signerOf, type Signer } from "../../protocol/tlog/note.ts";
import { bucketOf, type Sql } from "../../protocol/tlog/storage.ts";
import { TiledLog } from "../../protocol/tlog/tiled-log.ts";
import { leafOf } from "../../workers/audit/entry.ts";

interface Appends {
  append(act: AuditAct): Promise<number>;
}

interface BenchEnv {
  readonly PLAIN: { getByName(name: string): Appends };
  readonly LOG: { getByName(name: string): Appends };
  readonly TILES: Parameters<typeof bucketOf>[0];
  readonly LOG_ORIGIN: string;
  readonly AUDIT_SIGNING_JWK: string;
  readonly AUDIT_WITNESS_KEYS: string;
}

interface Context {
  readonly storage: { readonly sql: Sql; setAlarm(at: number): Promise<void> };
}

/** The baseline: an object of the same kind that inserts the same text as one row, and nothing else. */
class PlainObject extends DurableObject {
  readonly #sql: Sql;
  #next = 0;

  constructor(ctx: Context, env: BenchEnv) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS row (i INTEGER PRIMARY KEY, entry TEXT NOT NULL)");
  }

  append(act: AuditAct): number {
    this.#sql.exec("INSERT INTO row VALUES (?, ?)", this.#next, JSON.stringify(act));
    this.#next += 1;
    return this.#next - 1;
  }
}
export { PlainObject as Plain };

/** The log as the audit room's object holds it (workers/audit/log.ts), with its publishing. */
class LogObject extends DurableObject {
  readonly #log: TiledLog;
  #signer: Signer | undefined;

  constructor(ctx: Context, env: BenchEnv) {
    super(ctx, env);
    this.#log = new TiledLog({
      sql: ctx.storage.sql,
      bucket: bucketOf(env.TILES),
      signer: async () => (this.#signer ??= await signerOf(env.LOG_ORIGIN, ED25519, env.AUDIT_SIGNING_JWK)),
      witnesses: () => witnessKeys(env.AUDIT_WITNESS_KEYS),
      arm: (at) => void ctx.storage.setAlarm(at),
      later: (milliseconds, work) => void setTimeout(work, milliseconds),
      pause: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
      now: () => Date.now(),
    });
  }

  append(act: AuditAct): Promise<number> {
    return this.#log.append(leafOf(act));
  }

  alarm(): Promise<void> {
    return this.#log.wake();
  }
}
export { LogObject as Log };

/** `POST /plain` or `POST /log`, an act as JSON. */
export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const objects = new URL(request.url).pathname === "/log" ? env.LOG : env.PLAIN;
    await objects.getByName("platform").append((await request.json()) as AuditAct);
    return new Response(null, { status: 200 });
  },
};
