// Bundled for workerd by bare.ts; see there.
// @ts-expect-error -- a module of the runtime, which this project's tools don't run in
import { DurableObject } from "cloudflare:workers";

interface Rows {
  insert(seq: number, bytes: ArrayBuffer): Promise<void>;
}

interface BareEnv {
  readonly PUBLIC_KEY: string;
  readonly ROWS: { getByName(name: string): Rows };
}

class RowsObject extends DurableObject {
  constructor(ctx: { storage: { sql: { exec(sql: string, ...values: unknown[]): unknown } } }, env: BareEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS row (seq INTEGER PRIMARY KEY, bytes BLOB)");
  }

  insert(seq: number, bytes: ArrayBuffer): void {
    (
      this as unknown as { ctx: { storage: { sql: { exec(sql: string, ...values: unknown[]): unknown } } } }
    ).ctx.storage.sql.exec("INSERT INTO row VALUES (?, ?)", seq, bytes);
  }
}
export { RowsObject as Rows };

let key: Promise<CryptoKey> | undefined;

/** `POST /<object>/<seq>`: 64 bytes of signature, then what was signed. */
export default {
  async fetch(request: Request, env: BareEnv): Promise<Response> {
    key ??= crypto.subtle.importKey(
      "raw",
      Uint8Array.from(atob(env.PUBLIC_KEY), (c) => c.charCodeAt(0)),
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["verify"],
    );
    const body = await request.arrayBuffer();
    const good = await crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      await key,
      body.slice(0, 64),
      body.slice(64),
    );
    if (!good) return new Response(null, { status: 401 });
    const [, name = "", seq = "0"] = new URL(request.url).pathname.split("/");
    await env.ROWS.getByName(name).insert(Number(seq), body);
    return new Response(null, { status: 200 });
  },
};
