import type { CartClient } from "../../tools/cart/client.ts";
import type { CartOptions } from "../../tools/cart/options.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { around, switchOn, type Place } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import type { Phase } from "./strikes.ts";
import { taken } from "./till.ts";

/** A cart that outlasts a restart of the platform: it goes on sending for a minute and a half. */
const STEADFAST: Partial<CartOptions> = { retry: { retries: 300, firstDelayMs: 100, longestDelayMs: 400 } };
const AGAIN_MS = 300;
const ASK_TIMES = 120;

/** Makes a call of a phase; what stands around may strike the platform meanwhile. */
export type During = <T>(phase: Phase, call: () => Promise<T>) => Promise<T>;

export interface SteadfastTrip {
  readonly session: string;
  readonly identified: "linked" | "unlinked" | "nobody";
  /** Codes whose scans the cell acknowledged, in order. */
  readonly acknowledged: readonly string[];
  readonly handoff: string;
  readonly payableMinor: number;
  readonly receipt: string;
}

/** A shopper who never gives up, with one cart for all trips. */
export async function steadfastShopper(place: Place, index: number) {
  const cart = await switchOn(place, index, STEADFAST);
  const here = await around(place, index, false);
  return {
    cart,
    shop: (basket: readonly string[], identify: "loyalty" | "card" | "none", during: During) =>
      shop(cart, here, { basket, identify, during }),
  };
}

interface Errand {
  readonly basket: readonly string[];
  readonly identify: "loyalty" | "card" | "none";
  readonly during: During;
}

async function shop(cart: CartClient, here: Surroundings, errand: Errand): Promise<SteadfastTrip> {
  const { basket, during } = errand;
  // A new proof before each trip, so that there is one to be struck.
  taken("attestation", await during("unlock", () => cart.attest(here.beacon)));
  const { session } = taken("open", await during("open", () => cart.open()));
  const identified = await introduce(cart, here, errand);
  const acknowledged: string[] = [];
  for (const code of basket) {
    taken("scan", await during("scan", () => cart.scan(code)));
    acknowledged.push(code);
  }
  const handoff = taken("checkout", await during("checkout", () => cart.checkout(here.terminalId)));
  const paid = await here.terminal.pay({
    handoff: handoff.handoff,
    amount: handoff.amount.minor,
    currency: handoff.amount.currency,
    card: TEST_CARDS.visa,
  });
  if (paid.reference === null) throw new Error(`the terminal has no reference: ${paid.outcome}`);
  const { reference } = paid;
  const ask = () => cart.payment(handoff.handoff, reference, handoff.basketDigest);
  let answer = taken("payment", await during("payment", ask));
  for (let asked = 1; answer.receipt === null && asked < ASK_TIMES; asked += 1) {
    await pause();
    answer = taken("payment", await ask());
  }
  if (answer.receipt === null) throw new Error(`the payment stays ${answer.outcome}`);
  const closed = await during("close", () => cart.close());
  // The answer to the first close may be lost, and the repeat then meets a session that is over.
  if (!closed.ok && closed.reason !== "session_over") taken("close", closed);
  const payableMinor = handoff.amount.minor;
  return { session, identified, acknowledged, handoff: handoff.handoff, payableMinor, receipt: answer.receipt };
}

async function introduce(cart: CartClient, here: Surroundings, { identify, during }: Errand) {
  if (identify === "none") return "nobody" as const;
  const value = identify === "loyalty" ? here.loyalty : await tapped(here);
  return taken("identity", await during("identify", () => cart.identify(identify, value))).status === "linked"
    ? ("linked" as const)
    : ("unlinked" as const);
}

/** The reader's vendor tries again with the same key, as its contract says. */
async function tapped({ reader, store }: Surroundings): Promise<string> {
  const key = crypto.randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await reader.tap(TEST_CARDS.visa, store, key)).token;
    } catch (error) {
      if (attempt === ASK_TIMES) throw error;
      await pause();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, AGAIN_MS);
  });
}
