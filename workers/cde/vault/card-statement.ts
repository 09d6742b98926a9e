import { CompactSign } from "jose";
import {
  CARD_STATEMENT_LIFE_SECONDS,
  CARD_STATEMENT_TYPE,
  cardStatementAudience,
  type CardStatement,
  type TokenizeAnswer,
} from "../../../protocol/pay/contract.ts";
import { base64url, utf8 } from "../bytes.ts";

/** Signs a statement of a token and the card reference behind it. @param now milliseconds since the epoch */
export type StateCard = (answer: TokenizeAnswer, reference: string, now: number) => Promise<string>;

/**
 * The identity room has no way to the CDE, so what it must know of a new payment method comes through the app, signed
 * (RFC 7515). Short-lived, for one cell, bound to the token by its hash.
 */
export function cardStatements(key: CryptoKey, cell: string): StateCard {
  return async (answer, reference, now) => {
    const iat = Math.floor(now / 1000);
    const statement: CardStatement = {
      aud: cardStatementAudience(cell),
      iat,
      exp: iat + CARD_STATEMENT_LIFE_SECONDS,
      token_hash: base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(answer.token)))),
      reference,
      scheme: answer.scheme,
      last4: answer.last4,
      exp_month: answer.exp_month,
      exp_year: answer.exp_year,
    };
    return new CompactSign(utf8(JSON.stringify(statement)))
      .setProtectedHeader({ alg: "ES256", typ: CARD_STATEMENT_TYPE })
      .sign(key);
  };
}
