import { EXPONENT, parseCurrency, type Money } from "../../../protocol/money/money.ts";
import { fail, ok } from "../../../protocol/result.ts";
import type { Egress } from "../egress.ts";
import { declineOfResponse } from "./decline.ts";
import { emvBlock } from "./emv.ts";
import { exactAt, fromProcessor, type ExponentTable } from "./exponent.ts";
import { isCount, isName } from "./fields.ts";
import type { Processor, ProcessorPayment, ProcessorResult } from "./processor.ts";

/** The simulator counts as ISO 4217 does. */
export const SIMULATOR_EXPONENT: ExponentTable = EXPONENT;

const STATES: ReadonlyMap<unknown, ProcessorPayment["state"]> = new Map([
  ["processing", "pending"],
  ["authorized", "approved"],
  ["declined", "declined"],
  ["captured", "captured"],
  ["voided", "voided"],
]);

/** The simulated processor over HTTP. 4xx is a refusal; all else that is not a whole, readable answer is none. */
export function simulatorProcessor(send: Egress, key: string): Processor {
  const call = async (path: string, change?: { body: unknown; key?: string }): Promise<ProcessorResult<unknown>> => {
    try {
      const response = await send(path, {
        method: change === undefined ? "GET" : "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          ...(change?.key === undefined ? {} : { "idempotency-key": change.key }),
        },
        ...(change === undefined ? {} : { body: JSON.stringify(change.body) }),
      });
      const text = await response.text();
      // 401, 408 and 429 say nothing about the payment; only a settled "no" is a refusal.
      if ([400, 404, 409, 422].includes(response.status)) return fail("refused");
      return response.ok ? ok(JSON.parse(text) as unknown) : fail("no_answer");
    } catch {
      return fail("no_answer");
    }
  };
  const changed = async (path: string, body: unknown, idempotencyKey: string) => {
    const answer = await call(path, { body, key: idempotencyKey });
    if (!answer.ok) return answer;
    const payment = readPayment(answer.value);
    return payment === undefined ? fail("no_answer") : ok(payment);
  };
  const moved = async (path: string, amount: Money, idempotencyKey: string, order: object = {}) => {
    const exact = exactAt(amount, SIMULATOR_EXPONENT);
    if (!exact.ok) return exact;
    return changed(path, { ...order, amount_minor: exact.value, currency: amount.currency }, idempotencyKey);
  };
  const at = (reference: string, verb = "") => `/v1/payments/${encodeURIComponent(reference)}${verb}`;

  return {
    async ofHandoff(handoff) {
      const answer = await call(`/v1/payments?handoff=${encodeURIComponent(handoff)}`);
      if (!answer.ok) return fail("no_answer");
      const listed = (answer.value as { payments?: unknown } | null)?.payments;
      if (!Array.isArray(listed)) return fail("no_answer");
      const payments = listed.map(readPayment);
      return payments.every((each) => each !== undefined) ? ok(payments) : fail("no_answer");
    },
    async payment(reference) {
      const answer = await call(at(reference));
      if (!answer.ok) return answer.reason === "refused" ? ok(null) : answer;
      const payment = readPayment(answer.value);
      return payment === undefined ? fail("no_answer") : ok(payment);
    },
    capture: (reference, amount, idempotencyKey) => moved(at(reference, "/capture"), amount, idempotencyKey),
    void: (reference, idempotencyKey) => changed(at(reference, "/void"), {}, idempotencyKey),
    refund: (reference, amount, idempotencyKey) => moved(at(reference, "/refunds"), amount, idempotencyKey),
    charge({ handoff, store, terminal, amount, pan, expiryMonth, expiryYear }, idempotencyKey) {
      const exp = `${String(expiryMonth).padStart(2, "0")}/${String(expiryYear % 100).padStart(2, "0")}`;
      const order = { handoff, store, terminal, card: { pan, exp } };
      return moved("/v1/card-not-present-payments", amount, idempotencyKey, order);
    },
    async paymentAccountReference(pan) {
      const answer = await call("/v1/payment-account-references", { body: { pan } });
      const reference = answer.ok
        ? (answer.value as { payment_account_reference?: unknown } | null)?.payment_account_reference
        : undefined;
      return typeof reference === "string" && /^[A-Z0-9]{29}$/.test(reference) ? reference : undefined;
    },
  };
}

/** @returns undefined when the answer is not a whole payment: it then counts as no answer */
export function readPayment(value: unknown): ProcessorPayment | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Record<string, unknown>;
  const { reference, handoff, terminal, store, created, authorized_minor: authorized } = given;
  const captured = given["captured_minor"];
  const state = STATES.get(given["state"]);
  const currency = typeof given["currency"] === "string" ? parseCurrency(given["currency"]) : undefined;
  if (state === undefined || currency === undefined) return undefined;
  if (!isName(reference) || !isName(handoff) || !isName(terminal) || !isName(store)) return undefined;
  if (!isCount(created) || !isCount(authorized) || !isCount(captured)) return undefined;
  const emv = given["emv"] === null ? null : emvBlock(given["emv"]);
  if (emv === undefined) return undefined;
  return {
    reference,
    handoff,
    state,
    amount: fromProcessor(authorized, currency, SIMULATOR_EXPONENT),
    capturedMinor: fromProcessor(captured, currency, SIMULATOR_EXPONENT).minor,
    terminal,
    store,
    emv,
    decline: state === "declined" ? declineOfResponse(emv?.arc) : null,
    created,
  };
}
