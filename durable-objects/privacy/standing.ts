import type { CalendarDate } from "../../protocol/calendar/date.ts";
import { deadlinesOf } from "../../protocol/calendar/deadlines.ts";
import type {
  ExtensionReason,
  PrivacyFacts,
  PrivacyKind,
  PrivacyState,
  PrivacyStatus,
  RefusalLaw,
} from "../../protocol/rooms/privacy.ts";
import type { DataStore, StoreProof, StoreStep } from "../../protocol/rooms/privacy-stores.ts";

/**
 * The stores that a request concerns, in the order that they are asked. For an erasure: what leads elsewhere goes last,
 * the key last of the person's own, and the log's salts are shredded with it.
 */
export const STEPS: Readonly<Record<PrivacyKind, readonly DataStore[]>> = {
  access: ["sessions", "receipts", "entities", "persons"],
  correction: ["persons", "recipients"],
  erasure: ["sessions", "vault", "receipts", "telemetry", "recipients", "entities", "persons", "person_keys", "audit"],
};

/** All that a request's object keeps: whose it is, it never knows. */
export interface Standing {
  readonly facts: PrivacyFacts;
  readonly state: PrivacyState;
  readonly extension: { readonly reason: ExtensionReason; readonly on: CalendarDate } | null;
  readonly refusal: RefusalLaw | null;
  /** The day that staff confirmed a letter's receipt. */
  readonly confirmed?: CalendarDate;
  readonly steps: readonly (StoreStep & { readonly since: number | null })[];
  readonly acts: readonly number[];
  readonly proofs: readonly { readonly index: number; readonly proof: string }[];
  /** Acts whose proof the log has said that it will never give. */
  readonly unprovable: readonly number[];
  readonly ended: number | null;
}

export function newStanding(facts: PrivacyFacts): Standing {
  return {
    facts,
    state: "received",
    extension: null,
    refusal: null,
    steps: STEPS[facts.kind].map((store) => ({ store, state: "open", tries: 0, proof: null, since: null })),
    acts: [],
    proofs: [],
    unprovable: [],
    ended: null,
  };
}

/** A transition, with the entry that it has in the audit log. */
export function moved(standing: Standing, to: PrivacyState, act: number, now: number): Standing {
  const ended = to === "done" || to === "refused" ? now : null;
  return { ...standing, state: to, acts: [...standing.acts, act], ended };
}

export function refused(standing: Standing, law: RefusalLaw, act: number, now: number): Standing {
  return { ...moved(standing, "refused", act, now), refusal: law };
}

/** The intent, kept before the store is asked. */
export function meant(standing: Standing, store: DataStore, now: number): Standing {
  return withStep(standing, store, (step) => ({
    ...step,
    state: "running",
    tries: step.tries + 1,
    since: step.since ?? now,
  }));
}

/** The store did not answer, or has not finished: it is asked again. */
export function waiting(standing: Standing, store: DataStore): Standing {
  return withStep(standing, store, (step) => ({ ...step, state: "waiting" }));
}

/** @throws RangeError for a proof that leaves something: no store is done before it says that nothing is left */
export function proved(standing: Standing, proof: StoreProof): Standing {
  if (proof.left !== 0) throw new RangeError(`${proof.store} has something left`);
  const next = withStep(standing, proof.store, (step) => ({ ...step, state: "proved", proof }));
  return { ...next, acts: [...next.acts, proof.auditIndex] };
}

export function isProved({ steps }: Standing): boolean {
  return steps.every(({ state }) => state === "proved");
}

export function isEnded({ state }: Standing): boolean {
  return state === "done" || state === "refused";
}

/**
 * Staff may refuse before anything was done; nothing can be taken back after. A store that was asked to erase or to
 * correct may have done it, even when its answer never came; one that was asked for a copy has changed nothing.
 */
export function mayRefuse({ facts, steps, state }: Standing): boolean {
  if (state === "done" || state === "refused") return false;
  return steps.every((step) => (facts.kind === "access" ? step.state !== "proved" : step.since === null));
}

/** Once, inside the first period (GDPR Art. 12(3); Cal. Civ. Code 1798.130(a)(2)(A)). */
export function mayExtend(standing: Standing, today: CalendarDate): boolean {
  const { law, receivedOn } = standing.facts;
  return !isEnded(standing) && standing.extension === null && today <= deadlinesOf(law, receivedOn, false).extendUntil;
}

/** A letter under the CCPA, whose receipt is still to be confirmed (Cal. Code Regs. tit. 11, 7021(a)). */
export function mayConfirm(standing: Standing): boolean {
  const { confirmBy, confirmedOn } = statusOf(standing);
  return !isEnded(standing) && confirmBy !== null && confirmedOn === null;
}

/** A law of the refusal's own kind: nobody is refused under another jurisdiction's. */
export function isLawOf(standing: Standing, law: RefusalLaw): boolean {
  return law.startsWith("ccpa") === (standing.facts.law === "ccpa");
}

/** For the app and for staff. */
export function statusOf(standing: Standing): PrivacyStatus {
  const { facts, state, extension, refusal, steps, acts, proofs, ended } = standing;
  const { request, kind, law, receivedOn } = facts;
  const { statutory, target, confirmBy } = deadlinesOf(law, receivedOn, extension !== null);
  return {
    request,
    kind,
    law,
    state,
    receivedOn,
    deadline: statutory,
    target,
    confirmBy,
    confirmedOn: confirmBy === null ? null : facts.checkedBy === "token" ? receivedOn : (standing.confirmed ?? null),
    extension,
    refusal,
    steps: steps.map(({ store, state: step, tries, proof }) => ({ store, state: step, tries, proof })),
    stays: steps.flatMap(({ store, proof }) =>
      proof?.law === undefined || proof.until === undefined ? [] : [{ store, law: proof.law, until: proof.until }],
    ),
    acts,
    proofs,
    ended,
  };
}

type Step = Standing["steps"][number];

function withStep(standing: Standing, store: DataStore, change: (step: Step) => Step): Standing {
  return { ...standing, steps: standing.steps.map((step) => (step.store === store ? change(step) : step)) };
}
