import { DurableObject } from "cloudflare:workers";
import { accessLog } from "./audit/access-log.ts";
import { boot, type Env } from "./boot.ts";
import { purge } from "./vault/purge.ts";
import { rewrapInBackground } from "./vault/rotation.ts";

/** What is done in the background, by the cron that asks for it. */
const WORK: Readonly<Record<string, (env: Env, now: number) => Promise<unknown>>> = {
  "17 * * * *": (env, now) =>
    Promise.all([purge({ log: accessLog(env), database: env.VAULT, now }), pruneLog(env, now)]),
  "* * * * *": async (env, now) => {
    const { keks } = await boot(env);
    await rewrapInBackground({ log: accessLog(env), database: env.VAULT, cell: env.CELL, keks, now });
  },
};

/** Until nothing more is to go, and never more than a cron's time allows. */
async function pruneLog(env: Env, now: number): Promise<void> {
  for (let left = 10; left > 0; left -= 1) {
    const { from, to } = await accessLog(env).prune(now);
    if (from === to) return;
  }
}

/** Pause before work that failed is tried again. */
const AGAIN_MS = 60_000;
const OWED = "owed";

/**
 * Does the vault's background work. A cron trigger runs anywhere in the world, and this work reads card data: so the
 * cron only nudges this object, which lives where the cell does. Work that failed is owed, and its alarm does it.
 */
export class Housekeeping extends DurableObject<Env> {
  /** @throws Error for a cron that the table does not have: an unknown one is never a default. */
  async nudge(cron: string, now: number): Promise<void> {
    const work = WORK[cron];
    if (work === undefined) throw new Error(`no work for cron ${cron}`);
    try {
      await work(this.env, now);
    } catch (error) {
      console.error(JSON.stringify({ event: "housekeeping_failed", cron, error: (error as Error).name }));
      const owed = (await this.ctx.storage.get<string[]>(OWED)) ?? [];
      await this.ctx.storage.put(OWED, [...new Set([...owed, cron])]);
      await this.ctx.storage.setAlarm(now + AGAIN_MS);
    }
  }

  override async alarm(): Promise<void> {
    const owed = (await this.ctx.storage.get<string[]>(OWED)) ?? [];
    await this.ctx.storage.delete(OWED);
    for (const cron of owed) await this.nudge(cron, Date.now());
  }
}

/**
 * The one object, pinned to the cell when deployed and plain only when the configuration says `local`.
 * @throws Error when JURISDICTION is neither.
 */
export function housekeeping(env: Env): { nudge(cron: string, now: number): Promise<void> } {
  const namespace = env.HOUSEKEEPING as unknown as DurableObjectNamespace<Housekeeping>;
  if (env.JURISDICTION === "local") return namespace.getByName("vault");
  if (env.JURISDICTION !== env.CELL || (env.CELL !== "us" && env.CELL !== "eu"))
    throw new Error(`JURISDICTION ${env.JURISDICTION} is not cell ${env.CELL}`);
  return namespace.jurisdiction(env.CELL as DurableObjectJurisdiction).getByName("vault");
}
