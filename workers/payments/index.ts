/** The tokenization forwarder: the one Worker with the CDE's address and keys. It keeps nothing. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { parseHandoffId, type CardToken, type HandoffId } from "../../protocol/ids.ts";
import type { Money } from "../../protocol/money/money.ts";
import { fail, ok } from "../../protocol/result.ts";
import { requireCaller, type CallerProps } from "../../protocol/rooms/boot.ts";
import type { IdentifyResult, Trip } from "../../protocol/rooms/identity.ts";
import type {
  HandoffClaim,
  PaymentResult,
  PaymentsForSessions,
  RefundResult,
  VoidReason,
} from "../../protocol/rooms/payments.ts";
import { paymentResult, referenceResult, refundResult } from "./answer.ts";
import { authorizationRequest, isPayable, isSettlement, isToken, isTrip, isVoidReason } from "./claim.ts";
import { boot, type Env } from "./env.ts";
import { exchange, type CdeLine } from "./exchange.ts";

export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements PaymentsForSessions {
  /** A token that the CDE does not know here is nobody: `not_linked`, and no record is made for it. */
  async identifyByCard(trip: Trip, token: CardToken): Promise<IdentifyResult> {
    requireCaller(this.ctx.props, "sessions");
    if (!isTrip(trip)) throw new TypeError("not a trip");
    if (!isToken(token)) return ok({ status: "not_linked" });
    const body = { token, cell: this.env.CELL, store: trip.store };
    const call = { method: "POST", path: "/v1/card-references", idempotencyKey: null } as const;
    const reference = referenceResult(await exchange(await this.#line(), call, body));
    if (!reference.ok) return reference;
    return reference.value === null ? ok({ status: "not_linked" }) : this.env.IDENTITY.byCard(trip, reference.value);
  }

  async authorization(claim: HandoffClaim): Promise<PaymentResult> {
    requireCaller(this.ctx.props, "sessions");
    const body = authorizationRequest(claim);
    return body === undefined
      ? fail("refused")
      : this.#payment(claim.handoff, "/v1/authorizations", claim.handoff, body);
  }

  async capture(handoff: HandoffId, authorization: string, amount: Money): Promise<PaymentResult> {
    requireCaller(this.ctx.props, "sessions");
    if (!isSettlement(handoff, authorization) || !isPayable(amount)) return fail("refused");
    const body = { amount_minor: amount.minor, currency: amount.currency };
    return this.#payment(handoff, `/v1/authorizations/${authorization}/capture`, `${handoff}:capture`, body);
  }

  async release(handoff: HandoffId, authorization: string, why: VoidReason): Promise<PaymentResult> {
    requireCaller(this.ctx.props, "sessions");
    if (!isSettlement(handoff, authorization) || !isVoidReason(why)) return fail("refused");
    return this.#payment(handoff, `/v1/authorizations/${authorization}/void`, `${handoff}:void`, { reason: why });
  }

  /** The authorization is found by its claim, as it was first asked for; a refund has its own key, end to end. */
  async refund(claim: HandoffClaim, refund: string, amount: Money): Promise<RefundResult> {
    requireCaller(this.ctx.props, "sessions");
    if (parseHandoffId(refund) === undefined || !isPayable(amount)) return fail("refused");
    const captured = await this.authorization(claim);
    if (!captured.ok) return captured;
    if (captured.value.state !== "captured") return fail("unavailable");
    const body = { amount_minor: amount.minor, currency: amount.currency };
    const path = `/v1/authorizations/${captured.value.id}/refunds`;
    const idempotencyKey = `${claim.handoff}:refund:${refund}`;
    const answer = await exchange(await this.#line(), { method: "POST", path, idempotencyKey }, body);
    return refundResult(answer, captured.value.id, amount);
  }

  /** One idempotency key a verb of a hand-off, the same at the processor. */
  async #payment(handoff: string, path: string, idempotencyKey: string, body: object): Promise<PaymentResult> {
    const answer = await exchange(await this.#line(), { method: "POST", path, idempotencyKey }, body);
    return paymentResult(answer, handoff);
  }

  async #line(): Promise<CdeLine> {
    const keys = await boot(this.env);
    const client = this.env.CDE_CLIENT;
    return {
      origin: this.env.PAY_ORIGIN,
      keys,
      send: (request) => (client === undefined ? fetch(request) : client.fetch(request)),
      now: () => Date.now(),
    };
  }
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<Env>;
