import type { Cell } from "../../protocol/ids.ts";
import type { Member } from "../checks/platform.ts";
import { LOCKS, type Lock } from "./locks.ts";
import type { WantedRule } from "./lock-rules.ts";

/** The two accounts of a cell (docs/pci-scope.md): the CDE has one of its own, with people of its own. */
export type Account = "platform" | "cde";

interface Common {
  readonly account: Account;
  readonly cell: Cell;
  /** wrangler's arguments, exactly. */
  readonly args: readonly string[];
}

/** One thing that a cell needs before its Workers are deployed. */
export type Step =
  | (Common & { readonly kind: "database"; readonly name: string })
  | (Common & { readonly kind: "bucket"; readonly name: string })
  | (Common & WantedRule & { readonly kind: "lock"; readonly name: string })
  | (Common & {
      readonly kind: "secrets";
      readonly worker: string;
      /** Read by wrangler from standard input, as one JSON object. */
      readonly names: readonly string[];
    });

/**
 * What has to be made for a cell, read from the configurations that the Workers are deployed with: a store that is bound
 * is made, in the cell's own jurisdiction, and nothing else is. A jurisdiction is fixed when a store is made.
 */
export function plan(members: readonly Member[], cell: Cell, locks: readonly Lock[] = LOCKS): Step[] {
  const own = members.filter((member) => member.cell === cell);
  const named = own.flatMap((member) => storesOf(member));
  const stores = named.filter((store, at) => named.findIndex((each) => sameStore(each, store)) === at);
  return [...stores, ...locksOf(stores, cell, locks), ...own.flatMap((member) => secretsOf(member))];
}

export const accountOf = (room: string): Account => (room === "cde" ? "cde" : "platform");

type StoreStep = Extract<Step, { kind: "database" | "bucket" }>;

function storesOf({ room, cell, config }: Member): StoreStep[] {
  const account = accountOf(room);
  const databases = config.databases.map(({ database }) => ({
    kind: "database" as const,
    account,
    cell,
    name: database,
    args: ["d1", "create", database, "--jurisdiction", cell],
  }));
  const buckets = config.buckets.map(({ bucket }) => ({
    kind: "bucket" as const,
    account,
    cell,
    name: bucket,
    args: ["r2", "bucket", "create", bucket, "--jurisdiction", cell],
  }));
  return [...databases, ...buckets];
}

const sameStore = (a: StoreStep, b: StoreStep): boolean =>
  a.kind === b.kind && a.name === b.name && a.account === b.account;

function locksOf(stores: readonly StoreStep[], cell: Cell, locks: readonly Lock[]): Step[] {
  return locks.map(({ bucket, rule, prefix, days }) => {
    const name = `${bucket}-${cell}`;
    const store = stores.find((each) => each.kind === "bucket" && each.name === name);
    if (store === undefined) throw new Error(`the lock ${rule} is for ${name}, which no Worker binds`);
    const until = ["--retention-days", String(days), "--jurisdiction", cell, "--force"];
    return {
      kind: "lock" as const,
      account: store.account,
      cell,
      name,
      rule,
      prefix,
      days,
      args: ["r2", "bucket", "lock", "add", name, rule, prefix, ...until],
    };
  });
}

/** Each is set by the custodian who made it: nobody has both (PCI DSS 3.7.6), so no file does. */
const SHARE = /^KEK_SHARE_[AB]$/;

function secretsOf({ room, cell, config, secrets }: Member): Step[] {
  const { worker } = config;
  const args = ["secret", "bulk", "--name", worker];
  const together = secrets.filter((name) => !SHARE.test(name));
  const apart = secrets.filter((name) => SHARE.test(name)).map((name) => [name]);
  return [together, ...apart]
    .filter((names) => names.length > 0)
    .map((names) => ({ kind: "secrets", account: accountOf(room), cell, worker, names, args }));
}
