import type {
  AttestationAnswer,
  EatClaims,
  HelloAnswer,
  StoreAttestationClaims,
} from "../../protocol/cart/messages.ts";
import type { CartOptions } from "./options.ts";
import { verifyStoreAttestation } from "./trust.ts";

/** A hello's nonce is good for 60 s (cart.cddl); some of them go on the way. */
const HELLO_NONCE_MS = 50_000;

/** What the cart can prove and what was proved to it: the next nonce, the cell's time, the store attestation. All RAM. */
export class Evidence {
  readonly #options: CartOptions;
  readonly #now: () => number;
  #nonce: { readonly bytes: Uint8Array; readonly until: number } | null = null;
  #attestation: StoreAttestationClaims | null = null;
  /** Cell time less the cart's, ms. */
  #clockOffset = 0;

  constructor(options: CartOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Cell time as far as the cart knows it, ms since the epoch. */
  time(): number {
    return this.#now() + this.#clockOffset;
  }

  /** Null where there is none in force: the cart is locked. */
  get attestation(): StoreAttestationClaims | null {
    const claims = this.#attestation;
    return claims !== null && this.time() < claims.expires ? claims : null;
  }

  greeted({ nonce, time }: HelloAnswer): void {
    this.#nonce = { bytes: nonce, until: this.#now() + HELLO_NONCE_MS };
    this.#clockOffset = time - this.#now();
  }

  /** A nonce that came with an answer is known to this cart alone and waits for its next use. */
  carry(nonce: Uint8Array): void {
    this.#nonce = { bytes: nonce, until: Infinity };
  }

  /** Claims with the next nonce, which counts as spent whatever becomes of them; null when a hello is due. */
  claims(boot: number): EatClaims | null {
    const next = this.#nonce;
    if (next === null || next.until <= this.#now()) return null;
    this.#nonce = null;
    const { serial, reader, debug = 4, firmware } = this.#options;
    const { version, digest, securityCounter } = firmware;
    return { nonce: next.bytes, serial, debug, boot, version, digest, securityCounter, reader };
  }

  /** Takes a store attestation as the answer to claims with this nonce; one that does not verify locks the cart. */
  async attested(answer: AttestationAnswer, nonce: Uint8Array): Promise<void> {
    this.carry(answer.nonce);
    const { serial, rootPublicKey } = this.#options;
    const trusted = await verifyStoreAttestation({ ...answer, rootPublicKey, serial, nonce }, this.time());
    this.#attestation = trusted.ok ? trusted.value : null;
  }
}
