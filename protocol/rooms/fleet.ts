import type { CartSerial, Kid, StoreId } from "../ids.ts";
import type { EatClaims } from "../cart/messages.ts";
import type { Result } from "../result.ts";

/** What a door needs to check one cart's frames; cached per isolate for 60 s at most. */
export interface CartRecord {
  readonly serial: CartSerial;
  readonly kid: Kid;
  /** P-256 public key, uncompressed point (65 bytes). */
  readonly publicKey: Uint8Array;
  readonly status: "active" | "revoked";
  /** The signed, dated assignment in force; null when the cart belongs to no store now. */
  readonly store: StoreId | null;
  readonly policy: AttestationPolicy;
}

/** What a cart must prove (RATS appraisal policy, RFC 9334). */
export interface AttestationPolicy {
  /** Allowed image digests (SHA-256, hex). */
  readonly digests: readonly string[];
  readonly minimumSecurityCounter: number;
}

/** A refusal at the cart's door. Nothing of the input, only what the verifier knows. */
export interface CartRefusal {
  readonly code: string;
  /** The route, not the URL, e.g. `POST /cart/v1/sessions/{id}/events`. */
  readonly route: string;
  readonly cart: CartSerial | null;
  readonly kid: Kid | null;
  readonly when: number;
}

export interface StoreAttestation {
  /** COSE_Sign1 by the cell's statement key (see cart.cddl, store-attestation). */
  readonly statement: Uint8Array;
  /** COSE_Sign1 by the root: names the cell's statement key. */
  readonly cellKey: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export type AttestReason = "attestation" | "wrong_store" | "cart_revoked" | "unavailable";

export interface FleetForEdge {
  cart(kid: Kid): Promise<Result<CartRecord, "unknown" | "unavailable">>;
  /**
   * Checks the beacon's statement (its nonce is the one given to this cart) against the cart's
   * assignment, and signs the store attestation, good for 12 h at most. EAT claims were checked by the door.
   */
  attestStore(
    serial: CartSerial,
    nonce: Uint8Array,
    eat: EatClaims,
    beaconStatement: Uint8Array,
  ): Promise<Result<StoreAttestation, AttestReason>>;
  refused(refusal: CartRefusal): Promise<Result<undefined, "unavailable">>;
}

/** One line of the factory's manifest: what may be enrolled. */
export interface ManifestEntry {
  readonly serial: CartSerial;
  /** SHA-256 of the SubjectPublicKeyInfo (DER), hex. */
  readonly publicKeyHash: string;
}

export interface FleetForOps {
  importManifest(entries: readonly ManifestEntry[]): Promise<
    Result<
      {
        readonly added: number;
        readonly known: number;
        readonly refused: readonly { readonly row: number; readonly reason: string }[];
      },
      "unavailable"
    >
  >;
  /** PKCS #10 (DER), signed by the cart's key. Answers certificate and chain (DER). Enrolling the same key again answers the same certificate. */
  enrol(
    csr: Uint8Array,
  ): Promise<
    Result<
      { readonly certificate: Uint8Array; readonly chain: readonly Uint8Array[] },
      "bad_request" | "not_in_manifest" | "key_mismatch" | "revoked" | "unavailable"
    >
  >;
  assign(
    serial: CartSerial,
    store: StoreId,
    staff: string,
  ): Promise<Result<undefined, "unknown" | "revoked" | "unavailable">>;
  revoke(serial: CartSerial, staff: string): Promise<Result<undefined, "unknown" | "unavailable">>;
  setPolicy(policy: AttestationPolicy, staff: string): Promise<Result<undefined, "invalid" | "unavailable">>;
  /** A store's beacon: its P-256 public key, uncompressed point. */
  registerBeacon(
    store: StoreId,
    beacon: string,
    publicKey: Uint8Array,
  ): Promise<Result<undefined, "invalid" | "unavailable">>;
}
