import type { RunningCell } from "../../tools/platform/cell.ts";
import type { Host } from "../../tools/platform/rooms.ts";

export const PHASES = ["unlock", "open", "identify", "scan", "checkout", "payment", "close"] as const;
export type Phase = (typeof PHASES)[number];

/** One power cut: in the call of this phase with this number, when so much of the call's usual time has gone. */
export interface Strike {
  readonly phase: Phase;
  /** 0 for the phase's first call in the run. */
  readonly call: number;
  readonly host: Host;
  /** 0 to 1. */
  readonly moment: number;
}

/**
 * Chance decides which calls are struck and when; how many of each phase is given, so none is left out.
 * @param calls how many calls of the phase are sure to come
 * @param payEvery every so many strikes it is the CDE's process, where the phase reaches it
 */
export function planStrikes(
  wanted: Readonly<Record<Phase, { readonly strikes: number; readonly calls: number }>>,
  payEvery: number,
  random: () => number,
): Strike[] {
  const plan = PHASES.flatMap((phase) => {
    const { strikes, calls } = wanted[phase];
    const numbers = Array.from({ length: calls }, (_, call) => ({ call, order: random() }));
    numbers.sort((a, b) => a.order - b.order);
    // Every other one early in the call, so that most fall before its answer on a machine of any speed.
    return numbers
      .slice(0, strikes)
      .map(({ call }, i) => ({ phase, call, moment: random() * (i % 2 === 0 ? 0.3 : 1) }));
  });
  const reachesPay = (phase: Phase) => phase === "identify" || phase === "payment";
  return plan.map((strike, i) => ({
    ...strike,
    host: reachesPay(strike.phase) && i % payEvery === 0 ? ("pay" as const) : ("platform" as const),
  }));
}

/** Cuts a cell's power in the middle of calls, as planned, and switches it on again. */
export class Striker {
  readonly #cell: RunningCell;
  readonly #plan: readonly Strike[];
  readonly #calls = new Map<Phase, number>();
  readonly #usualMs = new Map<Phase, number>();
  #recovered: Promise<void> = Promise.resolve();
  #up = true;
  /** Power cuts so far, and how many of them the call under way did not survive. */
  readonly done: { readonly strike: Strike; readonly interrupted: boolean }[] = [];

  constructor(cell: RunningCell, plan: readonly Strike[]) {
    this.#cell = cell;
    this.#plan = plan;
  }

  /** Makes a call, and strikes in the middle of it if that is planned. The call must outlast the power cut. */
  async during<T>(phase: Phase, call: () => Promise<T>): Promise<T> {
    const number = this.#calls.get(phase) ?? 0;
    this.#calls.set(phase, number + 1);
    const strike = this.#plan.find((each) => each.phase === phase && each.call === number);
    if (strike === undefined) return this.#timed(phase, call);
    const before = this.#recovered;
    const turn = before.then(() => this.#struck(strike, call));
    this.#recovered = turn.then(({ recovered }) => recovered);
    const { answer } = await turn;
    return answer;
  }

  async #timed<T>(phase: Phase, call: () => Promise<T>): Promise<T> {
    const strikes = this.done.length;
    const calm = this.#up;
    const begin = performance.now();
    const answer = await call();
    if (calm && this.done.length === strikes) this.#usualMs.set(phase, performance.now() - begin);
    return answer;
  }

  async #struck<T>(strike: Strike, call: () => Promise<T>) {
    let answered = false;
    const answer = call().finally(() => {
      answered = true;
    });
    // The caller hears of a failure, later than it happens.
    answer.catch(() => undefined);
    const usual = this.#usualMs.get(strike.phase) ?? 20;
    await new Promise((resolve) => setTimeout(resolve, usual * strike.moment));
    this.done.push({ strike, interrupted: !answered });
    return { answer, recovered: this.#cut(strike.host) };
  }

  async #cut(host: Host): Promise<void> {
    this.#up = false;
    this.#cell.crash(host);
    await this.#cell.revive(host);
    this.#up = true;
  }
}
