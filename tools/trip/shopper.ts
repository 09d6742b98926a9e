import type { CartClient } from "../cart/client.ts";
import type { Reply } from "../cart/reply.ts";
import type { Beacon } from "../cart/client.ts";
import type { Person } from "../person/client.ts";
import type { StaffClient } from "../staff/client.ts";
import type { ReaderVendor } from "../terminal/reader-vendor.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { TEST_CARDS, type TestCard } from "../terminal/test-cards.ts";
import type { CartAnswers, Hold } from "../../protocol/cart/messages.ts";
import { decimalText } from "../../protocol/money/format.ts";
import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { Basket } from "./baskets.ts";

export type Identify = "loyalty" | "card" | "app" | "none";

/** The people and things around a cart on one trip. */
export interface Surroundings {
  readonly store: string;
  readonly apiOrigin: string;
  readonly beacon: Beacon;
  readonly terminal: Terminal;
  readonly terminalId: string;
  readonly reader: ReaderVendor;
  readonly staff: StaffClient;
  /** The number on the loyalty card. */
  readonly loyalty: string;
  /** The shopper's phone, signed in; needed to identify by app. */
  readonly person: Person | null;
  readonly card?: TestCard;
  /** Called when something worth a line happened. */
  readonly say?: (line: string) => void;
}

export interface TripResult {
  readonly session: string;
  readonly paid: boolean;
  readonly scans: number;
  readonly acknowledged: number;
  /** Acknowledged scans that are not in the receipt. */
  readonly lost: number;
  readonly refused: number;
  readonly totalMinor: number;
  readonly currency: string;
  readonly linked: boolean;
  readonly receipt: Receipt | null;
}

/** A trip that could not go on, with the step and what the platform answered. */
export class TripError extends Error {
  constructor(step: string, reason: string) {
    super(`${step}: ${reason}`);
    this.name = "TripError";
  }
}

/** One whole trip: unlock, open, identify, scan, clear holds, pay at the terminal, close, fetch the receipt. */
export async function shop(
  cart: CartClient,
  basket: Basket,
  identify: Identify,
  around: Surroundings,
): Promise<TripResult> {
  if (cart.attestation === null) must("attestation", await cart.attest(around.beacon));
  const opened = must("open", await cart.open());
  const linked = await introduce(cart, identify, around);
  const scanned = await scanAll(cart, basket, around);
  const paid = await pay(cart, around);
  must("close", await cart.close());
  const receipt = paid.receipt === null ? null : await fetchReceipt(around.apiOrigin, paid.receipt);
  const kept = receipt?.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0;
  return {
    session: opened.session,
    paid: paid.outcome === "approved" && receipt !== null,
    scans: basket.length,
    acknowledged: scanned.acknowledged,
    lost: Math.max(0, scanned.acknowledged - scanned.removed - kept),
    refused: scanned.refused,
    totalMinor: receipt?.totalMinor ?? 0,
    currency: opened.settings.currency,
    linked,
    receipt,
  };
}

async function introduce(cart: CartClient, identify: Identify, around: Surroundings): Promise<boolean> {
  switch (identify) {
    case "none":
      return false;
    case "loyalty":
      return must("loyalty", await cart.identify("loyalty", around.loyalty)).status === "linked";
    case "card": {
      const { token } = await around.reader.tap(around.card ?? TEST_CARDS.visa, around.store);
      return must("card", await cart.identify("card", token)).status === "linked";
    }
    case "app":
      return pair(cart, around);
  }
}

/** The cart reads the code off the phone; the person compares two digits and confirms; the cart asks again. */
async function pair(cart: CartClient, { person, store }: Surroundings): Promise<boolean> {
  if (person === null) throw new TripError("app", "no phone is signed in");
  const code = await person.pairingCode(store);
  const first = must("pairing", await cart.identify("pairing", code.code));
  if (first.status !== "pending")
    throw new TripError("pairing", `answered ${first.status} before the person confirmed`);
  if (first.confirmation !== code.confirmation) throw new TripError("pairing", "cart and phone show different digits");
  await person.confirm(code.code);
  return must("pairing", await cart.identify("pairing", code.code)).status === "linked";
}

async function scanAll(cart: CartClient, basket: Basket, around: Surroundings) {
  let acknowledged = 0;
  let refused = 0;
  let removed = 0;
  for (const code of basket) {
    const reply = await cart.scan(code);
    if (!reply.ok) {
      refused += 1;
      continue;
    }
    acknowledged += 1;
    removed += await resolveHolds(cart, reply.value, around);
  }
  return { acknowledged, refused, removed };
}

/** Staff come for what needs them; an item that the store does not know goes back on the shelf. @returns items put back */
async function resolveHolds(cart: CartClient, answer: CartAnswers["events"], around: Surroundings): Promise<number> {
  let removed = 0;
  for (const hold of answer.holds) {
    if (hold.kind === "unknown item" && hold.line !== null) {
      must("remove", await cart.remove(hold.line));
      removed += answer.lines.find((line) => line.line === hold.line)?.quantity ?? 1;
    } else {
      await around.staff.post(`/staff/v1/sessions/${cart.session}/holds/${hold.id}/clear`, { reason: reasonFor(hold) });
      around.say?.(`staff cleared: ${hold.kind}`);
    }
  }
  return removed;
}

export function reasonFor(hold: Hold): string {
  return hold.kind === "age check" ? "age_verified" : "weight_checked";
}

/** How often the cart asks again while the processor's answer is missing, and how long it waits between. */
const ASK_TIMES = 40;
const ASK_PAUSE_MS = 500;

async function pay(cart: CartClient, around: Surroundings) {
  const handoff = must("checkout", await cart.checkout(around.terminalId));
  const { minor } = handoff.amount;
  const taken = await around.terminal.pay({
    handoff: handoff.handoff,
    amount: minor,
    currency: handoff.amount.currency,
    card: around.card ?? TEST_CARDS.visa,
  });
  around.say?.(
    `terminal ${around.terminalId}: ${taken.outcome}, ${decimalText(handoff.amount)} ${handoff.amount.currency}`,
  );
  // Without a reference the cart still reports: the processor is asked by the hand-off.
  const reference = taken.reference ?? "none";
  let answer = must("payment", await cart.payment(handoff.handoff, reference, handoff.basketDigest));
  for (
    let i = 0;
    i < ASK_TIMES &&
    (answer.outcome === "unknown" ||
      answer.outcome === "pending" ||
      (answer.outcome === "approved" && answer.receipt === null));
    i++
  ) {
    await new Promise((resolve) => setTimeout(resolve, ASK_PAUSE_MS));
    answer = must("payment", await cart.payment(handoff.handoff, reference, handoff.basketDigest));
  }
  return answer;
}

export async function fetchReceipt(apiOrigin: string, reference: string): Promise<Receipt> {
  const response = await fetch(`${apiOrigin}/r/${reference}`, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new TripError("receipt", `HTTP ${response.status}`);
  return (await response.json()) as Receipt;
}

function must<T>(step: string, reply: Reply<T>): T {
  if (!reply.ok) throw new TripError(step, `${reply.reason}${reply.status === null ? "" : ` (HTTP ${reply.status})`}`);
  return reply.value;
}
