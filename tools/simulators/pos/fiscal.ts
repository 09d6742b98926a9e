import { decimalText } from "../../../protocol/money/format.ts";
import type { Currency } from "../../../protocol/money/money.ts";

export interface FiscalFacts {
  readonly store: string;
  readonly country: string;
  readonly currency: Currency;
  readonly transaction: number;
  readonly startedAt: number;
  readonly paidAt: number;
  /** Gross by rate in basis points. */
  readonly gross: ReadonlyMap<number, number>;
  readonly totalMinor: number;
}

/** The order of rates in DSFinV-K's process data: standard, reduced, two averages for farmers, none. */
const DE_RATES = [1900, 700, 1070, 550, 0];

/**
 * The text of a German receipt's QR code (KassenSichV § 6; DSFinV-K annex I): in the form of a certified security
 * module's, but made by a simulator. Its serial says so and its signature is a digest. Null in other countries.
 */
export async function fiscalText(facts: FiscalFacts): Promise<string | null> {
  if (facts.country !== "DE") return null;
  const amount = (minor: number) => decimalText({ minor, currency: facts.currency });
  const gross = DE_RATES.map((rate) => amount(facts.gross.get(rate) ?? 0)).join("_");
  const fields = [
    "V0",
    `SIMULATED-${facts.store}`,
    "Kassenbeleg-V1",
    `Beleg^${gross}^${amount(facts.totalMinor)}:Unbar`,
    String(facts.transaction),
    // Two signatures a transaction: at its start and at its end.
    String(facts.transaction * 2),
    new Date(facts.startedAt).toISOString(),
    new Date(facts.paidAt).toISOString(),
    "sha256-simulated",
    "utcTime",
  ];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(fields.join(";")));
  return [...fields, btoa(String.fromCharCode(...new Uint8Array(digest))), ""].join(";");
}
