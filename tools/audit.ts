// Verifies a cell's transparency logs, from their doors or from a copy, trusting nothing but their public keys.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Cell } from "../protocol/ids.ts";
import { decodeBundle } from "../protocol/tlog/bundle.ts";
import { openCheckpoint } from "../protocol/tlog/checkpoint.ts";
import { parseVerifierKey, type VerifierKey } from "../protocol/tlog/note.ts";
import { parseProofFile, verifyProofFile } from "../protocol/tlog/proof-file.ts";
import { WIDTH, tileOf, tilePath, tilesOf } from "../protocol/tlog/tile.ts";
import { ENTRIES } from "./audit/entries.ts";
import { PROOF_FAULTS, faultText } from "./audit/faults.ts";
import { SourceError, folderSource, runningSource, type LogSource } from "./audit/source.ts";
import { verifiedText, verifySource } from "./audit/verify.ts";
import { cellOf, mustExist, oneOf, readCommand, runCommand, TEXT, UsageError } from "./command-line.ts";
import { cellKeys, type CellKeys } from "./platform/keys.ts";
import type { LogName } from "./platform/log-keys.ts";
import { CELLS, keysFile, stateRoot } from "./platform/state.ts";
import { OpsError } from "./staff/client.ts";

const USAGE = `npm run audit -- verify|list [--cell us|eu] [--log platform|cde] [--origin URL] [--state DIR]
npm run audit -- verify --from DIR --cell us|eu --log platform|cde [--key VKEY]
npm run audit -- download DIR [--cell us|eu] [--log platform|cde]
npm run audit -- prove INDEX --cell us|eu [--log platform|cde]   an entry's proof file, to standard output
npm run audit -- proof FILE [--key VKEY] [--witness VKEY]        a proof file alone
  --cell us|eu          which cell (all that have keys in the state directory)
  --log platform|cde    which log (both)
  --origin URL          its door (this machine's)
  --from DIR            a copy in place of the door
  --key VKEY            the log's verifier key (the state directory's)
  --witness VKEY        a witness whose cosignature counts; may be repeated
  --state DIR           the platform's state (.state)
Ends with 1 when a log or a proof is not what it says, or could not be read; with 2 when it is called wrongly.`;
const LOGS: readonly LogName[] = ["platform", "cde"];
/** How many words each takes after its name. */
const STEPS = { verify: 0, list: 0, download: 1, prove: 1, proof: 1 } as const;

interface Target {
  readonly cell: Cell;
  readonly log: LogName;
  readonly key: VerifierKey;
  readonly source: LogSource;
  readonly witnesses: readonly VerifierKey[];
  /** Where the checkpoint of the last verification is kept: only it shows that a tail was cut since. */
  readonly keptFile: string;
}

const { command, argument, ...values } = readArgs();
const state = values.state ?? stateRoot();

await runCommand(
  USAGE,
  async () => {
    if (!(await run())) process.exitCode = 1;
  },
  (error) => {
    const text = error instanceof Error ? error.message : String(error);
    return error instanceof OpsError || error instanceof SourceError ? `The log's door did not answer: ${text}` : text;
  },
);

function readArgs() {
  const options = {
    cell: TEXT,
    log: TEXT,
    origin: TEXT,
    state: TEXT,
    from: TEXT,
    key: TEXT,
    witness: { ...TEXT, multiple: true },
  } as const;
  return readCommand({ usage: USAGE, options, words: [0, 2] }, (given, [name, word]) => {
    const step = oneOf("audit", name, Object.keys(STEPS) as (keyof typeof STEPS)[]);
    if ((word === undefined ? 0 : 1) !== STEPS[step])
      throw new UsageError(`${step} takes ${STEPS[step] === 1 ? "one word" : "no word"} after it`);
    if (step === "proof") mustExist("file", word);
    mustExist("folder", given.from);
    if (step === "prove" && !/^[0-9]{1,15}$/.test(word ?? "")) throw new UsageError("an index is a whole number");
    const cell = given.cell === undefined ? undefined : cellOf(given.cell);
    const log = given.log === undefined ? undefined : oneOf("--log", given.log, LOGS);
    if (given.origin !== undefined && cell === undefined) throw new UsageError("--origin is one cell's: give --cell");
    if (given.from !== undefined && (cell === undefined || log === undefined))
      throw new UsageError("--from is one log's: give --cell and --log");
    return { ...given, cell, log, command: step, argument: word ?? "" };
  });
}

/** @throws Error saying what is wrong with the state directory or the door */
async function run(): Promise<boolean> {
  switch (command) {
    case "verify":
      return each(await targets(), verify);
    case "list":
      return each(await targets(), list);
    case "download":
      return each(await targets(), (target) => download(target, argument));
    case "prove":
      return each(await targets(), prove);
    case "proof":
      return proof(argument);
  }
}

