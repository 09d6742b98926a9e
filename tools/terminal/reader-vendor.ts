import { SignJWT, importJWK, type JWK } from "jose";
import {
  CLIENT_ASSERTION_MAX_SECONDS,
  READER_VENDOR_CLIENT,
  type TokenizeAnswer,
  type TokenizeRequest,
} from "../../protocol/pay/contract.ts";
import type { TestCard } from "./test-cards.ts";

const PATH = "/v1/payments/tokenize";

export interface ReaderVendorOptions {
  readonly payOrigin: string;
  /** The vendor's private client key (ES256). */
  readonly clientKey: JWK;
}

/**
 * The card-reader vendor's back end: the reader sends it the tapped card, it gets a token from the CDE, and the
 * token alone goes down the serial line to the cart.
 */
export class ReaderVendor {
  readonly #options: ReaderVendorOptions;

  constructor(options: ReaderVendorOptions) {
    this.#options = options;
  }

  /** A card tapped at a cart of `store`: a token that identifies there and nowhere else. A tap has no CVV. */
  tap(card: Pick<TestCard, "pan" | "exp">, store: string, idempotencyKey: string = crypto.randomUUID()) {
    return this.tokenize({ pan: card.pan, exp: card.exp, use: "identify", store }, idempotencyKey);
  }

  /**
   * Time-out 10 s; a retry with the same key gets the same token.
   * @throws Error with status and code when the CDE refuses
   */
  async tokenize(request: TokenizeRequest, idempotencyKey: string): Promise<TokenizeAnswer> {
    const response = await fetch(new URL(PATH, this.#options.payOrigin), {
      method: "POST",
      headers: {
        authorization: `Bearer ${await this.assertion()}`,
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
      },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = (await response.json()) as TokenizeAnswer & { code?: string };
    if (response.status !== 201) throw new Error(`the pay origin refuses: ${response.status} ${answer.code ?? ""}`);
    return answer;
  }

  /** A `private_key_jwt` (RFC 7523) for one call. */
  async assertion(now: number = Date.now()): Promise<string> {
    const key = await importJWK(this.#options.clientKey, "ES256");
    const seconds = Math.floor(now / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: "ES256", typ: "JWT" })
      .setIssuer(READER_VENDOR_CLIENT)
      .setSubject(READER_VENDOR_CLIENT)
      .setAudience(new URL(PATH, this.#options.payOrigin).href)
      .setJti(crypto.randomUUID())
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + CLIENT_ASSERTION_MAX_SECONDS - 5)
      .sign(key);
  }
}
