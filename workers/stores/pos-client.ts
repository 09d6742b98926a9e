import type { HandoffId, SessionId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Quote, Sale, SaleLine, StoreSettings } from "../../protocol/rooms/stores.ts";
import { quoteAnswer, saleAnswer, toQuote, toQuoteBody, toSaleBody } from "./pos-wire.ts";

export type PosReason = "unavailable" | "refused";
export type PosStore = Pick<StoreSettings, "store" | "country" | "currency" | "taxIncluded">;

/** What the POS says it has booked. */
export interface Booked {
  readonly transaction: string;
  /** The text of a fiscal QR code where the country has one. */
  readonly fiscal: string | null;
  readonly totalMinor: number;
  readonly currency: string;
}

/** One store's POS. Both calls are idempotent by the hand-off. */
export interface PosClient {
  quote(
    store: PosStore,
    session: SessionId,
    handoff: HandoffId,
    lines: readonly SaleLine[],
  ): Promise<Result<Quote, PosReason>>;
  sell(sale: Sale): Promise<Result<Booked, PosReason>>;
}

const TIME_OUT_MS = 5_000;
const MAX_ANSWER = 1 << 20;

/**
 * A POS over HTTP. Fails closed: no answer in 5 s, a redirect, a server's error, a rejected key or an answer that
 * can't be read is `unavailable` and may be tried again under the same key; a plain 4xx is `refused`.
 * Nothing is retried here: the session decides, and has the deadline.
 * @param base from `posBase`, which has checked the host
 */
export function httpPos(
  base: string,
  key: string,
  fetcher: (url: string, init: RequestInit) => Promise<Response>,
  timeOutMs = TIME_OUT_MS,
): PosClient {
  const post = posCall(base, key, fetcher, timeOutMs);
  return {
    async quote(store, session, handoff, lines) {
      const answer = await post("/v1/quotes", handoff, toQuoteBody(store, session, lines));
      if (!answer.ok) return answer;
      const parsed = quoteAnswer.safeParse(answer.value);
      return parsed.success ? ok(toQuote(parsed.data)) : fail("unavailable");
    },
    async sell(sale) {
      const answer = await post("/v1/sales", sale.handoff, toSaleBody(sale));
      if (!answer.ok) return answer;
      const parsed = saleAnswer.safeParse(answer.value);
      if (!parsed.success) return fail("unavailable");
      const { transaction, fiscal, total_minor: totalMinor, currency } = parsed.data;
      return ok({ transaction, fiscal, totalMinor, currency });
    },
  };
}

/** One call to a POS: path, idempotency key, body. */
export type PosCall = (path: string, idempotencyKey: string, body: object) => Promise<Result<unknown, PosReason>>;

/** The way to a POS over HTTP; its failure policy is that of `httpPos`. */
export function posCall(
  base: string,
  key: string,
  fetcher: (url: string, init: RequestInit) => Promise<Response>,
  timeOutMs = TIME_OUT_MS,
): PosCall {
  return async (path, idempotencyKey, body) => {
    try {
      const response = await fetcher(base + path, {
        method: "POST",
        headers: {
          authorization: `Bearer ${key}`,
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: JSON.stringify(body),
        redirect: "manual",
        signal: AbortSignal.timeout(timeOutMs),
      });
      if (!response.ok) {
        await response.body?.cancel();
        report(path, String(response.status));
        return fail(isRefusal(response.status) ? "refused" : "unavailable");
      }
      const text = await response.text();
      return text.length > MAX_ANSWER ? fail("unavailable") : ok(JSON.parse(text) as unknown);
    } catch (error) {
      report(path, error instanceof Error ? error.name : "");
      return fail("unavailable");
    }
  };
}

/** For operators: which call failed and how, without what was in it. */
function report(path: string, outcome: string): void {
  console.error(JSON.stringify({ event: "pos_failed", path, outcome }));
}

/** Our own key or our own haste is not the basket's fault: 401, 403, 408, 425 and 429 may pass. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
}
