// Builds, signs, publishes and rolls out the cart's firmware.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import type { Cell } from "../protocol/ids.ts";
import type { FirmwareRelease, FirmwareRollout } from "../protocol/rooms/fleet.ts";
import { FIRMWARE } from "./cart-fw/build.ts";
import { ensureToolchain } from "./cart-fw/toolchain.ts";
import { FLAG, readCommand, runCommand, TEXT, UsageError } from "./command-line.ts";
import { createFolder, manifestIn, openFolder, signFolder } from "./firmware/release-folder.ts";
import { buildFirmware, EMULATED_HARDWARE } from "./firmware/release.ts";
import { sizeDocument, sizeProblems } from "./firmware/size-document.ts";
import { measure } from "./firmware/size.ts";
import { cellKeys } from "./platform/keys.ts";
import { PORTS } from "./platform/rooms.ts";
import { keysFile } from "./platform/state.ts";
import { staffClient, type StaffClient } from "./staff/client.ts";

const USAGE = `npm run firmware -- STEP [options]
  build --version 1.2.0 --counter 2 [--folder DIR]       image for the emulated board, and its claims
  sign --folder DIR --as A|B [--cell us|eu | --key FILE] a JWK file, or the cell's demo signer
  publish --folder DIR --cell us|eu [--origin URL]
  rollout start --digest HEX --cell us|eu [--stores a,b] [--percentage 10]
  rollout pause|resume|end --rollout N --cell us|eu
  list --cell us|eu
  size [--check]                                         cart-fw/docs/SIZE.md, written or held`;

const OPTIONS = {
  as: TEXT,
  cell: TEXT,
  check: FLAG,
  counter: TEXT,
  digest: TEXT,
  folder: TEXT,
  key: TEXT,
  origin: TEXT,
  percentage: TEXT,
  rollout: TEXT,
  stores: TEXT,
  version: TEXT,
};
const { values, positionals } = readCommand({ usage: USAGE, options: OPTIONS, words: [0, 2] }, (given, words) => ({
  values: given,
  positionals: words,
}));

/** The log's proof that the release was published, beside the release (C2SP tlog-proof). */
const PROOF = "release.tlog-proof";

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = { build, sign, publish, rollout, list, size };

await runCommand(USAGE, async () => {
  const command = COMMANDS[positionals[0] ?? ""];
  if (command === undefined) throw new UsageError(`one of: ${Object.keys(COMMANDS).join(", ")}`);
  await command();
});

async function build(): Promise<void> {
  const version = needed("version");
  const securityCounter = count("counter");
  toolchain();
  const image = (await buildFirmware()).image("cart");
  const folder = values.folder ?? join(FIRMWARE, ".build", `release-${version}`);
  const order = { version, securityCounter, hardware: EMULATED_HARDWARE, releasedAt: Date.now() };
  const digest = createFolder(folder, image, order);
  console.log(`${folder}: ${image.length} bytes, SHA-256 ${digest}`);
  console.log("Next: sign --as A, then --as B, each by their own person; allow the digest in the attestation policy.");
}

async function sign(): Promise<void> {
  const role = needed("as");
  if (role !== "A" && role !== "B") throw new UsageError("--as is A (who built it) or B (who releases it)");
  const jwk =
    values.key === undefined
      ? (await keysOf(cellOf())).outside.firmwareSignerJwks[role]
      : (JSON.parse(readFileSync(values.key, "utf8")) as JWK);
  const folder = needed("folder");
  await signFolder(folder, role, jwk);
  const { version, securityCounter } = openFolder(folder).manifest;
  console.log(`Signer ${role} has signed ${version}, security counter ${securityCounter}.`);
}

