import { DurableObject } from "cloudflare:workers";
import { dateIn } from "../../protocol/calendar/date.ts";
import { LAW_CALENDARS } from "../../protocol/calendar/deadlines.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import {
  type ExtensionReason,
  EXTENSION_REASONS,
  IDENTITY_CHECKS,
  type IdentityCheck,
  type PrivacyStatus,
  REFUSAL_LAWS,
  type RefusalLaw,
  type Unfinished,
} from "../../protocol/rooms/privacy.ts";
import type { PrivacyRequestObject } from "../../protocol/rooms/privacy-doors.ts";
import { checkEnv, type Env } from "../env.ts";
import { Serially } from "../serially.ts";
import { alarmAt, KEEP_MS } from "./pace.ts";
import {
  isEnded,
  isLawOf,
  isProved,
  mayConfirm,
  mayExtend,
  mayRefuse,
  meant,
  moved,
  newStanding,
  proved,
  refused,
  type Standing,
  statusOf,
  waiting,
} from "./standing.ts";
import { stepOf } from "./steps.ts";

type Answer = Promise<Result<PrivacyStatus, Unfinished>>;
type StaffAnswer = Promise<Result<PrivacyStatus, Unfinished | "state">>;

/**
 * One privacy request, named by its id, from receipt to its end (PERSONS-20). It knows what is asked and how
 * far it has come, never of whom. Its alarm does the work: whoever crashes is called again, and asks the same store the
 * same thing again.
 */
