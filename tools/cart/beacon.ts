import type { Bytes } from "../../protocol/cart/cbor.ts";
import { kidOf, signFrame, STORE_BEACON } from "../../protocol/cart/cose.ts";
import { encodeBeaconStatement } from "../../protocol/cart/statements.ts";
import type { StoreId } from "../../protocol/ids.ts";
import { SecureElement, type ElementJwk } from "./secure-element.ts";

/** Stands in for a store's radio beacon: it signs the nonce that a cart near it shows. */
export class StoreBeacon {
  readonly store: StoreId;
  readonly #key: SecureElement;

  private constructor(store: StoreId, key: SecureElement) {
    this.store = store;
    this.#key = key;
  }

  static async make(store: StoreId): Promise<StoreBeacon> {
    return new StoreBeacon(store, await SecureElement.make());
  }

  static async restore(store: StoreId, jwk: ElementJwk): Promise<StoreBeacon> {
    return new StoreBeacon(store, await SecureElement.restore(jwk));
  }

  save(): Promise<ElementJwk> {
    return this.#key.save();
  }

  /** Uncompressed point, 65 bytes: what the fleet registers. */
  publicPoint(): Promise<Bytes> {
    return this.#key.publicPoint();
  }

  /** A frame over {store, nonce}; kid: first 8 bytes of SHA-256 over the public point. */
  async state(nonce: Uint8Array): Promise<Bytes> {
    const kid = await kidOf(await this.publicPoint());
    return signFrame(encodeBeaconStatement({ store: this.store, nonce }), kid, STORE_BEACON, this.#key.sign);
  }
}
