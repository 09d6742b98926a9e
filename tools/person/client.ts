import type {
  FormToken,
  LoyaltyCard,
  PairingCode,
  PairingState,
  PaymentMethod,
  Profile,
} from "../../protocol/rooms/identity.ts";
import type { PrivacyKind, PrivacyLaw, PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import { LiveBasket } from "./live-basket.ts";
import { Problem, problemOf } from "./problem.ts";

/** Longer than any call of the app API should take. */
const TIME_OUT_MS = 10_000;

export interface PersonOptions {
  /** The cell's API, e.g. `http://127.0.0.1:8797`. */
  readonly apiOrigin: string;
  /** The cell's identity provider; exactly the issuer that the API is configured with. */
  readonly issuerOrigin: string;
  readonly username: string;
  readonly name?: string;
  readonly email?: string;
  readonly fetch?: typeof fetch;
}

export interface PrivacyAsk {
  readonly kind: PrivacyKind;
  readonly law?: PrivacyLaw;
  readonly correction?: Partial<Profile>;
}

/** A page of the receipts list (OpenAPI: ReceiptList). */
export interface ReceiptPage {
  readonly receipts: readonly {
    readonly reference: string;
    readonly store: { readonly id: string; readonly name: string };
    readonly issuedAt: string;
    readonly totalMinor: number;
    readonly corrects: string | null;
  }[];
  readonly next: string | null;
}

/** A trip as its shopper's app sees it (OpenAPI: Basket); amounts in the currency's minor unit. */
export interface TripView {
  readonly session: string;
  readonly store: string;
  readonly state: string;
  readonly totalMinor: number;
  readonly currency: string;
  readonly lines: readonly { readonly name: string; readonly quantity: number; readonly totalMinor: number }[];
}

/**
 * A shopper with the retailer's app, over the public API alone. Every call has a time-out of 10 s and is tried once:
 * a person looks at the error and taps again. Refusals are thrown as `Problem`.
 */
export class Person {
  readonly #options: PersonOptions;
  readonly #fetch: typeof fetch;
  #token: string | null = null;

  constructor(options: PersonOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? fetch;
  }

  /** Gets an access token. `wrong` asks the simulated provider for one that must be refused. */
  async signIn(wrong?: "expired" | "audience" | "issuer" | "key" | "type"): Promise<void> {
    const { issuerOrigin, username, name, email } = this.#options;
    const form = new URLSearchParams({ username });
    if (name !== undefined) form.set("name", name);
    if (email !== undefined) form.set("email", email);
    if (wrong !== undefined) form.set("wrong", wrong);
    const response = await this.#fetch(`${issuerOrigin}/token`, {
      method: "POST",
      body: form,
      signal: AbortSignal.timeout(TIME_OUT_MS),
    });
    if (!response.ok) throw await problemOf(response);
    const { access_token: token } = (await response.json()) as { access_token?: unknown };
    if (typeof token !== "string") throw new Error("the identity provider gave no access token");
    this.#token = token;
  }

  /** A code to show to a cart of this store; it lives for a minute. */
  pairingCode(store: string): Promise<PairingCode> {
    return this.#call("POST", "/v1/pairing-codes", { store });
  }

  pairingState(code: string): Promise<PairingState> {
    return this.#call("GET", `/v1/pairing-codes/${encodeURIComponent(code)}`);
  }

  /** "Yes, that is my cart": after the two digits were compared. */
  confirm(code: string): Promise<PairingState> {
    return this.#call("POST", `/v1/pairing-codes/${encodeURIComponent(code)}/confirm`);
  }

  me(): Promise<Profile> {
    return this.#call("GET", "/v1/me");
  }

  patch(change: Partial<Profile>): Promise<Profile> {
    return this.#call("PATCH", "/v1/me", change);
  }

  async loyaltyCards(): Promise<readonly LoyaltyCard[]> {
    return (await this.#call<{ cards: readonly LoyaltyCard[] }>("GET", "/v1/me/loyalty-cards")).cards;
  }

  addLoyaltyCard(number: string): Promise<LoyaltyCard> {
    return this.#call("POST", "/v1/me/loyalty-cards", { number });
  }

  async removeLoyaltyCard(id: string): Promise<void> {
    await this.#call("DELETE", `/v1/me/loyalty-cards/${encodeURIComponent(id)}`);
  }

  async paymentMethods(): Promise<readonly PaymentMethod[]> {
    return (await this.#call<{ methods: readonly PaymentMethod[] }>("GET", "/v1/me/payment-methods")).methods;
  }

  /** What the card form handed to the app. */
  addPaymentMethod({ token, statement }: FormToken): Promise<PaymentMethod> {
    return this.#call("POST", "/v1/me/payment-methods", { token, statement });
  }

  async removePaymentMethod(id: string): Promise<void> {
    await this.#call("DELETE", `/v1/me/payment-methods/${encodeURIComponent(id)}`);
  }

  /** The open trip that the person is linked to; null when there is none. */
  async session(): Promise<TripView | null> {
    try {
      return await this.#call<TripView>("GET", "/v1/me/session");
    } catch (error) {
      if (error instanceof Problem && error.code === "no_session") return null;
      throw error;
    }
  }

  /** A page of the person's receipts; the last has no `next`. */
  receipts(cursor: string | null = null): Promise<ReceiptPage> {
    return this.#call("GET", `/v1/me/receipts${cursor === null ? "" : `?cursor=${cursor}`}`);
  }

  /** Follows the open trip that the person is linked to. @throws Error when nobody is signed in */
  follow(): LiveBasket {
    if (this.#token === null) throw new Error("nobody is signed in");
    return new LiveBasket(this.#options.apiOrigin, this.#token);
  }

  /** Asks for access, correction or erasure; the same key is the same request. */
  askPrivacy(order: PrivacyAsk, key?: string): Promise<PrivacyStatus> {
    return this.#call("POST", "/v1/me/privacy-requests", order, key === undefined ? {} : { "idempotency-key": key });
  }

  privacyRequest(id: string): Promise<PrivacyStatus> {
    return this.#call("GET", `/v1/me/privacy-requests/${encodeURIComponent(id)}`);
  }

  async privacyRequests(): Promise<readonly PrivacyStatus[]> {
    return (await this.#call<{ requests: readonly PrivacyStatus[] }>("GET", "/v1/me/privacy-requests")).requests;
  }

  /** What an access request found. */
  accessFile(id: string): Promise<Readonly<Record<string, unknown>>> {
    return this.#call("GET", `/v1/me/privacy-requests/${encodeURIComponent(id)}/file`);
  }

  /** The same as a page: its address, and the header that opens it, for a web view. */
  accessPage(id: string): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
    const url = `${this.#options.apiOrigin}/v1/me/privacy-requests/${encodeURIComponent(id)}/file`;
    return { url, headers: { accept: "text/html", authorization: `Bearer ${this.#token ?? ""}` } };
  }

  /** Erases the account. */
  eraseMe(): Promise<PrivacyStatus> {
    return this.#call("DELETE", "/v1/me");
  }

  async #call<T>(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const response = await this.#fetch(this.#options.apiOrigin + path, {
      method,
      headers: {
        ...headers,
        accept: "application/json",
        ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIME_OUT_MS),
    });
    if (!response.ok) throw await problemOf(response);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
}
