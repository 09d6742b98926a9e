import { createHash } from "node:crypto";
import { CompactSign, exportJWK, generateKeyPair, type CryptoKey } from "jose";
import { CARD_STATEMENT_TYPE, type CardStatement } from "../../../protocol/pay/contract.ts";
import type { FormToken } from "../../../protocol/rooms/identity.ts";

/** A CDE of the tests: one key pair a process. */
const cde = generateKeyPair("ES256", { extractable: true });

export async function cdePublicJwk(): Promise<string> {
  return JSON.stringify(await exportJWK((await cde).publicKey));
}

/** A card as the vault knows it: the same digit, the same card. */
export const cardReference = (card: number | string): string => String(card).repeat(43).slice(0, 43);

export interface StatementChange {
  readonly claims?: Partial<Record<keyof CardStatement, unknown>>;
  readonly typ?: string;
  readonly key?: CryptoKey;
}

/** What the card form would hand to the app for a card, with whatever a test wants to be wrong with it. */
export async function formToken(card: number, change: StatementChange = {}): Promise<FormToken> {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString("hex");
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    aud: "identity/eu",
    iat,
    exp: iat + 900,
    token_hash: createHash("sha256").update(token).digest("base64url"),
    reference: cardReference(card),
    scheme: "visa",
    last4: "4242",
    exp_month: 12,
    exp_year: 2034,
    ...change.claims,
  };
  const statement = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: "ES256", typ: change.typ ?? CARD_STATEMENT_TYPE })
    .sign(change.key ?? (await cde).privateKey);
  return { token, statement };
}
