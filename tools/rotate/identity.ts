import { keyRing } from "../../workers/identity/key-ring.ts";
import type { IdentityKey, KeyUse, RotationStep } from "../../protocol/rooms/key-rotation.ts";
import type { StaffClient } from "../staff/client.ts";

/** The two secrets that come in rings (decision 0019). */
const SECRETS = { IDENTITY_KEK: "wrapping", IDENTITY_INDEX_KEY: "index" } as const;
type SecretName = keyof typeof SECRETS;
export type IdentitySecrets = Readonly<Record<SecretName, string>>;

export interface IdentityRotation {
  readonly ops: StaffClient;
  readonly secrets: () => Promise<IdentitySecrets>;
  /** Deploys other secrets to the identity room; everything else goes on. */
  readonly deploy: (secrets: IdentitySecrets) => Promise<void>;
  readonly say: (line: string) => void;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What still needs an older version, a line each; empty when the rotation has come to its end. */
export type Waiting = readonly string[];

export interface Rotated {
  readonly waiting: Waiting;
  /** Entries in the audit log: all that was ever done to a version of the keys, and what this call moved. */
  readonly ceremonies: readonly number[];
}

/** Calls before the tool gives up on a cell that does not take the new secret. */
const TRIES = 60;
const TRY_MS = 1_000;
const MOST_STEPS = 100_000;

/**
 * A rotation from where it stands to where it can go: a new version is made known, writes, what is older is moved, and
 * what nothing needs is retired and taken away. Called again it goes on; with nothing under way it begins.
 */
export async function rotateIdentity(cell: IdentityRotation): Promise<Rotated> {
  let secrets = await cell.secrets();
  if (versionsIn(secrets).every(({ size }) => size === 1)) {
    secrets = changed(secrets, introduced);
    await bring(cell, secrets, "known; nothing writes with it yet");
  }
  const active = changed(secrets, activated);
  if (active.IDENTITY_KEK !== secrets.IDENTITY_KEK || active.IDENTITY_INDEX_KEY !== secrets.IDENTITY_INDEX_KEY) {
    secrets = active;
    await bring(cell, secrets, "writing what is new");
  }
  const moves = await walk(cell);
  const waiting = await retireOlder(cell, secrets);
  if (waiting.length === 0) await bring(cell, changed(secrets, alone), "alone; the older keys are taken away");
  const acts = (await usesOf(cell.ops)).flatMap(({ ceremonies }) => ceremonies.map(({ auditIndex }) => auditIndex));
  return { waiting, ceremonies: [...acts, ...moves] };
}

/** How it stands, a line a version. */
export async function describeIdentity(ops: StaffClient): Promise<readonly string[]> {
  const uses = await usesOf(ops);
  return uses.map(({ key, version, state, left }) => `${key} key ${version}: ${state}; ${countsOf(left)}`);
}

async function bring(cell: IdentityRotation, secrets: IdentitySecrets, what: string): Promise<void> {
  await cell.deploy(secrets);
  let last = "";
  for (let tries = 0; tries < TRIES; tries += 1) {
    // Between two deployments the room may not answer: only that it goes on is a failure, and the last error says why.
    last = "";
    const uses = await usesOf(cell.ops).catch((error: unknown) => {
      last = error instanceof Error ? error.message : String(error);
      return null;
    });
    if (uses !== null && isDeployed(uses, secrets)) {
      for (const [name, key] of entries()) {
        const { versions } = keyRing(name, secrets[name]);
        cell.say(`${key} key ${Math.max(...versions.keys())} is ${what}.`);
      }
      return;
    }
    await cell.sleep(TRY_MS);
  }
  const why = last === "" ? "" : ` (last answer: ${last})`;
  throw new Error(`the identity room does not take the new secrets; is the platform running?${why}`);
}

/** Whether the room that answers has these very rings. */
function isDeployed(uses: readonly KeyUse[], secrets: IdentitySecrets): boolean {
  return entries().every(([name, key]) => {
    const { current, versions } = keyRing(name, secrets[name]);
    const states = new Map(uses.filter((use) => use.key === key).map(({ version, state }) => [version, state]));
    return [...versions.keys()].every((version) => {
      const state = states.get(version);
      return version === current ? state === "writes" : state === "reads" || state === "retired";
    });
  });
}

/** @returns entries of the audit log */
async function walk({ ops, say }: IdentityRotation): Promise<readonly number[]> {
  const moves: number[] = [];
  let [from, moved, stuck]: [string | null, number, number] = [null, 0, 0];
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const step: RotationStep = await ops.post("/admin/v1/identity-keys/rotation", { from });
    if (step.auditIndex !== null) moves.push(step.auditIndex);
    moved += step.moved;
    stuck += step.stuck;
    from = step.next;
    if (from === null) break;
  }
  say(`moved ${moved}${stuck === 0 ? "" : `; ${stuck} do not open or are not kept, and stay`}`);
  return moves;
}

