import { WorkerEntrypoint } from "cloudflare:workers";
import { parseReceiptReference, type CartSerial, type OneTripCustomer, type SessionId } from "../protocol/ids.ts";
import { fail, type Result } from "../protocol/result.ts";
import { requireCaller, type CallerProps } from "../protocol/rooms/boot.ts";
import type {
  BasketView,
  Refunded,
  RefundOrder,
  RefundReasonRefused,
  SessionsForApps,
  SessionsForOps,
  StaffDecision,
} from "../protocol/rooms/sessions.ts";
import type { ExtensionReason, IdentityCheck, RefusalLaw } from "../protocol/rooms/privacy.ts";
import type { PrivacyForApps, PrivacyForOps } from "../protocol/rooms/privacy-doors.ts";
import { cartObject, checkEnv, privacyDesk, refundObject, retentionDesk, sessionObject, type Env } from "./env.ts";
import { atRequest, staffId } from "./privacy/doors.ts";

export { Cart } from "./cart/cart.ts";
export { PrivacyDesk } from "./privacy/privacy-desk.ts";
export { PrivacyRequest } from "./privacy/privacy-request.ts";
export { RetentionDesk } from "./retention/retention-desk.ts";
export { RefundCase } from "./refund/refund-case.ts";
export { ShoppingSession } from "./session/shopping-session.ts";

/** For the app API: the basket of a trip, read only, and privacy requests whose owner the edge has asked for. */
export class ForApps extends WorkerEntrypoint<Env, CallerProps> implements SessionsForApps, PrivacyForApps {
  view(session: SessionId, customer: OneTripCustomer): Promise<Result<BasketView, "no_session">> {
    requireCaller(this.ctx.props, "edge");
    return sessionObject(checkEnv(this.env), session).viewFor(customer);
  }

  startPrivacyRequest(request: string) {
    requireCaller(this.ctx.props, "edge");
    return atRequest(checkEnv(this.env), request, (object) => object.start(request));
  }

  privacyStatus(request: string) {
    requireCaller(this.ctx.props, "edge");
    return atRequest(checkEnv(this.env), request, (object) => object.status(request));
  }

  tellRecipients(): Promise<void> {
    requireCaller(this.ctx.props, "edge");
    return privacyDesk(checkEnv(this.env)).nudge();
  }
}

/** For staff: what they may see and decide. Each decision is in the audit log before it acts. */
export class ForOps extends WorkerEntrypoint<Env, CallerProps> implements SessionsForOps, PrivacyForOps {
  view(session: SessionId): Promise<Result<BasketView, "no_session">> {
    requireCaller(this.ctx.props, "ops");
    return sessionObject(checkEnv(this.env), session).view();
  }

  clearHold(
    session: SessionId,
    hold: number,
    decision: StaffDecision,
  ): Promise<Result<BasketView, "no_session" | "no_hold" | "state" | "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    return sessionObject(checkEnv(this.env), session).clearHold(hold, decision);
  }

  voidTrip(
    session: SessionId,
    decision: StaffDecision,
  ): Promise<Result<undefined, "no_session" | "state" | "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    return sessionObject(checkEnv(this.env), session).voidTrip(decision);
  }

  /** An object is only ever made for a receipt's reference in its form; whether there is such a receipt, it asks. */
  async refund(order: RefundOrder): Promise<Result<Refunded, RefundReasonRefused>> {
    requireCaller(this.ctx.props, "ops");
    if (parseReceiptReference(order.receipt) === undefined) return fail("unknown_receipt");
    return refundObject(checkEnv(this.env), order.receipt).refund(order);
  }

  startPrivacyRequest(request: string) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.start(request));
  }

  privacyStatus(request: string) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.status(request));
  }

  checkPrivacyIdentity(request: string, staff: string, how: IdentityCheck) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.checkIdentity(staffId(staff), how));
  }

  confirmPrivacyReceipt(request: string, staff: string) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.confirmReceipt(staffId(staff)));
  }

  extendPrivacyRequest(request: string, staff: string, reason: ExtensionReason) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.extend(staffId(staff), reason));
  }

  refusePrivacyRequest(request: string, staff: string, law: RefusalLaw) {
    requireCaller(this.ctx.props, "ops");
    return atRequest(checkEnv(this.env), request, (object) => object.refuse(staffId(staff), law));
  }

  async releaseCart(serial: CartSerial, staff: string): Promise<Result<undefined, "unavailable">> {
    requireCaller(this.ctx.props, "ops");
    const env = checkEnv(this.env);
    const logged = await env.AUDIT.append({
      who: `staff:${staff}`,
      kind: "staff_override",
      when: Date.now(),
      success: true,
      from: "ops",
      on: `cart:${serial}`,
      detail: { act: "release" },
    });
    return logged.ok ? cartObject(env, serial).release(staff) : fail("unavailable");
  }
}

/** No route leads here; other rooms hold bindings. A cron runs anywhere, so it only nudges an object of the cell. */
export default {
  fetch: () => new Response(null, { status: 404 }),
  async scheduled(_event, env): Promise<void> {
    const checked = checkEnv(env);
    await Promise.all([privacyDesk(checked).nudge(), retentionDesk(checked).nudge()]);
  },
} satisfies ExportedHandler<Env>;
