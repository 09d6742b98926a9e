import type { Picture } from "../../cart-fw/sim/display.ts";
import { textOf } from "../../cart-fw/sim/display.ts";
import type { Hold } from "../../protocol/cart/messages.ts";
import type { BasketView } from "../../protocol/rooms/sessions.ts";
import { CartMachine, type Reach } from "../cart-fw/machine.ts";
import { payAtTerminal } from "../cart-fw/pay-at-terminal.ts";
import { TEST_CARDS } from "../terminal/test-cards.ts";
import type { Basket } from "./baskets.ts";
import type { MakeBody } from "./firmware-policy.ts";
import type { Place } from "./party.ts";
import { fetchReceipt, reasonFor, TripError, type Identify, type Surroundings, type TripResult } from "./shopper.ts";

/** The panel's titles, cart-fw/core/display.h. */
export const SCREEN = {
  ready: /^Scan an item to begin/,
  basket: /^Your basket/,
  pay: /^Pay at the terminal/,
  paid: /^Paid/,
} as const;

const KNOWN = /You are known on this trip/;
const GUEST = /Shopping as a guest/;
const RECEIPT = /^Receipt (\S{22})$/m;
const NOT_TAKEN = /can't be added|scan again|memory is full/;

/** The scale writes as often as a trip of seconds needs it to; a real one ten times a second. */
const SCALE_MS = 25;
/** Switching on: self-test, registration, TLS, store attestation. */
const START_MS = 60_000;
/** One step of a trip, the retries of a lossy moment included. */
const STEP_MS = 30_000;

export interface FirmwareCartOptions {
  readonly place: Place;
  readonly reach: Reach;
  readonly index: number;
  readonly body: MakeBody;
}

/** A shopper at a cart that runs the firmware: hands on keys and goods, eyes on the panel. */
export class FirmwareCart {
  readonly machine: CartMachine;

  constructor(machine: CartMachine) {
    this.machine = machine;
  }

  /** Makes the cart and switches it on; resolves once it waits for a shopper. */
  static async switchOn(options: FirmwareCartOptions): Promise<FirmwareCart> {
    const machine = await CartMachine.make({ ...options, card: TEST_CARDS.visa, scalePeriodMs: SCALE_MS });
    try {
      await machine.powerOn();
      await machine.display.until(SCREEN.ready, START_MS);
    } catch (error) {
      const log = machine.log.text.slice(-2_000);
      await machine.end();
      throw new Error(`the cart did not start: ${String(error)}\n${log}`, { cause: error });
    }
    return new FirmwareCart(machine);
  }

  /** One whole trip, told apart from the simulated cart's only by who speaks to the platform. */
  async shop(basket: Basket, identify: Identify, around: Surroundings): Promise<TripResult> {
    const { display } = this.machine;
    const opened = display.next(SCREEN.basket, STEP_MS);
    display.press("ok");
    await opened;
    const linked = await this.introduce(identify, around);
    const scanned = await this.#scanAll(basket, around);
    const reference = await this.pay(around.terminalId);
    await display.until(SCREEN.ready, STEP_MS);
    const receipt = await fetchReceipt(around.apiOrigin, reference);
    const kept = receipt.lines.reduce((sum, line) => sum + line.quantity, 0);
    return {
      session: this.machine.session ?? "",
      paid: true,
      scans: basket.length,
      acknowledged: scanned.acknowledged,
      lost: Math.max(0, scanned.acknowledged - scanned.removed - kept),
      refused: scanned.refused,
      totalMinor: receipt.totalMinor,
      currency: receipt.currency,
      linked,
      receipt,
    };
  }

  /** @returns whether the platform knows the shopper */
  async introduce(identify: Identify, around: Surroundings): Promise<boolean> {
    const { display, scanner, reader } = this.machine;
    if (identify === "none") return false;
    const answered = (picture: Picture) => KNOWN.test(textOf(picture)) || GUEST.test(textOf(picture));
    if (identify === "app") return this.#pair(around);
    display.press(identify);
    if (identify === "loyalty") await display.until(/Scan your loyalty card/, STEP_MS);
    const shown = display.next(answered, STEP_MS);
    if (identify === "loyalty") scanner.scan(around.loyalty);
    else {
      await reader.untilArmed();
      await reader.tap(around.card ?? TEST_CARDS.visa);
    }
    return KNOWN.test(textOf(await shown));
  }

  /** The cart reads the phone's code; the shopper compares two digits and confirms; the cart asks again by itself. */
  async #pair({ person, store }: Surroundings): Promise<boolean> {
    if (person === null) throw new TripError("app", "no phone is signed in");
    const { display, scanner } = this.machine;
    const code = await person.pairingCode(store);
    display.press("pair");
    await display.until(/Scan the code on your phone/, STEP_MS);
    const digits = display.next(/Your phone shows \d\d/, STEP_MS);
    scanner.scanPhone(code.code);
    if (!textOf(await digits).includes(`Your phone shows ${code.confirmation}`))
      throw new TripError("pairing", "cart and phone show different digits");
    const known = display.next(KNOWN, STEP_MS);
    await person.confirm(code.code);
    await known;
    return true;
  }

  /** One code, until the platform has priced it. @returns whether the cart took it */
  async scan(code: string): Promise<boolean> {
    const { display, scanner } = this.machine;
    const seen = display.next((picture) => isPending(picture) || NOT_TAKEN.test(textOf(picture)), STEP_MS);
    scanner.scan(code);
    if (!isPending(await seen)) return false;
    await display.until((picture) => !isPending(picture), STEP_MS);
    return true;
  }

  async #scanAll(basket: Basket, around: Surroundings) {
    let acknowledged = 0;
    let refused = 0;
    let removed = 0;
    for (const code of basket) {
      if (!(await this.scan(code))) {
        refused += 1;
        continue;
      }
      acknowledged += 1;
      if (isHeld(this.machine.display.picture)) removed += await this.resolveHolds(around);
    }
    return { acknowledged, refused, removed };
  }

  /** Staff come for what needs them; what the store does not know goes back on the shelf. @returns items put back */
  async resolveHolds(around: Surroundings): Promise<number> {
    const { display, session } = this.machine;
    const { holds, lines } = await around.staff.get<BasketView>(`/staff/v1/sessions/${session}`);
    let removed = 0;
    for (const hold of holds) {
      if (hold.kind === "unknown item" && hold.line !== null) {
        const gone = display.next((picture) => !isHeld(picture), STEP_MS);
        display.press("remove", String(hold.line));
        await gone;
        removed += lines.find(({ line }) => line === hold.line)?.quantity ?? 1;
      } else await this.#clear(hold, around);
    }
    return removed;
  }

  async #clear(hold: Hold, around: Surroundings): Promise<void> {
    const { session } = this.machine;
    await around.staff.post(`/staff/v1/sessions/${session}/holds/${hold.id}/clear`, { reason: reasonFor(hold) });
    around.say?.(`staff cleared: ${hold.kind}`);
  }

  /** At a terminal, with the card that is held out there. @returns the receipt's reference */
  async pay(terminal: string): Promise<string> {
    const { display, radio } = this.machine;
    try {
      await payAtTerminal(display, radio, terminal);
      const [, reference = ""] = RECEIPT.exec(textOf(await display.until(RECEIPT, STEP_MS))) ?? [];
      return reference;
    } finally {
      radio.away("terminal", terminal);
    }
  }
}

function isPending(picture: Picture): boolean {
  return /^Pending: /m.test(textOf(picture));
}

function isHeld(picture: Picture | null): boolean {
  return picture !== null && /^Staff: /m.test(textOf(picture));
}
