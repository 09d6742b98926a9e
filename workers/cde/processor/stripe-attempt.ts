import { Stripe } from "stripe";
import { fail, ok, type Result } from "../../../protocol/result.ts";

/**
 * How a call to Stripe can fail. `refused`: a settled no, nothing took effect. `undecided`: an answer that settles
 * nothing (a lock, a rate limit, a fault there, a wrong key). `silent`: nothing, or nothing readable, in time.
 */
export type Failure = "refused" | "undecided" | "silent";

/** 402 is a decline; 400 and 404 an order that Stripe did not accept. A 409 is another call still under way. */
const REFUSALS: readonly unknown[] = [400, 402, 404];

/** Runs one call of the SDK. No error of it goes on: their messages and headers quote what was sent. */
export async function attempt<T>(call: () => Promise<T>): Promise<Result<T, Failure>> {
  try {
    return ok(await call());
  } catch (error) {
    return fail(failureOf(error));
  }
}

function failureOf(error: unknown): Failure {
  const { StripeError, StripeConnectionError } = Stripe.errors;
  if (!(error instanceof StripeError) || error instanceof StripeConnectionError) return "silent";
  if (REFUSALS.includes(error.statusCode)) return "refused";
  // For the operator: of the error only what is of a closed form, never its message.
  console.warn(
    JSON.stringify({ event: "processor_undecided", status: error.statusCode ?? null, kind: error.constructor.name }),
  );
  return "undecided";
}
