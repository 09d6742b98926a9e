import type { Step } from "./plan.ts";

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
      return [
        `# Cell ${cell}, the ${account === "cde" ? "CDE's account" : "platform's account"}`,
        ...sections(here),
      ].join("\n");
    })
    .join("\n\n");
}

function sections(steps: readonly Step[]): string[] {
  return (Object.keys(HEADINGS) as Step["kind"][]).flatMap((kind) => {
    const lines = steps.filter((step) => step.kind === kind).map(line);
    return lines.length === 0 ? [] : ["", `# ${HEADINGS[kind]}`, ...lines];
  });
}

function line(step: Step): string {
  const command = ["npx", "wrangler", ...step.args].map(quoted).join(" ");
  return step.kind === "secrets" ? `${command}   # ${step.names.join(" ")}` : command;
}

const quoted = (word: string): string => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
