// Bundled for workerd by audit-append.ts; see there.
// @ts-expect-error -- a module of the runtime, which this project's tools don't run in
import { DurableObject } from "cloudflare:workers";
import type { AuditAct } from "../../protocol/rooms/audit.ts";

interface Appends {
  append(act: AuditAct): Promise<number>;
}

interface BenchEnv {
  readonly PLAIN: { getByName(name: string): Appends };
  readonly LOG: { getByName(name: string): Appends };
}

interface Storage {
  readonly sql: { exec(sql: string, ...values: unknown[]): unknown };
}

/** The baseline: an object of the same kind that inserts the same text as one row, and nothing else. */
class PlainObject extends DurableObject {
  #next = 0;

  constructor(ctx: { storage: Storage }, env: BenchEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS row (i INTEGER PRIMARY KEY, entry TEXT NOT NULL)");
  }

  append(act: AuditAct): number {
    const { storage } = (this as unknown as { ctx: { storage: Storage } }).ctx;
    storage.sql.exec("INSERT INTO row VALUES (?, ?)", this.#next, JSON.stringify(act));
    this.#next += 1;
    return this.#next - 1;
  }
}
export { PlainObject as Plain };
export { AuditLog } from "../../workers/audit/log.ts";

/** `POST /plain` or `POST /log`, an act as JSON. */
export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const objects = new URL(request.url).pathname === "/log" ? env.LOG : env.PLAIN;
    await objects.getByName("platform").append((await request.json()) as AuditAct);
    return new Response(null, { status: 200 });
  },
};
