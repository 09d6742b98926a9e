import type { Cell } from "../../protocol/ids.ts";
import type { Source } from "../checks/imports.ts";
import type { Member } from "../checks/platform.ts";
import { scopeProblems } from "../checks/scope.ts";
import { plan } from "../provision/plan.ts";

/** What holds a cell's data, how it is pinned, and by which Worker it is bound. */
export interface PinnedStore {
  readonly kind: "database" | "bucket" | "object";
  readonly name: string;
  readonly worker: string;
  readonly pinnedBy: string;
}

/** The modules that hand out stubs of objects; each pins to the cell (docs/architecture.md, Cells). */
const PINNING = new Set(["protocol/rooms/objects.ts"]);
/** The CDE is another account and imports no room's code: it pins by itself. */
const PINS_ITSELF = /^workers\/cde\//;
const STUB = /\.(?:getByName|idFromName|idFromString|newUniqueId)\(/;

/** Every store that a cell's deployed configuration binds, and what keeps it in the cell's jurisdiction. */
export function pinnedStores(members: readonly Member[], cell: Cell): PinnedStore[] {
  return members
    .filter((member) => member.cell === cell)
    .flatMap(({ config }) => [
      ...config.databases.map(({ database }) => ({
        kind: "database" as const,
        name: database,
        worker: config.worker,
        pinnedBy: `created with --jurisdiction ${cell}`,
      })),
      ...config.buckets.map(({ bucket, jurisdiction }) => ({
        kind: "bucket" as const,
        name: bucket,
        worker: config.worker,
        pinnedBy: `created with --jurisdiction ${cell}, bound with jurisdiction ${jurisdiction ?? "none"}`,
      })),
      ...config.objects.map(({ className }) => ({
        kind: "object" as const,
        name: className,
        worker: config.worker,
        pinnedBy: `every stub by namespace.jurisdiction("${cell}")`,
      })),
    ]);
}

/**
 * Why the deployed configurations do not keep a cell's data where it belongs; nothing: they do. A store is made in the
 * cell's jurisdiction by the commands of `npm run provision`, bound in it, and shared with no other cell; an object's stub
 * comes from a namespace that is pinned; nothing is bound that can't be pinned (KV, queues, Analytics Engine).
 */
export function residencyProblems(members: readonly Member[], code: readonly Source[], cell: Cell): string[] {
  const steps = plan(members, cell);
  const made = new Set(steps.filter((step) => madeIn(step.args, cell)).map((step) => step.args.join(" ")));
  const notMade = pinnedStores(members, cell)
    .filter(({ kind, name }) => kind !== "object" && !made.has(createCommand(kind, name, cell)))
    .map(({ kind, name }) => `the ${kind} ${name} is not created in jurisdiction ${cell}`);
  return [...scopeProblems(members), ...notMade, ...stubProblems(code)];
}

const madeIn = (args: readonly string[], cell: Cell): boolean =>
  args.includes("create") && args[args.indexOf("--jurisdiction") + 1] === cell;

const createCommand = (kind: PinnedStore["kind"], name: string, cell: Cell): string =>
  `${kind === "database" ? "d1" : "r2 bucket"} create ${name} --jurisdiction ${cell}`;

/** Stubs that are taken anywhere else than where they are pinned. */
function stubProblems(code: readonly Source[]): string[] {
  return code
    .filter(
      ({ path }) =>
        /^(?:workers|durable-objects|protocol)\//.test(path) && !/(?:\.test\.ts$|\/test(?:-inside)?\/)/.test(path),
    )
    .filter(({ path }) => !PINNING.has(path))
    .flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, at) => {
        if (!STUB.test(line)) return [];
        const pinned = /\.jurisdiction\([^)]+\)\.getByName\(/.test(line) || /JURISDICTION === "local"/.test(line);
        return PINS_ITSELF.test(path) && pinned ? [] : [`${path}:${at + 1} takes an object's stub without pinning it`];
      }),
    );
}
