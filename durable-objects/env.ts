import type { AuditAppender, AuditProver, AuditPruner } from "../protocol/rooms/audit.ts";
import { requireBindings } from "../protocol/rooms/boot.ts";
import type { IdentityForRestores, IdentityForSessions } from "../protocol/rooms/identity.ts";
import { stubOf, type ObjectNamespace } from "../protocol/rooms/objects.ts";
import type { PaymentsForSessions } from "../protocol/rooms/payments.ts";
import type {
  IdentityForRights,
  PaymentsForRights,
  PrivacyRequestObject,
  SessionForRights,
  StoresForRights,
  TelemetryForRights,
} from "../protocol/rooms/privacy-doors.ts";
import type {
  BasketView,
  CartObject,
  Refunded,
  RefundOrder,
  RefundReasonRefused,
  ShoppingSessionObject,
  StaffDecision,
} from "../protocol/rooms/sessions.ts";
import type { KeyRotator } from "../protocol/rooms/key-rotation.ts";
import type { Purger, RetentionDeskObject } from "../protocol/rooms/retention.ts";
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
  | "IDENTITY"
  | "RIGHTS"
  | "PAYMENTS"
  | "STORES"
  | "TELEMETRY"
  | "AUDIT"
  | "CARTS"
  | "SESSIONS"
  | "REFUNDS"
  | "PRIVACY"
  | "PRIVACY_DESK"
  | "RETENTION"
> & {
  readonly IDENTITY: IdentityForSessions;
  /** Persons' rights: by a request's id alone. */
  readonly RIGHTS: IdentityForRights & IdentityForRestores & Purger & KeyRotator;
  readonly PAYMENTS: PaymentsForSessions & PaymentsForRights;
  readonly STORES: StoresForSessions & StoresForRights & Purger;
  readonly TELEMETRY: TelemetryForSessions & TelemetryForRights & Purger;
  readonly AUDIT: AuditAppender & AuditProver & AuditPruner;
  readonly CARTS: ObjectNamespace<CartObject>;
  readonly SESSIONS: ObjectNamespace<StaffedSession & SessionForRights>;
  readonly REFUNDS: ObjectNamespace<RefundCaseObject>;
  readonly PRIVACY: ObjectNamespace<PrivacyRequestObject>;
  readonly PRIVACY_DESK: ObjectNamespace<{ nudge(): Promise<void> }>;
  readonly RETENTION: ObjectNamespace<RetentionDeskObject>;
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
    "PRIVACY",
    "PRIVACY_DESK",
    "RETENTION",
    "IDENTITY",
    "RIGHTS",
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

export function sessionObject(env: Env, session: SessionId): StaffedSession & SessionForRights {
  return stubOf(env.SESSIONS, session, env);
}

export function refundObject(env: Env, receipt: ReceiptReference): RefundCaseObject {
  return stubOf(env.REFUNDS, receipt, env);
}

export function privacyObject(env: Env, request: string): PrivacyRequestObject {
  return stubOf(env.PRIVACY, request, env);
}

/** The one desk of the cell. */
export function privacyDesk(env: Env): { nudge(): Promise<void> } {
  return stubOf(env.PRIVACY_DESK, "privacy", env);
}

/** The one desk of the cell. */
export function retentionDesk(env: Env): RetentionDeskObject {
  return stubOf(env.RETENTION, "retention", env);
}
