// A witness of the cells' transparency logs (C2SP tlog-witness), for the retailer or whoever else is not the platform:
// It answers on 127.0.0.1, pulls each log's checkpoint through the log's door, cosigns what follows from what it has
// cosigned, and brings the cosignature back. What it has cosigned is kept in --folder.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { COSIGNATURE, formatVerifierKey, parseVerifierKey, signerOf, type VerifierKey } from "../protocol/tlog/note.ts";
import { runningSource, type LogSource } from "./audit/source.ts";
import { cellOf, FLAG, mustExist, readCommand, runCommand, TEXT, UsageError, wholeNumber } from "./command-line.ts";
import { cellKeys } from "./platform/keys.ts";
import type { LogName } from "./platform/log-keys.ts";
import { keysFile, stateRoot } from "./platform/state.ts";
import { witnessDoor } from "./witness/door.ts";
import { feed } from "./witness/feed.ts";
import { fileStore } from "./witness/file-store.ts";
import { Witness } from "./witness/witness.ts";

const USAGE = `npm run witness -- [options]
  --cell us|eu        whose logs (us)
  --once              each log once, then ends: with 1 when one was rolled back, rewritten or forked, or did not answer
  --every SECONDS     how often it asks (60)
  --port N            where it answers (8793 for us, 8803 for eu)
  --folder DIR        what it has cosigned is kept there (the cell's state)
  --key FILE          its private Ed25519 JWK, with --name NAME (the demo's witness)
  --state DIR         the platform's state (.state)
  --ops-origin URL    where the platform's log is read (this machine's)
  --pay-origin URL    where the CDE's log is read (this machine's)`;
const LOGS: readonly LogName[] = ["platform", "cde"];
const PORT = { us: 8793, eu: 8803 };

interface Watched {
  readonly log: LogName;
  readonly key: VerifierKey;
  readonly source: LogSource;
}

const values = options();
const { cell } = values;
const state = values.state ?? stateRoot();
const folder = values.folder ?? join(state, cell, "witness");
await runCommand(USAGE, async () => {
  if (!(await run())) process.exitCode = 1;
});

function options() {
  const known = {
    cell: { ...TEXT, default: "us" },
    port: TEXT,
    every: { ...TEXT, default: "60" },
    once: FLAG,
    state: TEXT,
    folder: TEXT,
    key: TEXT,
    name: TEXT,
    "ops-origin": TEXT,
    "pay-origin": TEXT,
  };
  return readCommand({ usage: USAGE, options: known }, (given) => {
    if ((given.key === undefined) !== (given.name === undefined)) throw new UsageError("--key and --name go together");
    mustExist("file", given.key);
    return {
      ...given,
      cell: cellOf(given.cell),
      every: wholeNumber("--every", given.every, 1, 999_999),
      port: given.port === undefined ? undefined : wholeNumber("--port", given.port, 0, 65_535),
    };
  });
}

async function run(): Promise<boolean> {
  const file = keysFile(cell, state);
  if (!existsSync(file)) throw new UsageError(`${state} has no keys of ${cell}: start the platform first`);
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
    door.once("error", reject).listen(values.port ?? PORT[cell], "127.0.0.1", resolve);
  });
  const address = door.address();
  const port = typeof address === "object" ? address?.port : undefined;
  console.log(`the witness answers on http://127.0.0.1:${port}; Ctrl-C ends it`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    await round(witness, watched);
    await setTimeout(values.every * 1000, undefined, { signal: stop.signal }).catch(() => {});
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
