import { EXPONENT } from "../../../protocol/money/money.ts";
import type { ExponentTable, StepTable } from "./exponent.ts";

/**
 * Stripe counts as ISO 4217 does, save that ISK and UGX, which have no minor unit any more, are still sent with two
 * decimals that must be 00. HUF and TWD are without decimals in payouts alone: a charge may have them.
 * Source: docs.stripe.com/currencies, "Special cases".
 */
export const STRIPE_EXPONENT: ExponentTable = { ...EXPONENT, ISK: 2, UGX: 2 };

/** In currencies of three decimals the last digit must be 0 (docs.stripe.com/currencies, "Three-decimal currencies"). */
export const STRIPE_STEP: StepTable = { ISK: 100, UGX: 100, BHD: 10, JOD: 10, KWD: 10, OMR: 10, TND: 10 };