async function each(all: readonly Target[], work: (target: Target) => Promise<boolean>): Promise<boolean> {
  let whole = true;
  for (const target of all) if (!(await work(target))) whole = false;
  return whole;
}

async function targets(): Promise<Target[]> {
  const asked = values.cell === undefined ? CELLS : [values.cell];
  const logs = values.log === undefined ? LOGS : [values.log];
  // An origin and an index are one log's: the platform's unless said otherwise.
  const one = values.origin !== undefined || command === "prove";
  const chosen = one && values.log === undefined ? (["platform"] as const) : logs;
  const { cell: ofCell, log: ofLog, from, key } = values;
  if (from !== undefined && key !== undefined && ofCell !== undefined && ofLog !== undefined)
    return [await folderTarget(ofCell, ofLog, from, key)];
  const cells = asked.filter((cell) => existsSync(keysFile(cell, state)));
  if (cells.length === 0)
    throw new UsageError(`${state} has no keys of ${asked.join(" or ")}: start the platform first`);
  if (command === "prove" && cells.length > 1) throw new UsageError("an index is one cell's: give --cell");
  const all = cells.map(async (cell) => {
    const keys = await cellKeys(cell, keysFile(cell, state));
    return Promise.all(chosen.map((log) => targetOf(cell, log, keys)));
  });
  return (await Promise.all(all)).flat();
}

async function targetOf(cell: Cell, log: LogName, keys: CellKeys): Promise<Target> {
  const source = values.from === undefined ? runningSource(cell, log, keys, values.origin) : folderSource(values.from);
  const key = await verifierKeyOf(values.key ?? keys.outside.logKeys.logs[log]);
  return { cell, log, key, source, witnesses: await witnessKeys(), keptFile: keptFileOf(cell, log) };
}

async function folderTarget(cell: Cell, log: LogName, folder: string, vkey: string): Promise<Target> {
  const key = await verifierKeyOf(vkey);
  const source = folderSource(folder);
  return { cell, log, key, source, witnesses: await witnessKeys(), keptFile: keptFileOf(cell, log) };
}

function keptFileOf(cell: Cell, log: LogName): string {
  return join(state, cell, `audit-checkpoint-${log}.txt`);
}

async function verifierKeyOf(text: string): Promise<VerifierKey> {
  const key = await parseVerifierKey(text);
  if (!key.ok) throw new UsageError("the log's verifier key is malformed (<name>+<key id>+<base64>)");
  return key.value;
}

async function verify({ cell, log, key, source, witnesses, keptFile }: Target): Promise<boolean> {
  const kept = existsSync(keptFile) ? readFileSync(keptFile, "utf8") : undefined;
  const live = process.stdout.isTTY;
  const onProgress = (done: number, size: number): void => {
    if (live) process.stdout.write(`\r${cell} ${log}: ${done} of ${size} entries`);
    else if (done === size || done % (4 * WIDTH) === 0) console.log(`${cell} ${log}: ${done} of ${size} entries`);
  };
  const copy = values.from !== undefined;
  const result = await verifySource(log, key, source, kept, { witnesses, copy, onProgress });
  if (live) process.stdout.write("\n");
  const missing = !result.ok && result.fault?.what === "checkpoint" && result.fault.why === "missing";
  if (missing && kept === undefined) {
    console.log(`${cell} ${log}: nothing has been published yet, and nothing was verified before`);
    return true;
  }
  if (!result.ok) {
    console.error(`${cell} ${log}: BROKEN ${result.fault === undefined ? "" : faultText(result.fault)}`);
    return false;
  }
  const { checkpoint, note } = result.value;
  const before = kept === undefined ? 0 : Number(kept.split("\n")[1]);
  if (checkpoint.size >= before) {
    mkdirSync(dirname(keptFile), { recursive: true });
    writeFileSync(`${keptFile}.new`, note);
    renameSync(`${keptFile}.new`, keptFile);
  }
  console.log(`${cell} ${log}: ${verifiedText(result.value, kept === undefined ? null : before)}`);
  return true;
}

async function list({ cell, log, key, source }: Target): Promise<boolean> {
  const published = await checkpointOf(source, key);
  if (published === null) return isEmpty(cell, log);
  const { size } = published;
  const minimum = Number(new TextDecoder().decode((await source.read("minimum")) ?? new Uint8Array()));
  for (let index = Math.floor(minimum / WIDTH); ; index += 1) {
    const bundle = tileOf("entries", index, size);
    if (bundle === undefined) return true;
    const bytes = await source.read(tilePath(bundle));
    const entries = bytes === null ? null : decodeBundle(bytes, bundle.width);
    if (entries === null || !entries.ok) throw new Error(`${tilePath(bundle)} is missing or malformed: verify the log`);
    for (const [at, entry] of entries.value.entries())
      console.log(`${cell} ${log} ${index * WIDTH + at}  ${ENTRIES[log].line(new TextDecoder().decode(entry))}`);
  }
}

