import type { Cell } from "../../protocol/ids.ts";
import { hasRule, readLockRules, type LockRule } from "./lock-rules.ts";
import type { Step } from "./plan.ts";
import type { Ran, Wrangler } from "./wrangler.ts";

/** The R2 API's error for a bucket that is not there. */
const NO_SUCH_BUCKET = 10006;

/** Where a bucket can be: in a cell's jurisdiction, or in none. */
const PLACES: readonly (Cell | null)[] = ["us", "eu", null];

export type Outcome = "made" | "there" | "set" | "no value";

/** What was done, and the id of each database, which its Worker's configuration must name. */
export interface CarriedOut {
  readonly outcomes: readonly { readonly step: Step; readonly outcome: Outcome }[];
  readonly databaseIds: Readonly<Record<string, string>>;
}

/**
 * Carries a plan out against one account, in order; what is there already stays. Stops at the first thing that is wrong:
 * above all at a store of the right name in another jurisdiction, as that can't be mended by anything but its removal.
 * @param secrets values by name; a step of which one is missing sets none, and is said
 * @throws Error naming the step; run again to go on
 */
export async function carryOut(
  steps: readonly Step[],
  wrangler: Wrangler,
  secrets: Readonly<Record<string, string>>,
  onStep: (step: Step, outcome: Outcome) => void = () => {},
): Promise<CarriedOut> {
  const outcomes: { step: Step; outcome: Outcome }[] = [];
  for (const step of steps) {
    const outcome = await carry(step, wrangler, secrets);
    outcomes.push({ step, outcome });
    onStep(step, outcome);
  }
  const made = steps.filter((step) => step.kind === "database");
  const listed = made.length === 0 ? [] : await databases(wrangler);
  const ids = made.map(({ name, cell }) => [name, judged(listed, name, cell)?.uuid ?? missing(name)] as const);
  return { outcomes, databaseIds: Object.fromEntries(ids) };
}

async function carry(step: Step, wrangler: Wrangler, secrets: Readonly<Record<string, string>>): Promise<Outcome> {
  switch (step.kind) {
    case "database": {
      if (judged(await databases(wrangler), step.name, step.cell) !== undefined) return "there";
      done(step, await wrangler(step.args));
      return "made";
    }
    case "bucket": {
      if (await bucketThere(wrangler, step.name, step.cell)) return "there";
      done(step, await wrangler(step.args));
      return "made";
    }
    case "lock": {
      const locked = async () => hasRule((await lockRules(wrangler, step.name, step.cell)) ?? [], step.name, step);
      if (await locked()) return "there";
      done(step, await wrangler(step.args));
      if (!(await locked())) throw new Error(`the lock rule ${step.rule} of ${step.name} was set, but is not listed`);
      return "set";
    }
    case "secrets": {
      const values = step.names.map((name) => [name, secrets[name] ?? ""] as const);
      if (values.some(([, value]) => value === "")) return "no value";
      done(step, await wrangler(step.args, JSON.stringify(Object.fromEntries(values))));
      return "set";
    }
  }
}

interface Database {
  readonly name: string;
  readonly uuid: string;
  readonly jurisdiction?: string | null;
}

async function databases(wrangler: Wrangler): Promise<readonly Database[]> {
  const ran = await wrangler(["d1", "list", "--json"]);
  const start = ran.stdout.indexOf("[");
  if (ran.status !== 0 || start < 0) throw new Error(`wrangler d1 list: ${lastLine(ran)}`);
  return JSON.parse(ran.stdout.slice(start)) as Database[];
}

/** @throws Error when a database of this name is elsewhere, or does not say where it is */
function judged(listed: readonly Database[], name: string, cell: Cell): Database | undefined {
  const database = listed.find((each) => each.name === name);
  if (database !== undefined && database.jurisdiction === undefined)
    throw new Error(
      `${name} exists, but wrangler d1 list does not tell its jurisdiction: it is not taken for one in ${cell}`,
    );
  if (database !== undefined && database.jurisdiction !== cell)
    throw new Error(
      `${name} exists with jurisdiction ${database.jurisdiction ?? "none"}, not ${cell}: remove it, it can't be moved`,
    );
  return database;
}

/**
 * Whether the cell's bucket is there. No command of wrangler tells a bucket's jurisdiction, so it is asked for in each: it
 * has to be found in the cell's own and in no other place.
 * @throws Error when it is elsewhere, or in more places than one, so that nobody can tell where objects would go
 */
async function bucketThere(wrangler: Wrangler, bucket: string, cell: Cell): Promise<boolean> {
  const found: string[] = [];
  for (const place of PLACES)
    if ((await lockRules(wrangler, bucket, place)) !== undefined) found.push(place ?? "no jurisdiction");
  const elsewhere = found.filter((place) => place !== cell);
  if (elsewhere.length === 0) return found.length > 0;
  if (found.includes(cell))
    throw new Error(`${bucket} is found in ${cell} and in ${elsewhere.join(" and ")}: it does not tell where it is`);
  throw new Error(`${bucket} exists in ${elsewhere.join(" and ")}, not ${cell}: remove it, it can't be moved`);
}

/**
 * A bucket's lock rules; undefined when there is no such bucket in the jurisdiction. Asked of the bucket itself, as a list
 * of buckets ends after its first page.
 */
async function lockRules(
  wrangler: Wrangler,
  bucket: string,
  place: Cell | null,
): Promise<readonly LockRule[] | undefined> {
  const where = place === null ? [] : ["--jurisdiction", place];
  const ran = await wrangler(["r2", "bucket", "lock", "list", bucket, ...where]);
  if (ran.status === 0) return readLockRules(ran.stdout);
  if (`${ran.stdout}${ran.stderr}`.includes(`[code: ${NO_SUCH_BUCKET}]`)) return undefined;
  throw new Error(`wrangler r2 bucket lock list ${bucket}: ${lastLine(ran)}`);
}

function done(step: Step, ran: Ran): void {
  if (ran.status !== 0) throw new Error(`wrangler ${step.args.join(" ")}: ${lastLine(ran)}`);
}

function missing(name: string): never {
  throw new Error(`${name} was made, but is not listed`);
}

/** What wrangler says of a failure, without its banner and the place of its log. */
function lastLine({ stdout, stderr }: Ran): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.find((line) => line.includes("[ERROR]")) ?? lines.findLast((line) => line !== "") ?? "no answer";
}
