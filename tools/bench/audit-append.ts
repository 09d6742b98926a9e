// `npm run bench:audit [-- --json] [tmpfs|disk]`: an append to the audit log against a plain insert in an object of the
// same kind, in the same process and run, in turns; the log publishes its batches meanwhile. Bounded; nothing is
// asserted by time.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { AuditAct } from "../../protocol/rooms/audit.ts";
import { bundle } from "../platform/bundle.ts";
import { makeLogKeys } from "../platform/log-keys.ts";
import { freePorts } from "../platform/ports.ts";
import { miniflareModule } from "../platform/late.ts";
import { ROOT } from "../platform/root.ts";
import { inTurns, onEachDisk, readBench, ROUNDS, type Disk } from "./compare.ts";
import { fire, type Shot } from "./load.ts";

const LANES = 8;
const SHOTS = 150;

const USAGE = `npm run bench:audit -- [--json] [tmpfs|disk]
  times an append to the audit log against a plain insert, on both unless one is named
  --json   the last line is one JSON object`;

const { json, disks } = readBench(USAGE);
const measured = await onEachDisk(disks, compare);
const settings = { lanes: LANES, appends_per_round: LANES * SHOTS, rounds: ROUNDS };
if (json) console.log(JSON.stringify({ ...settings, ...measured }));

async function compare(disk: Disk, state: string): Promise<Record<string, number>> {
  const { origin, stop } = await start(state);
  try {
    const { ours, theirs, ratio } = await inTurns(
      disk,
      { name: "audit append", fire: (round) => fire(origin, shots("/log", round)) },
      { name: "plain insert", fire: (round) => fire(origin, shots("/plain", round)) },
    );
    const [append, insert] = [ours.perSecond, theirs.perSecond];
    return { append_per_second: append, insert_per_second: insert, ratio, p50_ms: ours.p50Ms, p99_ms: ours.p99Ms };
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
