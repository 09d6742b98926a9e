/** The tokenization forwarder: the one Worker with the CDE's address and keys. It keeps nothing. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { parseHandoffId, type CardToken, type HandoffId } from "../../protocol/ids.ts";
import type { Money } from "../../protocol/money/money.ts";
import {
  FORGET_MOST_TOKENS,
  type CaptureRequest,
  type CardReferenceRequest,
  type ForgetRequest,
  type RefundRequest,
  type VoidRequest,
} from "../../protocol/pay/contract.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { requireCaller, type CallerProps } from "../../protocol/rooms/boot.ts";
import type { IdentifyResult, Trip } from "../../protocol/rooms/identity.ts";
import type { PrivacyRequestId } from "../../protocol/rooms/privacy.ts";
import type { PaymentsForRights } from "../../protocol/rooms/privacy-doors.ts";
import type { StoreAnswer } from "../../protocol/rooms/privacy-stores.ts";
import type {
  HandoffClaim,
  PaymentResult,
  PaymentsForSessions,
  RefundResult,
  VoidReason,
} from "../../protocol/rooms/payments.ts";
import { forgetResult, paymentResult, referenceResult, refundResult } from "./answer.ts";
import { authorizationRequest, isPayable, isSettlement, isToken, isTrip, isVoidReason } from "./claim.ts";
import { boot, type Env } from "./env.ts";
import { exchange, type CdeLine } from "./exchange.ts";

export class ForSessions extends WorkerEntrypoint<Env, CallerProps> implements PaymentsForSessions, PaymentsForRights {
  /** A token that the CDE does not know here is nobody: `not_linked`, and no record is made for it. */
  async identifyByCard(trip: Trip, token: CardToken): Promise<IdentifyResult> {
    requireCaller(this.ctx.props, "sessions");
    if (!isTrip(trip)) throw new TypeError("not a trip");
    if (!isToken(token)) return ok({ status: "not_linked" });
    const body: CardReferenceRequest = { token, cell: this.env.CELL, store: trip.store };
    const call = { method: "POST", path: "/v1/card-references", idempotencyKey: null } as const;
    const reference = referenceResult(await exchange(await cdeLine(this.env), call, body));
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
    const body: CaptureRequest = { amount_minor: amount.minor, currency: amount.currency };
    return this.#payment(handoff, `/v1/authorizations/${authorization}/capture`, `${handoff}:capture`, body);
  }

  async release(handoff: HandoffId, authorization: string, why: VoidReason): Promise<PaymentResult> {
    requireCaller(this.ctx.props, "sessions");
    if (!isSettlement(handoff, authorization) || !isVoidReason(why)) return fail("refused");
    const body: VoidRequest = { reason: why };
    return this.#payment(handoff, `/v1/authorizations/${authorization}/void`, `${handoff}:void`, body);
  }

  /** The authorization is found by its claim, as it was first asked for; a refund has its own key, end to end. */
  async refund(claim: HandoffClaim, refund: string, amount: Money): Promise<RefundResult> {
    requireCaller(this.ctx.props, "sessions");
    if (parseHandoffId(refund) === undefined || !isPayable(amount)) return fail("refused");
    const captured = await this.authorization(claim);
    if (!captured.ok) return captured;
    if (captured.value.state !== "captured") return fail("unavailable");
    const body: RefundRequest = { amount_minor: amount.minor, currency: amount.currency };
    const path = `/v1/authorizations/${captured.value.id}/refunds`;
    const idempotencyKey = `${claim.handoff}:refund:${refund}`;
    const answer = await exchange(await cdeLine(this.env), { method: "POST", path, idempotencyKey }, body);
    return refundResult(answer, captured.value.id, amount);
  }

  /** For an erasure: what the CDE holds of a person's cards is forgotten there. Idempotent by the request. */
  async forgetCards(request: PrivacyRequestId, tokens: readonly string[]): Promise<Result<StoreAnswer, "unavailable">> {
    requireCaller(this.ctx.props, "sessions");
    if (parseHandoffId(request) === undefined || !tokens.every(isToken)) throw new TypeError("not a request's tokens");
    const line = await cdeLine(this.env);
    let total = { count: 0, left: 0 };
    // In parts that fit one call; the CDE adds up what all of them found.
    for (let from = 0; from < tokens.length; from += FORGET_MOST_TOKENS) {
      const body: ForgetRequest = { request, tokens: tokens.slice(from, from + FORGET_MOST_TOKENS) };
      const call = { method: "POST", path: "/v1/tokens/forget", idempotencyKey: request } as const;
      const part = forgetResult(await exchange(line, call, body));
      if (!part.ok) return part;
      total = { count: part.value.count, left: total.left + part.value.left };
    }
    return ok({ store: "vault", outcome: total.count === 0 ? "none" : "erased", ...total });
  }

  /** One idempotency key a verb of a hand-off, the same at the processor. */
  async #payment(handoff: string, path: string, idempotencyKey: string, body: object): Promise<PaymentResult> {
    const answer = await exchange(await cdeLine(this.env), { method: "POST", path, idempotencyKey }, body);
    return paymentResult(answer, handoff);
  }
}

async function cdeLine(env: Env): Promise<CdeLine> {
  const keys = await boot(env);
  const client = env.CDE_CLIENT;
  return {
    origin: env.PAY_ORIGIN,
    keys,
    send: (request) => (client === undefined ? fetch(request) : client.fetch(request)),
    now: () => Date.now(),
  };
}

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<Env>;