/** Only what is counted as nothing, and not within a minute after the newer began to write. */
async function retireOlder({ ops, say, sleep }: IdentityRotation, secrets: IdentitySecrets): Promise<Waiting> {
  const waiting: string[] = [];
  for (const [name, key] of entries()) {
    const { current, versions } = keyRing(name, secrets[name]);
    for (const version of versions.keys()) {
      if (version === current) continue;
      await settled(ops, key, current, { say, sleep });
      const [use] = (await usesOf(ops)).filter((each) => each.key === key && each.version === version);
      const left = use?.left ?? {};
      if (Object.keys(left).length > 0) waiting.push(`${key} key ${version}: ${countsOf(left)}`);
      else if (use?.state !== "retired") {
        await ops.post("/admin/v1/identity-keys/retirement", { key, version });
        say(`${key} key ${version} is retired.`);
      }
    }
  }
  return waiting;
}

const SETTLED_MS = 61_000;

async function settled(
  ops: StaffClient,
  key: IdentityKey,
  version: number,
  { say, sleep }: Pick<IdentityRotation, "say" | "sleep">,
): Promise<void> {
  const [use] = (await usesOf(ops)).filter((each) => each.key === key && each.version === version);
  const wait = (use?.activated ?? Date.now()) + SETTLED_MS - Date.now();
  if (wait <= 0) return;
  say(`waiting ${Math.ceil(wait / 1000)} s: whoever still has the older configuration may write under it`);
  await sleep(wait);
}

const usesOf = (ops: StaffClient): Promise<readonly KeyUse[]> => ops.get("/admin/v1/identity-keys");
const entries = () => Object.entries(SECRETS) as [SecretName, IdentityKey][];

function countsOf(left: Readonly<Record<string, number>>): string {
  const counts = Object.entries(left).map(([place, count]) => `${count} ${place}`);
  return counts.length === 0 ? "nothing is under it" : counts.join(", ");
}

type Ring = ReturnType<typeof keyRing>;

function versionsIn(secrets: IdentitySecrets): readonly Ring["versions"][] {
  return entries().map(([name]) => keyRing(name, secrets[name]).versions);
}

function changed(secrets: IdentitySecrets, change: (ring: Ring) => Ring): IdentitySecrets {
  const made = entries().map(([name]) => [name, textOf(change(keyRing(name, secrets[name])))]);
  return Object.fromEntries(made) as unknown as IdentitySecrets;
}

function introduced({ current, versions }: Ring): Ring {
  const next = Math.max(...versions.keys()) + 1;
  return { current, versions: new Map([...versions, [next, crypto.getRandomValues(new Uint8Array(32))]]) };
}

const activated = ({ versions }: Ring): Ring => ({ current: Math.max(...versions.keys()), versions });
const alone = ({ current, versions }: Ring): Ring => ({
  current,
  versions: new Map([...versions].filter(([version]) => version === current)),
});

function textOf({ current, versions }: Ring): string {
  return [...versions]
    .toSorted(([a], [b]) => a - b)
    .map(([version, key]) => `${version}${version === current ? "*" : ""}:${Buffer.from(key).toString("base64")}`)
    .join(",");
}
