import { DurableObject } from "cloudflare:workers";
import { checkEnv, type Env, privacyObject } from "../env.ts";
import { deliverNotices } from "./notices.ts";

/** Pause before what failed, or what was more than one run takes, is done. */
const AGAIN_MS = 60_000;
/** Calls for what recipients are owed in one run. */
const CALLS = 20;

/**
 * Starts requests that were taken and whose object was never called, and carries notices of corrections that were made
 * in the app. A cron runs anywhere in the world, so it only nudges this one object, which lives where the cell does.
 */
export class PrivacyDesk extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
  }

  async nudge(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now());
  }

  override async alarm(): Promise<void> {
    let again = true;
    try {
      again = await this.#look();
    } catch (error) {
      console.error(JSON.stringify({ event: "privacy_desk_failed", error: error instanceof Error ? error.name : "" }));
    }
    if (again) await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
  }

  /** @returns whether something is owed still */
  async #look(): Promise<boolean> {
    const waiting = await this.env.RIGHTS.unstarted();
    if (!waiting.ok) return true;
    let started = 0;
    for (const request of waiting.value) {
      const begun = await privacyObject(this.env, request).start(request);
      // Taken over before, but not marked: marked now.
      if (begun.ok && (await this.env.RIGHTS.started(request)).ok) started += 1;
    }
    return (await this.#tell()) || started < waiting.value.length;
  }

  /** @returns whether a recipient is owed something still: a call gives a few of each, so it is asked until there are none */
  async #tell(): Promise<boolean> {
    for (let calls = 0; calls < CALLS; calls += 1) {
      const owed = await this.env.RIGHTS.owedNotices();
      if (!owed.ok) return true;
      if (owed.value.length === 0) return false;
      if ((await deliverNotices(this.env, owed.value)) < owed.value.length) return true;
    }
    return true;
  }
}
