/** How long an address that only sends what nobody can verify is kept from the registry. */
export const STRANGER_MS = 10_000;
const MAX_STRANGERS = 1_000;

/**
 * Addresses, for one isolate, that sent more unverifiable requests than the limit allows. They are kept from the
 * registry, so that made-up kids can't wear it out; a cart behind the same address (carriers share them)
 * whose record is in the cache goes on undisturbed.
 */
export class Strangers {
  readonly #until = new Map<string, number>();

  block(address: string, now: number): void {
    this.#until.delete(address);
    this.#until.set(address, now + STRANGER_MS);
    const oldest = this.#until.keys().next().value;
    if (this.#until.size > MAX_STRANGERS && oldest !== undefined) this.#until.delete(oldest);
  }

  isBlocked(address: string, now: number): boolean {
    return (this.#until.get(address) ?? 0) > now;
  }
}
