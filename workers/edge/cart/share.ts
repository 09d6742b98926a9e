/** What the limiter allows a cart a minute (root wrangler.toml, DOOR_LIMIT). */
const PER_MINUTE = 600;
/**
 * Below this share the limiter isn't asked: an isolate that has seen so few of a cart's frames knows that it is
 * within its limit unless the frames are spread over many isolates, and then the cart's own object is the brake.
 * A cart scans about once a second, so a normal trip costs no call to the limiter.
 */
const UNASKED_PER_MINUTE = PER_MINUTE / 2;
const MINUTE_MS = 60_000;
/** Carts counted at once; a store has a hundred. */
const CARTS = 5_000;

/** Counts each cart's verified frames of the current minute in this isolate. */
export class Share {
  #minute = 0;
  #counts = new Map<string, number>();

  /** Counts one frame; true when there are so many that the limiter must be asked. */
  mustAsk(kid: string, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute || this.#counts.size >= CARTS) {
      this.#minute = minute;
      this.#counts = new Map();
    }
    const count = (this.#counts.get(kid) ?? 0) + 1;
    this.#counts.set(kid, count);
    return count > UNASKED_PER_MINUTE;
  }
}
