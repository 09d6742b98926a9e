import type { CartSerial, Kid, StoreId } from "../ids.ts";
import type { EatClaims } from "../cart/messages.ts";
import type { RangeAnswer } from "../cart/range.ts";
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
  /**
   * The signed manifest that a cart is offered, null when there is none for it. Decided by the digest and the counter
   * that it attests and by the store of its assignment, never by the version that it reports.
   */
  firmwareFor(eat: EatClaims): Promise<Result<Uint8Array | null, "unavailable">>;
  /**
   * A released image, or a part of it.
   * @param digest SHA-256, 64 lower-case hex digits
   * @param range the request's `Range` field; null when it has none or it is to be ignored
   */
  firmwareImage(digest: string, range: string | null): Promise<Result<FirmwarePart, "unknown" | "unavailable">>;
}

export interface FirmwarePart {
  /** Bytes of the whole image. */
  readonly size: number;
  readonly range: RangeAnswer;
  /** Empty where the range is unsatisfiable. */
  readonly bytes: Uint8Array;
}

/** Images larger than this do not fit a slot of the cart's flash (cart-fw/docs/FLASHMAP.md). */
export const MAX_IMAGE_BYTES = 1_536 * 1024 - 4096;

/** A firmware release as staff see it. */
export interface FirmwareRelease {
  /** SHA-256 of the image, hex. */
  readonly digest: string;
  readonly version: string;
  readonly securityCounter: number;
  readonly size: number;
  readonly hardwareRevision: number;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
  readonly publishedBy: string;
  /** Index of its entry in the audit log, by which its inclusion is proved. */
  readonly auditIndex: number;
}

export type RolloutState = "running" | "paused" | "ended";

export interface FirmwareRollout {
  readonly id: number;
  readonly digest: string;
  readonly hardwareRevision: number;
  /** Null: every store of the cell. */
  readonly stores: readonly StoreId[] | null;
  /** Of those stores' carts, 1 to 100. */
  readonly percentage: number;
  readonly state: RolloutState;
  readonly startedAt: number;
}

export interface RolloutOrder {
  readonly digest: string;
  readonly stores: readonly StoreId[] | null;
  readonly percentage: number;
}

/** Why a release is not published. */
export type PublishReason =
  | "malformed_manifest"
  | "signatures"
  | "unknown_image"
  | "image_mismatch"
  | "version_taken"
  | "unavailable";
/** Why a rollout does not start or change. `policy`: the attestation policy would refuse carts with this image. */
export type RolloutReason = "unknown_release" | "policy" | "downgrade" | "rollout_open" | "state" | "unavailable";

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
  /** The policy in force; one without digests before staff has set one. */
  policy(): Promise<Result<AttestationPolicy, "unavailable">>;
  setPolicy(policy: AttestationPolicy, staff: string): Promise<Result<undefined, "invalid" | "unavailable">>;
  /** A store's beacon: its P-256 public key, uncompressed point. */
  registerBeacon(
    store: StoreId,
    beacon: string,
    publicKey: Uint8Array,
  ): Promise<Result<undefined, "invalid" | "unavailable">>;
  /** Keeps an image under its digest until it is released. The same image again changes nothing. */
  putFirmwareImage(
    digest: string,
    image: Uint8Array,
    staff: string,
  ): Promise<Result<undefined, "image_mismatch" | "unavailable">>;
  /** Publishes a manifest that two signers signed, over an image that is there. The same manifest again changes nothing. */
  publishFirmware(manifest: Uint8Array, staff: string): Promise<Result<FirmwareRelease, PublishReason>>;
  startRollout(order: RolloutOrder, staff: string): Promise<Result<FirmwareRollout, RolloutReason>>;
  /** An ended rollout stays ended. */
  changeRollout(rollout: number, state: RolloutState, staff: string): Promise<Result<FirmwareRollout, RolloutReason>>;
  listFirmware(): Promise<
    Result<
      { readonly releases: readonly FirmwareRelease[]; readonly rollouts: readonly FirmwareRollout[] },
      "unavailable"
    >
  >;
}
