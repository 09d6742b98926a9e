import { sameBytes } from "../../../protocol/bytes.ts";
import type { Kid } from "../../../protocol/ids.ts";
import { fail, ok, type Result } from "../../../protocol/result.ts";
import type { CartRecord } from "../../../protocol/rooms/fleet.ts";

export interface KnownCart {
  readonly record: CartRecord;
  /** Imported once, for {@link verifyFrame}. */
  readonly key: CryptoKey;
  /** Milliseconds since the epoch. */
  readonly loadedAt: number;
}

/** A revocation reaches every isolate within this time. */
export const KNOWN_MS = 60_000;
/** Long enough to stop a loop of guesses, short enough for a cart that was enrolled just now. */
export const UNKNOWN_MS = 5_000;
const MAX_KNOWN = 2_000;
const MAX_UNKNOWN = 2_000;

export interface KnownCartsDeps {
  readonly load: (kid: Kid) => Promise<Result<CartRecord, "unknown" | "unavailable">>;
  readonly importKey: (point: Uint8Array) => Promise<CryptoKey>;
}

/**
 * Cart records by kid, for one isolate. Bounded: the oldest go first. Only answers are kept, no promises:
 * a request must not wait on another request's I/O.
 */
export class KnownCarts {
  readonly #known = new Map<Kid, KnownCart>();
  readonly #unknown = new Map<Kid, number>();

  /** What is kept and still fresh; undefined where the registry must be asked. */
  kept(kid: Kid, now: number): Result<KnownCart, "unknown"> | undefined {
    const known = this.#known.get(kid);
    if (known !== undefined && now - known.loadedAt < KNOWN_MS) return ok(known);
    const since = this.#unknown.get(kid);
    return since !== undefined && now - since < UNKNOWN_MS ? fail("unknown") : undefined;
  }

  /** Asks the registry. Failure policy: closed; an `unavailable` is not kept. */
  async load(kid: Kid, now: number, deps: KnownCartsDeps): Promise<Result<KnownCart, "unknown" | "unavailable">> {
    const answer = await deps.load(kid);
    if (!answer.ok) {
      if (answer.reason === "unknown") {
        this.#known.delete(kid);
        put(this.#unknown, kid, now, MAX_UNKNOWN);
      }
      return answer;
    }
    const before = this.#known.get(kid);
    const key =
      before !== undefined && sameBytes(before.record.publicKey, answer.value.publicKey)
        ? before.key
        : await deps.importKey(answer.value.publicKey);
    const known = { record: answer.value, key, loadedAt: now };
    this.#unknown.delete(kid);
    put(this.#known, kid, known, MAX_KNOWN);
    return ok(known);
  }
}

/** Insertion order is age: a `Map` keeps it, and a renewed entry becomes the youngest. */
function put<V>(map: Map<Kid, V>, kid: Kid, value: V, most: number): void {
  map.delete(kid);
  map.set(kid, value);
  if (map.size <= most) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
