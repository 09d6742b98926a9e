// A witness of the cells' transparency logs (C2SP tlog-witness), for the retailer or whoever else is not the platform:
//   npm run witness [-- --cell us|eu] [--port N] [--every SECONDS] [--once] [--state DIR] [--folder DIR] [--key FILE --name NAME]
// It answers on 127.0.0.1, pulls each log's checkpoint through the log's door, cosigns what follows from what it has
// cosigned, and brings the cosignature back. What it has cosigned is kept in --folder. Ends with 1 after --once when a
// log was rolled back, rewritten or forked, or did not answer.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Cell } from "../protocol/ids.ts";
import { COSIGNATURE, formatVerifierKey, parseVerifierKey, signerOf, type VerifierKey } from "../protocol/tlog/note.ts";
import { runningSource, type LogSource } from "./audit/source.ts";
import { cellKeys } from "./platform/keys.ts";
import type { LogName } from "./platform/log-keys.ts";
import { stateRoot } from "./platform/state.ts";
import { witnessDoor } from "./witness/door.ts";
import { feed } from "./witness/feed.ts";
import { fileStore } from "./witness/file-store.ts";
import { Witness } from "./witness/witness.ts";

const USAGE =
  "npm run witness [-- --cell us|eu] [--port N] [--every SECONDS] [--once] [--state DIR] [--folder DIR] [--key FILE --name NAME] [--ops-origin URL] [--pay-origin URL]";
const LOGS: readonly LogName[] = ["platform", "cde"];
const PORT = { us: "8793", eu: "8803" };

interface Watched {
  readonly log: LogName;
  readonly key: VerifierKey;
  readonly source: LogSource;
}

const values = options();
const cell: Cell = values.cell === "us" ? "us" : "eu";
const state = values.state ?? stateRoot();
const folder = values.folder ?? join(state, cell, "witness");
try {
  if (!(await run())) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

function options() {
  try {
    const { values: read } = parseArgs({
      options: {
        cell: { type: "string", default: "us" },
        port: { type: "string" },
        every: { type: "string", default: "60" },
        once: { type: "boolean", default: false },
        state: { type: "string" },
        folder: { type: "string" },
        key: { type: "string" },
        name: { type: "string" },
        "ops-origin": { type: "string" },
        "pay-origin": { type: "string" },
      },
    });
    const right =
      (read.cell === "us" || read.cell === "eu") &&
      /^[1-9][0-9]{0,5}$/.test(read.every) &&
      /^[0-9]{1,5}$/.test(read.port ?? "0") &&
      (read.key === undefined) === (read.name === undefined);
    if (right) return read;
  } catch {
    // Told by the usage, like every other wrong option.
  }
  console.error(USAGE);
  process.exit(1);
}

async function run(): Promise<boolean> {
  const file = join(state, cell, "keys.json");
  if (!existsSync(file)) throw new Error(`${state} has no keys of ${cell}: start the platform first`);
  const keys = await cellKeys(cell, file);
  const { logKeys } = keys.outside;
  const jwk = values.key === undefined ? JSON.stringify(logKeys.witnessJwk) : readFileSync(values.key, "utf8");
  const signer = await signerOf(values.name ?? logKeys.witnessName, COSIGNATURE, jwk);
  const watched = await Promise.all(
    LOGS.map(async (log): Promise<Watched> => {
      const key = await parseVerifierKey(logKeys.logs[log]);
      if (!key.ok) throw new Error(`the verifier key of the ${log} log is malformed`);
      const origin = values[log === "platform" ? "ops-origin" : "pay-origin"];
      return { log, key: key.value, source: runningSource(cell, log, keys, origin, "witness") };
    }),
  );
  const witness = new Witness(
    signer,
    watched.map(({ key }) => key),
    fileStore(folder),
    () => Date.now(),
  );
  console.log(`the witness's verifier key: ${formatVerifierKey(signer.key)}`);
  if (values.once) return round(witness, watched);
  const door = witnessDoor(witness);
  await new Promise<void>((resolve, reject) => {
    door.once("error", reject).listen(Number(values.port ?? PORT[cell]), "127.0.0.1", resolve);
  });
  const address = door.address();
  const port = typeof address === "object" ? address?.port : undefined;
  console.log(`the witness answers on http://127.0.0.1:${port}; Ctrl-C ends it`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    await round(witness, watched);
    await setTimeout(Number(values.every) * 1000, undefined, { signal: stop.signal }).catch(() => {});
  }
  door.close();
  return true;
}

/** Each log once; false when one is not what it was, or could not be asked. */
async function round(witness: Witness, watched: readonly Watched[]): Promise<boolean> {
  let good = true;
  for (const { log, key, source } of watched)
    try {
      const fed = await feed(source, key, witness);
      if (fed.outcome === "cosigned") console.log(`${cell} ${log}: cosigned ${fed.size} entries`);
      else if (fed.outcome === "nothing") console.log(`${cell} ${log}: no checkpoint yet`);
      else {
        good = false;
        console.error(`${cell} ${log}: NOT COSIGNED: ${fed.why}`);
      }
    } catch (error) {
      good = false;
      console.error(`${cell} ${log}: not asked: ${error instanceof Error ? error.message : String(error)}`);
    }
  return good;
}
