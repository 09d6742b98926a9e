/** Card schemes as they write themselves, in every language, by the name that a token or a terminal's answer has. */
const NAMES: Readonly<Record<string, string>> = {
  visa: "Visa",
  mastercard: "Mastercard",
  amex: "American Express",
  discover: "Discover",
  diners: "Diners Club",
  jcb: "JCB",
  unionpay: "UnionPay",
  maestro: "Maestro",
};

/** The scheme as people know it; one that is not known here stays as the terminal gave it. */
export function schemeName(scheme: string): string {
  return Object.hasOwn(NAMES, scheme) ? (NAMES[scheme] ?? scheme) : scheme;
}
