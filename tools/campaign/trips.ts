import { LossyChannel } from "../cart/lossy-channel.ts";
import { around, switchOn, type Place } from "../trip/party.ts";
import { LOSSES, type TripPlan } from "./plan.ts";
import { insist, openTrip, scanOne, StepFailed } from "./shopping.ts";
import { CARDS, payAtTill, type Attempt, type TillParty } from "./till.ts";
import type { World } from "./world.ts";

/** One trip as its cart saw it. */
export interface CartView {
  readonly session: string;
  readonly plan: TripPlan;
  readonly attempts: readonly Attempt[];
  /** What stopped the trip before it had an end; null when it had one. */
  readonly problem: string | null;
}

export interface Shopping {
  readonly place: Place;
  readonly world: World;
  readonly plans: readonly TripPlan[];
  /** Goods without a minimum age, by the piece. */
  readonly codes: readonly string[];
  readonly seed: number;
  readonly concurrency: number;
  onTrip(done: number, view: CartView): void;
}

/** How often a shopper whose payment came to nothing tries again. */
const TRIES = 4;

/** Shops all plans, each cart one trip after another. */
export async function shopAll(shopping: Shopping): Promise<readonly CartView[]> {
  const { place, plans, concurrency } = shopping;
  const views: CartView[] = [];
  let next = 0;
  const lanes = Math.min(concurrency, place.store.carts.length, plans.length);
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const party = await partyOf(shopping, lane);
      for (let turn = next++; turn < plans.length; turn = next++) {
        const plan = plans[turn];
        if (plan === undefined) return;
        const view = await shopOnce(party, plan, shopping.codes);
        views.push(view);
        shopping.onTrip(views.length, view);
      }
    }),
  );
  return views;
}

async function partyOf({ place, world, seed, codes }: Shopping, lane: number): Promise<TillParty> {
  const channel = new LossyChannel(seed + lane, LOSSES);
  const terminals = place.store.terminals;
  const mine = terminals[lane % terminals.length] ?? "";
  return {
    cart: await switchOn(place, lane, { channel, timeoutMs: 15_000 }),
    around: await around(place, lane, false),
    place,
    world,
    terminals: [mine, terminals[(lane + 1) % terminals.length] ?? ""],
    code: codes[lane % codes.length] ?? "",
    foreign: "none",
  };
}

/** One trip: scan, pay however often it takes, close. The faults meet the first hand-off; what follows is a quiet day. */
async function shopOnce(party: TillParty, plan: TripPlan, codes: readonly string[]): Promise<CartView> {
  const attempts: Attempt[] = [];
  let session = "";
  try {
    session = await openTrip(party.cart, party.around);
    for (let item = 0; item < plan.items; item++)
      await scanOne(party.cart, codes[(item * 7 + session.charCodeAt(0)) % codes.length] ?? "");
    if (plan.pos !== null) await party.world.armPos(plan.pos);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const card = CARDS[attempt % CARDS.length] as (typeof CARDS)[number];
      const quiet = { till: "one_terminal", faults: [], terminalRepeats: true } as const;
      const last = await payAtTill(party, attempt === 0 ? plan : quiet, card);
      attempts.push(last);
      if (last.outcome === "paid" || last.outcome === "left") break;
    }
    const end = attempts.at(-1)?.outcome;
    if (end === "paid") await insist("close", () => party.cart.close());
    else if (end !== "left") throw new StepFailed("till", `${TRIES} hand-offs and none was paid`);
    return { session, plan, attempts, problem: null };
  } catch (error) {
    return { session, plan, attempts, problem: error instanceof Error ? error.message : String(error) };
  }
}
