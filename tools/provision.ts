// `npm run provision`: the wrangler commands that make a cell's databases, buckets, locks and secrets, from the very
// configurations that its Workers are deployed with. Printed; with --run they are run, and what is there already stays.
// At the end the commands that are left for a person: certificates, tables and Workers, in the order that bindings need.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platform } from "./checks/platform.ts";
import { cellOf, FLAG, mustExist, oneOf, readCommand, runCommand, TEXT, UsageError } from "./command-line.ts";
import { CELLS } from "./platform/state.ts";
import { bar } from "./progress.ts";
import { carryOut } from "./provision/carry-out.ts";
import { remaining } from "./provision/deploy.ts";
import { shown, shownRemaining } from "./provision/print.ts";
import { plan, type Account, type Step } from "./provision/plan.ts";
import { readSecrets } from "./provision/secrets.ts";
import { wranglerIn } from "./provision/wrangler.ts";

/** The CDE first: the platform calls it. */
const ACCOUNTS: readonly Account[] = ["cde", "platform"];

const USAGE = `npm run provision -- [options]
  --cell us|eu             one cell (both)
  --account platform|cde   one of the cell's two accounts (both; --run needs one)
  --run                    run the commands: CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID are the account's
  --secrets FILE           JSON object of secrets by name, for --run; without it no secret is set
  --json                   the steps as JSON`;

const { cells, account, run, secrets, json } = options();
await runCommand(USAGE, async () => {
  const members = platform();
  const steps = cells
    .flatMap((cell) => plan(members, cell))
    .filter((step) => account === null || step.account === account);
  if (run) await runAll(steps, secrets);
  else console.log(json ? JSON.stringify(steps, null, 2) : shown(steps));
  if (json && !run) return;
  for (const cell of cells)
    for (const each of account === null ? ACCOUNTS : [account])
      console.log(`\n${shownRemaining(cell, each, remaining(members, cell, each))}`);
});

function options() {
  const known = { cell: TEXT, account: TEXT, run: FLAG, secrets: TEXT, json: FLAG };
  return readCommand({ usage: USAGE, options: known }, (values) => {
    const cells = values.cell === undefined ? CELLS : [cellOf(values.cell)];
    const account: Account | null = values.account === undefined ? null : oneOf("--account", values.account, ACCOUNTS);
    if (values.run && (values.cell === undefined || account === null))
      throw new UsageError("--run is for one cell and one account");
    mustExist("file", values.secrets);
    return { ...values, cells, account, secrets: values.secrets ?? null };
  });
}

async function runAll(steps: readonly Step[], secretsFile: string | null): Promise<void> {
  for (const name of ["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID"])
    if ((process.env[name] ?? "") === "") throw new Error(`${name} is not set: --run needs the account's`);
  const secrets = secretsFile === null ? {} : readSecrets(readFileSync(secretsFile, "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "cartwright-provision-"));
  const progress = bar(steps.length, "steps");
  try {
    const { outcomes, databaseIds } = await carryOut(steps, wranglerIn(folder, {}), secrets, (step, outcome) =>
      progress.tick(`${step.kind === "secrets" ? step.worker : step.name}: ${outcome}`),
    );
    progress.done();
    for (const [name, id] of Object.entries(databaseIds)) console.log(`${name}: database_id = "${id}"`);
    for (const { step, outcome } of outcomes)
      if (outcome === "no value" && step.kind === "secrets")
        console.log(`${step.worker} was not given: ${step.names.join(", ")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
