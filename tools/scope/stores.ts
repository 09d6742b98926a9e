/** Columns of the vault that hold, or are made from, cardholder data. */
export const SENSITIVE: Readonly<Record<string, string>> = {
  "cards.pan": "the card number, sealed with AES-256-GCM; null once no token needs it",
  "cards.fingerprint": "keyed digest of the card number",
  "cards.account": "keyed digest of the payment account reference",
  "tokens.digest": "keyed digest of a token",
  "tokens.exp_month": "expiry",
  "tokens.exp_year": "expiry",
  "idempotency.request": "keyed digest of a request without its CVV",
  "idempotency.answer": "an answer with a token, sealed",
  "authorizations.emv": "receipt data, the last four digits at the most",
  "data_keys.wrapped": "a data key, wrapped",
};
