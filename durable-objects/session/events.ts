import type {
  CartSerial,
  HandoffId,
  OneTripCustomer,
  ReceiptReference,
  SessionId,
  StoreId,
} from "../../protocol/ids.ts";
import type { CartEvent, PaymentOutcome } from "../../protocol/cart/messages.ts";
import type { PaymentAnswer } from "../../protocol/pay/contract.ts";
import type { VoidReason } from "../../protocol/rooms/payments.ts";
import type { PricedItem, PriceReason, Quote, StoreFacts } from "../../protocol/rooms/stores.ts";
import type { StaffDecision } from "../../protocol/rooms/sessions.ts";
import type { Result } from "../../protocol/result.ts";

/**
 * What can happen to a trip, as it is stored: one row an event, ordered by (seq, step). The state is
 * what folding them gives. Facts learned from other rooms (prices, quotes, the processor's answers)
 * are in the event, so that replaying asks nobody.
 */
export type TripEvent =
  | {
      readonly type: "opened";
      readonly session: SessionId;
      readonly cart: CartSerial;
      readonly store: StoreId;
      readonly facts: StoreFacts;
      readonly firmware: string;
    }
  | { readonly type: "events"; readonly events: readonly PricedEvent[] }
  /** The credential is not kept, only that one was shown: it is Tier 2, this object Tier 1. */
  | { readonly type: "identity"; readonly kind: "loyalty" | "card" | "pairing" | "unlink" }
  | { readonly type: "identified"; readonly customer: OneTripCustomer | null; readonly pending: boolean }
  | { readonly type: "checkout"; readonly handoff: HandoffId; readonly terminal: string; readonly digest: string }
  | { readonly type: "quoted"; readonly quote: Quote; readonly expires: number }
  | { readonly type: "payment"; readonly reference: string }
  | { readonly type: "answered"; readonly answer: PaymentAnswer | null; readonly verdict: Verdict }
  | { readonly type: "captured"; readonly answer: PaymentAnswer }
  | { readonly type: "sold"; readonly receipt: ReceiptReference }
  | { readonly type: "handoff_dropped"; readonly why: "expired" | "shopping_again" }
  /** What did not match is void; or a laid-aside hand-off holds nothing at the processor and never will. */
  | { readonly type: "handoff_settled"; readonly handoff: HandoffId; readonly how: "released" | "nothing" }
  | { readonly type: "hold_cleared"; readonly hold: number; readonly decision: StaffDecision }
  | { readonly type: "equivocated"; readonly boot: number; readonly seq: number }
  | { readonly type: "released"; readonly staff: string }
  | { readonly type: "ended"; readonly how: EndState };

export type EndState = "closed" | "abandoned" | "walked_out" | "voided";

/** A cart's event with what the store said of its code. */
export type PricedEvent =
  | { readonly event: Extract<CartEvent, { kind: "scan" }>; readonly price: Result<PricedItem, PriceReason> }
  | { readonly event: Exclude<CartEvent, { kind: "scan" }> };

/** What the three-way match says of a processor's answer. */
export type Verdict =
  | { readonly verdict: "approved" }
  | { readonly verdict: "declined" }
  | { readonly verdict: Exclude<PaymentOutcome, "approved" | "declined"> }
  | { readonly verdict: "mismatch"; readonly why: VoidReason };

/** One stored row. `seq` is the frame that caused it; `step` 0 is the frame itself, later ones its outcomes. */
export interface Row {
  readonly seq: number;
  readonly step: number;
  readonly boot: number;
  /** Cell time, ms since the epoch. */
  readonly at: number;
  readonly event: TripEvent;
  /** The accepted COSE frame; null for outcomes, and for identity frames only a digest is kept. */
  readonly frame: Uint8Array | null;
  /** The answer's bytes, so that a repeat gets the same ones. */
  readonly answer: Uint8Array | null;
}
