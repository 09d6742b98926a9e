import type { AuditAppender } from "../protocol/rooms/audit.ts";
import { requireBindings } from "../protocol/rooms/boot.ts";
import type { IdentityForSessions } from "../protocol/rooms/identity.ts";
import { stubOf, type ObjectNamespace } from "../protocol/rooms/objects.ts";
import type { PaymentsForSessions } from "../protocol/rooms/payments.ts";
import type {
  BasketView,
  CartObject,
  Refunded,
  RefundOrder,
  RefundReasonRefused,
  ShoppingSessionObject,
  StaffDecision,
} from "../protocol/rooms/sessions.ts";
import type { StoresForSessions } from "../protocol/rooms/stores.ts";
import type { TelemetryForSessions } from "../protocol/rooms/telemetry.ts";
import type { CartSerial, ReceiptReference, SessionId } from "../protocol/ids.ts";
import type { Result } from "../protocol/result.ts";

/** What staff may do to a session, beside what a cart may. */
export interface StaffedSession extends ShoppingSessionObject {
  clearHold(
    hold: number,
    decision: StaffDecision,
  ): Promise<Result<BasketView, "no_session" | "no_hold" | "state" | "unavailable">>;
  voidTrip(decision: StaffDecision): Promise<Result<undefined, "no_session" | "state" | "unavailable">>;
  releaseFromQuarantine(staff: string): Promise<void>;
}

export interface RefundCaseObject {
  refund(order: RefundOrder): Promise<Result<Refunded, RefundReasonRefused>>;
}

export type Env = Omit<
  SessionsBindings,
  "IDENTITY" | "PAYMENTS" | "STORES" | "TELEMETRY" | "AUDIT" | "CARTS" | "SESSIONS" | "REFUNDS"
> & {
  readonly IDENTITY: IdentityForSessions;
  readonly PAYMENTS: PaymentsForSessions;
  readonly STORES: StoresForSessions;
  readonly TELEMETRY: TelemetryForSessions;
  readonly AUDIT: AuditAppender;
  readonly CARTS: ObjectNamespace<CartObject>;
  readonly SESSIONS: ObjectNamespace<StaffedSession>;
  readonly REFUNDS: ObjectNamespace<RefundCaseObject>;
};

/** @throws Error naming the first binding that is missing. */
export function checkEnv(env: Env): Env {
  requireBindings(env, [
    "CELL",
    "JURISDICTION",
    "HANDOFF_SECONDS",
    "CARTS",
    "SESSIONS",
    "REFUNDS",
    "IDENTITY",
    "PAYMENTS",
    "STORES",
    "TELEMETRY",
    "AUDIT",
  ]);
  return env;
}

/** How long a terminal may take up a hand-off before it is dropped, ms. @throws Error when it is not 5 s to an hour */
export function handoffLife(env: Pick<Env, "HANDOFF_SECONDS">): number {
  const seconds = Number(env.HANDOFF_SECONDS);
  if (!(seconds >= 5 && seconds <= 3_600)) throw new Error("HANDOFF_SECONDS must be 5 to 3600");
  return seconds * 1_000;
}

export function cartObject(env: Env, serial: CartSerial): CartObject {
  return stubOf(env.CARTS, serial, env);
}

export function sessionObject(env: Env, session: SessionId): StaffedSession {
  return stubOf(env.SESSIONS, session, env);
}

export function refundObject(env: Env, receipt: ReceiptReference): RefundCaseObject {
  return stubOf(env.REFUNDS, receipt, env);
}