export class PrivacyRequest extends DurableObject<Env> implements PrivacyRequestObject {
  readonly #turns = new Serially();
  #cached: Standing | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
  }

  /** Takes the request over; again, it is where it stands. */
  start(request: string): Answer {
    return this.#turns.run(async () => {
      const known = this.#standing();
      if (known !== undefined) return ok(statusOf(known));
      const facts = await this.env.RIGHTS.facts(request);
      if (!facts.ok) return facts;
      if (facts.value.outcome !== null) return fail("unknown");
      // Before the first row: a crash after it is called again.
      await this.ctx.storage.setAlarm(Date.now());
      this.#write(newStanding(facts.value));
      const started = await this.env.RIGHTS.started(request);
      if (!started.ok) console.error(JSON.stringify({ event: "privacy_request_not_marked", reason: started.reason }));
      return ok(statusOf(this.#current()));
    });
  }

  async status(request: string): Answer {
    const standing = this.#standing();
    return standing === undefined ? this.start(request) : ok(statusOf(standing));
  }

  checkIdentity(staff: string, how: IdentityCheck): StaffAnswer {
    if (!IDENTITY_CHECKS.includes(how)) throw new RangeError("how is malformed");
    return this.#decided(
      ({ state }) => state === "received",
      async (standing) => {
        const act = await this.#log(`staff:${staff}`, "identity_checked", { how });
        return act === undefined ? undefined : moved(standing, "identity_checked", act, Date.now());
      },
    );
  }

  confirmReceipt(staff: string): StaffAnswer {
    return this.#decided(mayConfirm, async (standing) => {
      const act = await this.#log(`staff:${staff}`, "receipt_confirmed", {});
      if (act === undefined) return undefined;
      const confirmed = dateIn(LAW_CALENDARS[standing.facts.law].timeZone, Date.now());
      return { ...standing, confirmed, acts: [...standing.acts, act] };
    });
  }

  extend(staff: string, reason: ExtensionReason): StaffAnswer {
    if (!EXTENSION_REASONS.includes(reason)) throw new RangeError("reason is malformed");
    const today = (standing: Standing) => dateIn(LAW_CALENDARS[standing.facts.law].timeZone, Date.now());
    return this.#decided(
      (standing) => mayExtend(standing, today(standing)),
      async (standing) => {
        const act = await this.#log(`staff:${staff}`, "extended", { reason });
        if (act === undefined) return undefined;
        return { ...standing, extension: { reason, on: today(standing) }, acts: [...standing.acts, act] };
      },
    );
  }

  refuse(staff: string, law: RefusalLaw): StaffAnswer {
    if (!REFUSAL_LAWS.includes(law)) throw new RangeError("law is malformed");
    return this.#decided(
      (standing) => mayRefuse(standing) && isLawOf(standing, law),
      (standing) => this.#refused(standing, `staff:${staff}`, law),
    );
  }

  override alarm(): Promise<void> {
    return this.#turns.run(async () => {
      const standing = this.#standing();
      if (standing === undefined) return;
      if (standing.ended !== null && Date.now() >= standing.ended + KEEP_MS) {
        await this.ctx.storage.deleteAlarm();
        await this.ctx.storage.deleteAll();
        this.#cached = undefined;
        return;
      }
      try {
        await this.#carryOn();
      } catch (error) {
        // The runtime gives an alarm up after a few failures; a request that is owed must not end with it.
        console.error(
          JSON.stringify({ event: "privacy_request_failed", error: error instanceof Error ? error.name : "" }),
        );
      }
      const at = alarmAt(this.#current(), Date.now());
      if (at !== null) await this.ctx.storage.setAlarm(at);
    });
  }

  /** A decision of staff: allowed as things stand, in the log, then kept; the alarm does what follows. */
  #decided(
    allowed: (standing: Standing) => boolean,
    decide: (standing: Standing) => Promise<Standing | undefined>,
  ): StaffAnswer {
    return this.#turns.run(async () => {
      const standing = this.#standing();
      if (standing === undefined) return fail("unknown");
      if (!allowed(standing)) return fail("state");
      const next = await decide(standing);
      if (next === undefined) return fail("unavailable");
      await this.ctx.storage.setAlarm(Date.now());
      this.#write(next);
      return ok(statusOf(next));
    });
  }

  async #carryOn(): Promise<void> {
    const { facts, state } = this.#current();
    if (state === "received" && facts.checkedBy === "token") await this.#move("identity_checked");
    if (this.#current().state === "identity_checked") await this.#move("running");
    if (this.#current().state === "running") await this.#run();
    if (isEnded(this.#current())) await this.#attachProofs();
  }

  async #run(): Promise<void> {
    for (const { store, state } of this.#current().steps) {
      if (state === "proved") continue;
      const { request, kind } = this.#current().facts;
      this.#write(meant(this.#current(), store, Date.now()));
      const answer = await stepOf(kind, store)(this.env, request).catch((error: unknown) => {
        console.error(
          JSON.stringify({ event: "privacy_step_failed", store, error: error instanceof Error ? error.name : "" }),
        );
        return fail("unavailable");
      });
      if (answer.ok && answer.value.left === 0 && answer.value.store === store) {
        const { outcome, count, left, law, until } = answer.value;
        const held = law === undefined || until === undefined ? {} : { law, until };
        // The log takes no free text: the law is in the status, its last day in both.
        const last = until === undefined ? {} : { until };
        const auditIndex = await this.#log("privacy", "store", { store, outcome, count, left, ...last });
        if (auditIndex !== undefined) {
          this.#write(proved(this.#current(), { store, outcome, count, left, ...held, auditIndex, at: Date.now() }));
          continue;
        }
      }
      this.#write(waiting(this.#current(), store));
      if (!answer.ok && answer.reason === "unknown") return this.#gone();
      if (answer.ok || answer.reason !== "later") return;
    }
    if (!isProved(this.#current())) return;
    const { request } = this.#current().facts;
    // The room's row first: while the object has not said so, nobody sees a request as done that is not.
    if ((await this.env.RIGHTS.ended(request, "done")).ok) await this.#move("done");
  }

  /** The person was erased meanwhile: what is asked of them can't be answered any more. An erasure goes on. */
  async #gone(): Promise<void> {
    const standing = this.#current();
    if (standing.facts.kind === "erasure") return;
    const law = standing.facts.law === "ccpa" ? "ccpa-7060" : "gdpr-11-2";
    const next = await this.#refused(standing, "privacy", law);
    if (next !== undefined) this.#write(next);
  }

  async #refused(standing: Standing, who: string, law: RefusalLaw): Promise<Standing | undefined> {
    const act = await this.#log(who, "refused", { law });
    if (act === undefined) return undefined;
    if (!(await this.env.RIGHTS.ended(standing.facts.request, "refused")).ok) return undefined;
    return refused(standing, law, act, Date.now());
  }

  async #move(to: "identity_checked" | "running" | "done"): Promise<void> {
    const act = await this.#log("privacy", to);
    if (act !== undefined) this.#write(moved(this.#current(), to, act, Date.now()));
  }

  /** Of every act of this request, as far as the log gives them now. */
  async #attachProofs(): Promise<void> {
    const { acts, proofs, unprovable } = this.#current();
    for (const index of acts) {
      if (proofs.some((each) => each.index === index) || unprovable.includes(index)) continue;
      const proof = await this.env.AUDIT.proof(index);
      const now = this.#current();
      if (proof.ok) this.#write({ ...now, proofs: [...now.proofs, { index, proof: proof.value }] });
      else if (proof.reason === "unknown") this.#write({ ...now, unprovable: [...now.unprovable, index] });
    }
  }

  /** In the log before it happens (RULING-09). @returns the entry's index; undefined when the log did not take it */
  async #log(
    who: string,
    act: string,
    detail: Readonly<Record<string, string | number>> = {},
  ): Promise<number | undefined> {
    const { request, subject, kind, law } = this.#current().facts;
    try {
      const logged = await this.env.AUDIT.append({
        who,
        kind: "privacy_request",
        when: Date.now(),
        success: act !== "refused",
        from: "PrivacyRequest",
        // An erasure's record outlives the person's key: beside their commitment it would tie their trips to who asked.
        on: kind === "erasure" ? `request:${request}` : `subject:${subject}`,
        detail: { act, request, asked: kind, under: law, ...detail },
      });
      return logged.ok ? logged.value.index : undefined;
    } catch {
      return undefined;
    }
  }

  #current(): Standing {
    const standing = this.#standing();
    if (standing === undefined) throw new Error("the request has not been started");
    return standing;
  }

  #standing(): Standing | undefined {
    return (this.#cached ??= this.ctx.storage.kv.get<Standing>(KEY));
  }

  #write(standing: Standing): void {
    this.ctx.storage.kv.put(KEY, standing);
    this.#cached = standing;
  }
}

const KEY = "standing";
