import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../platform/bundle.ts";
import { miniflareModule } from "../platform/late.ts";
import { ROOT } from "../platform/root.ts";

export interface Bare {
  readonly origin: string;
  stop(): Promise<void>;
}

/**
 * The baseline: a Worker that verifies one ES256 signature and has a Durable Object insert one row, and nothing else.
 * No framing, no key lookup, no state, no price, no answer. What the platform adds is measured against it.
 */
export async function startBare(state: string, port: number, publicKey: Uint8Array): Promise<Bare> {
  mkdirSync(state, { recursive: true });
  const { Miniflare, convertV4MiniflareOptions, Log, LogLevel } = miniflareModule();
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      workers: [
        {
          name: "bare",
          compatibilityDate: "2026-11-01",
          modules: [{ type: "ESModule", path: "index.js", contents: await bundle("tools/bench/bare-worker.ts", ROOT) }],
          bindings: { PUBLIC_KEY: Buffer.from(publicKey).toString("base64") },
          durableObjects: { ROWS: { className: "Rows", useSQLite: true } },
          unsafeDirectSockets: [{ host: "127.0.0.1", port }],
        },
      ],
    }),
    resourcePersistencePath: join(state, "data"),
  });
  await miniflare.ready;
  return { origin: `http://127.0.0.1:${port}`, stop: () => miniflare.dispose() };
}