async function publish(): Promise<void> {
  const folder = needed("folder");
  const { image, manifest } = openFolder(folder);
  const signed = manifestIn(folder);
  const digest = Buffer.from(manifest.digest).toString("hex");
  const ops = await opsOf(cellOf());
  await ops.putBytes(`/admin/v1/firmware/images/${digest}`, "application/octet-stream", image);
  const release = await ops.post<FirmwareRelease>("/admin/v1/firmware/releases", {
    manifest: Buffer.from(signed).toString("base64"),
  });
  console.log(`Published ${release.version}: ${digest}, entry ${release.auditIndex} of the audit log.`);
  const proof = await ops.getBytes(`/admin/v1/audit/proofs/${release.auditIndex}`);
  if (proof === null) throw new Error("the log gives no proof of the release");
  writeFileSync(join(folder, PROOF), proof);
  console.log(`${join(folder, PROOF)} proves it without the platform: npm run audit -- proof FILE`);
}

async function rollout(): Promise<void> {
  const ops = await opsOf(cellOf());
  const [, what] = positionals;
  if (what === "start") {
    const stores = values.stores?.split(",") ?? null;
    const order = {
      digest: needed("digest"),
      stores,
      percentage: values.percentage === undefined ? 100 : count("percentage"),
    };
    return tell(await ops.post<FirmwareRollout>("/admin/v1/firmware/rollouts", order));
  }
  const state = { pause: "paused", resume: "running", end: "ended" }[what ?? ""];
  if (state === undefined) throw new UsageError("rollout start, pause, resume or end");
  tell(await ops.put<FirmwareRollout>(`/admin/v1/firmware/rollouts/${count("rollout")}`, { state }));
}

async function list(): Promise<void> {
  const ops = await opsOf(cellOf());
  const { releases, rollouts } = await ops.get<{ releases: FirmwareRelease[]; rollouts: FirmwareRollout[] }>(
    "/admin/v1/firmware/overview",
  );
  for (const { version, digest, securityCounter, size: bytes, auditIndex } of releases)
    console.log(`${version}  counter ${securityCounter}  ${bytes} bytes  ${digest}  audit ${auditIndex}`);
  rollouts.forEach(tell);
  if (releases.length === 0) console.log("no release has been published");
}

function tell({ id, state, digest, percentage, stores }: FirmwareRollout): void {
  console.log(`rollout ${id}: ${state}, ${percentage} % of ${stores?.join(", ") ?? "all stores"}, ${digest}`);
}

async function size(): Promise<void> {
  toolchain();
  const file = join(FIRMWARE, "docs/SIZE.md");
  const figures = await measure();
  const document = sizeDocument(figures);
  if (!values.check) {
    console.log(document);
    return writeFileSync(file, document);
  }
  const problems = sizeProblems(readFileSync(file, "utf8"), figures);
  if (problems.length > 0) throw new Error(["docs/SIZE.md is stale: npm run firmware -- size", ...problems].join("\n"));
  console.log("docs/SIZE.md is within 2 % of what is built");
}

function toolchain(): void {
  const missing = ensureToolchain();
  if (missing !== null) throw new Error(missing);
}

function cellOf(): Cell {
  const { cell } = values;
  if (cell !== "us" && cell !== "eu") throw new UsageError("--cell is us or eu");
  return cell;
}

function keysOf(cell: Cell) {
  return cellKeys(cell, keysFile(cell));
}

/** The ops door, as the demo's member of staff for provisioning. */
async function opsOf(cell: Cell): Promise<StaffClient> {
  return staffClient({
    cell,
    origin: values.origin ?? `http://127.0.0.1:${PORTS[cell].ops}`,
    signingJwk: (await keysOf(cell)).outside.staffSigningJwk,
    roles: ["provisioning", "auditor"],
  });
}

function needed(name: "version" | "folder" | "as" | "digest"): string {
  const value = values[name];
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

function count(name: "counter" | "percentage" | "rollout"): number {
  const value = values[name] ?? "";
  if (!/^[0-9]{1,9}$/.test(value)) throw new UsageError(`--${name} is a number`);
  return Number(value);
}