/** The whole log as files that any C2SP tlog-tiles client reads, for verification elsewhere. */
async function download({ cell, log, key, source }: Target, folder: string): Promise<boolean> {
  // First: it is of no more entries than a checkpoint that is read after it.
  const cosigned = await source.read("cosigned");
  const published = await checkpointOf(source, key);
  if (published === null) return isEmpty(cell, log);
  const { size, text } = published;
  const into = join(folder, `${cell}-${log}`);
  const keep = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), bytes);
  };
  for (const tile of tilesOf(size)) {
    const path = tilePath(tile);
    const bytes = await source.read(path);
    if (bytes === null) throw new Error(`${path} is missing: verify the log`);
    keep(path, bytes);
    if (tile.level !== 0) continue;
    const bundle = tilePath({ ...tile, level: "entries" });
    const entries = await source.read(bundle);
    // A pruned bundle is not there; `verify` says whether the log accounts for it.
    if (entries !== null) keep(bundle, entries);
  }
  const minimum = await source.read("minimum");
  if (minimum !== null) keep("minimum", minimum);
  if (cosigned !== null) keep("cosigned", cosigned);
  // Of before the tiles: the log may have grown meanwhile, and its tiles of then are still there.
  keep("checkpoint", new TextEncoder().encode(text));
  console.log(`${cell} ${log}: ${size} entries are in ${into}`);
  return true;
}

function isEmpty(cell: Cell, log: LogName): true {
  console.log(`${cell} ${log}: nothing has been published yet`);
  return true;
}

/** @returns null when the log has published nothing yet */
async function checkpointOf(source: LogSource, key: VerifierKey): Promise<{ size: number; text: string } | null> {
  const bytes = await source.read("checkpoint");
  if (bytes === null) return null;
  const opened = await openCheckpoint(bytes, key);
  if (!opened.ok) throw new Error(`the checkpoint is ${opened.reason}`);
  return { size: opened.value.size, text: new TextDecoder().decode(bytes) };
}

async function prove({ source }: Target): Promise<boolean> {
  const bytes = await source.read(`proofs/${argument}`);
  if (bytes === null) throw new Error(`the log has no entry ${argument}, or it was pruned`);
  process.stdout.write(bytes);
  return true;
}

/** A proof file alone, without any door: the log's key comes from --key, or from the state directory by the origin. */
async function proof(file: string): Promise<boolean> {
  const text = readFileSync(file, "utf8");
  const parsed = parseProofFile(text);
  const origin = parsed.ok ? (parsed.value.checkpoint.split("\n")[0] ?? "") : "";
  const known = await knownKeys();
  const key =
    values.key === undefined ? known.find(({ log }) => log.name === origin)?.log : await verifierKeyOf(values.key);
  if (parsed.ok && key === undefined) throw new UsageError(`the key of ${origin} is not known: give --key`);
  const proved = key === undefined ? parsed : await verifyProofFile(text, key, await witnessKeys());
  if (!proved.ok) {
    console.error(`${file}: BROKEN: ${PROOF_FAULTS[proved.reason]}`);
    return false;
  }
  if (!("witnesses" in proved.value)) throw new Error("the proof names no witnesses");
  const { index, entry, checkpoint, witnesses: cosigners } = proved.value;
  const by = cosigners.length === 0 ? "no known witness" : cosigners.join(", ");
  console.log(`${file}: entry ${index} of ${checkpoint.origin} is in the log of ${checkpoint.size}, cosigned by ${by}`);
  console.log(new TextDecoder().decode(entry));
  return true;
}

/** Whose cosignatures count: those that were named, else those of every cell. */
async function witnessKeys(): Promise<VerifierKey[]> {
  if (values.witness !== undefined) return Promise.all(values.witness.map(verifierKeyOf));
  return (await knownKeys()).map(({ witness }) => witness);
}

/** The keys of the logs and witnesses of every cell in the state directory. */
async function knownKeys(): Promise<{ log: VerifierKey; witness: VerifierKey }[]> {
  const cells = CELLS.filter((cell) => existsSync(keysFile(cell, state)));
  const found = cells.map(async (cell) => {
    const { logs, witness } = (await cellKeys(cell, keysFile(cell, state))).outside.logKeys;
    return Promise.all(
      LOGS.map(async (log) => ({ log: await verifierKeyOf(logs[log]), witness: await verifierKeyOf(witness) })),
    );
  });
  return (await Promise.all(found)).flat();
}
