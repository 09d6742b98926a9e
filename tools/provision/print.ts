import type { Cell } from "../../protocol/ids.ts";
import type { Remaining } from "./deploy.ts";
import type { Account, Step } from "./plan.ts";

const HEADINGS: Readonly<Record<Step["kind"], string>> = {
  database: "Databases: run and store within the jurisdiction, which is fixed when one is made",
  bucket: "Buckets: the same",
  lock: "Locks: what lies below the prefix can't be changed or removed before its time",
  secrets: "Secrets: one JSON object by name on standard input, from where the keys are kept; never a file that stays",
};

/** The commands as a person runs them, by cell, account and kind. */
export function shown(steps: readonly Step[]): string {
  const places = [...new Set(steps.map(({ cell, account }) => `${cell} ${account}`))];
  return places
    .map((place) => {
      const here = steps.filter(({ cell, account }) => `${cell} ${account}` === place);
      const [cell, account] = place.split(" ");
      return [`# Cell ${cell}, the ${ownerOf(account)}`, ...sections(here)].join("\n");
    })
    .join("\n\n");
}

/** What a person does after those, as `docs/deploying.md` says it whole. */
export function shownRemaining(cell: Cell, account: Account, left: readonly Remaining[]): string {
  const parts = left.flatMap(({ heading, commands }) => ["", `# ${heading}`, ...commands.map(command)]);
  return [`# Cell ${cell}, the ${ownerOf(account)}: what is left, in this order (docs/deploying.md)`, ...parts].join(
    "\n",
  );
}

const ownerOf = (account: string | undefined): string => (account === "cde" ? "CDE's account" : "platform's account");

function sections(steps: readonly Step[]): string[] {
  return (Object.keys(HEADINGS) as Step["kind"][]).flatMap((kind) => {
    const lines = steps.filter((step) => step.kind === kind).map(line);
    return lines.length === 0 ? [] : ["", `# ${HEADINGS[kind]}`, ...lines];
  });
}

function line(step: Step): string {
  const words = command(step.args);
  return step.kind === "secrets" ? `${words}   # ${step.names.join(" ")}` : words;
}

const command = (args: readonly string[]): string => ["npx", "wrangler", ...args].map(quoted).join(" ");

const quoted = (word: string): string => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
