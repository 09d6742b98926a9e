// `npm run bench:audit [-- --json] [tmpfs|disk]`: an append to the audit log against a plain insert in an object of the
// same kind, in the same process and run, in turns; the log publishes its batches meanwhile. Bounded; nothing is
// asserted by time.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { FLAG, oneOf, readCommand } from "../command-line.ts";
import { bundle } from "../platform/bundle.ts";
import { makeLogKeys } from "../platform/log-keys.ts";
import { freePorts } from "../platform/ports.ts";
import { miniflareModule } from "../platform/late.ts";
import { ROOT } from "../platform/root.ts";
import { fire, median, type Round, type Shot } from "./load.ts";

const LANES = 8;
const SHOTS = 150;
const ROUNDS = 7;

const USAGE = `npm run bench:audit -- [--json] [tmpfs|disk]
  times an append to the audit log against a plain insert, on both unless one is named
  --json   the last line is one JSON object`;

const { json, only } = readCommand({ usage: USAGE, options: { json: FLAG }, words: [0, 1] }, (values, [disk]) => ({
  json: values.json,
  only: disk === undefined ? undefined : oneOf("the disk", disk, ["tmpfs", "disk"]),
}));
const results: Record<string, unknown> = { lanes: LANES, appends_per_round: LANES * SHOTS, rounds: ROUNDS };
for (const [name, folder] of [
  ["tmpfs", "/dev/shm"],
  ["disk", tmpdir()],
] as const) {
  if (only !== undefined && only !== name) continue;
  if (!existsSync(folder)) {
    console.error(`${name}: ${folder} is not there, left out`);
    continue;
  }
  const state = mkdtempSync(join(folder, "cartwright-bench-"));
  try {
    results[name] = await compare(name, state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
if (json) console.log(JSON.stringify(results));

async function compare(name: string, state: string): Promise<Record<string, number>> {
  const { origin, stop } = await start(state);
  try {
    const ours: Round[] = [];
    const theirs: Round[] = [];
    // The first round of each warms the isolate and is not counted; then they take turns.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const plain = await fire(origin, shots("/plain", round));
      const log = await fire(origin, shots("/log", round));
      if (round === 0) continue;
      theirs.push(plain);
      ours.push(log);
      console.error(
        `${name}: round ${round}/${ROUNDS}: insert ${plain.perSecond.toFixed(0)}/s, append ${log.perSecond.toFixed(0)}/s`,
      );
    }
    const [a, b] = [median(ours), median(theirs)];
    const ratio = a.perSecond / b.perSecond;
    console.log(
      `${name.padEnd(6)} audit append ${a.perSecond.toFixed(0)}/s (p50 ${a.p50Ms.toFixed(1)} ms, p99 ${a.p99Ms.toFixed(1)} ms)   plain insert ${b.perSecond.toFixed(0)}/s (p50 ${b.p50Ms.toFixed(1)} ms, p99 ${b.p99Ms.toFixed(1)} ms)   ratio ${ratio.toFixed(2)}`,
    );
    return { append_per_second: a.perSecond, insert_per_second: b.perSecond, ratio, p50_ms: a.p50Ms, p99_ms: a.p99Ms };
  } finally {
    await stop();
  }
}

async function start(state: string): Promise<{ readonly origin: string; readonly stop: () => Promise<void> }> {
  mkdirSync(state, { recursive: true });
  const { secrets } = await makeLogKeys("eu");
  const port = (await freePorts()).api;
  const { Miniflare, convertV4MiniflareOptions, Log, LogLevel } = miniflareModule();
  const miniflare = new Miniflare({
    ...convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.ERROR),
      workers: [
        {
          name: "audit-append",
          compatibilityDate: "2026-11-01",
          modules: [
            {
              type: "ESModule",
              path: "index.js",
              contents: await bundle("tools/bench/audit-append-worker.ts", ROOT),
            },
          ],
          bindings: { ...secrets, LOG_ORIGIN: "bench.example/audit" },
          durableObjects: {
            PLAIN: { className: "Plain", useSQLite: true },
            LOG: { className: "Log", useSQLite: true },
          },
          r2Buckets: { TILES: "tiles" },
          unsafeDirectSockets: [{ host: "127.0.0.1", port }],
        },
      ],
    }),
    resourcePersistencePath: join(state, "data"),
  });
  await miniflare.ready;
  return { origin: `http://127.0.0.1:${port}`, stop: () => miniflare.dispose() };
}

function shots(path: string, round: number): Shot[][] {
  return Array.from({ length: LANES }, (_, lane) =>
    Array.from({ length: SHOTS }, (_shot, n) => {
      const act: AuditAct = {
        who: "sessions/cart:000102030405060708090a0b0c0d0e0f",
        kind: "tier_join",
        when: 1_763_764_543_000 + n,
        success: true,
        from: "identify",
        on: "session:0d3b0f7e-8d1c-4a52-9f5e-0a1b2c3d4e5f",
        detail: { fields: "nickname", round, lane, n },
      };
      return { path, body: Buffer.from(JSON.stringify(act)) };
    }),
  );
}
