import type { Receipt } from "../../protocol/rooms/stores.ts";
import type { Behaviour, Operation } from "../simulators/processor/behaviour.ts";
import type { Place } from "../trip/party.ts";
import type { PosFault } from "./plan.ts";
import { pause } from "./shopping.ts";

/** A payment in the simulated acquirer's books; amounts in minor units. */
export interface BookedPayment {
  readonly reference: string;
  readonly state: "processing" | "authorized" | "declined" | "captured" | "voided";
  readonly terminal: string;
  readonly captures: number;
  readonly captured_minor: number;
  readonly refunded_minor: number;
}

export interface PosSale {
  readonly number: number;
  readonly total_minor: number;
}

/** The parties outside the platform, as whoever reconciles asks them: their own books, no word of the platform's. */
export class World {
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  async arm(handoff: string, behaviour: Behaviour, on: Operation): Promise<void> {
    await this.#call("processor", "PROCESSOR_KEY", "/v1/behaviours", { handoff, behaviour, on });
  }

  async armPos(fault: PosFault): Promise<void> {
    const store = this.#place.store.store;
    const on = fault === "quote_fails" ? "quotes" : "sales";
    const behaviour = fault === "sale_late" ? "time_out" : "fail_once";
    await this.#call("pos", "POS_KEY", "/v1/behaviours", { store, on, behaviour });
  }

  /** The processor's books of one hand-off. */
  async payments(handoff: string): Promise<readonly BookedPayment[]> {
    const found = await this.#call("processor", "PROCESSOR_KEY", `/v1/payments?handoff=${handoff}`);
    return (found as { payments: readonly BookedPayment[] }).payments;
  }

  /** Totals by the transaction number that is printed on receipts. */
  async sales(): Promise<ReadonlyMap<string, number>> {
    const { store } = this.#place.store;
    const { sales } = (await this.#call("pos", "POS_KEY", `/v1/sales/${store}`)) as { sales: readonly PosSale[] };
    return new Map(sales.map((sale) => [`${store}-${String(sale.number).padStart(6, "0")}`, sale.total_minor]));
  }

  async receipt(reference: string): Promise<Receipt> {
    const response = await persistently(`${this.#place.origins.api}/r/${reference}`, {
      headers: { accept: "application/json" },
    });
    if (!response.ok) throw new Error(`receipt: HTTP ${response.status}`);
    return (await response.json()) as Receipt;
  }

  async #call(origin: "processor" | "pos", key: string, path: string, body?: object): Promise<unknown> {
    const response = await persistently(new URL(path, this.#place.origins[origin]).href, {
      headers: {
        authorization: `Bearer ${this.#place.keys.secrets[key] ?? ""}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${origin} ${path}: HTTP ${response.status}`);
    return response.json();
  }
}

const ATTEMPTS = 5;

/** The books must be read: a connection that broke, as when a process was cut off, is tried again. */
async function persistently(url: string, init: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await pause(500 * attempt);
    }
  }
}
