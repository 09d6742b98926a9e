/** One run of sequence numbers. A number whose frame was refused was never taken, so the next frame takes it. */
export class Numbering {
  #last = 0;
  readonly #free: number[] = [];

  /** The greatest number that was given out; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  next(): number {
    const free = this.#free.shift();
    if (free !== undefined) return free;
    this.#last += 1;
    return this.#last;
  }

  /** Gives back the number of a frame that was refused. */
  release(seq: number): void {
    if (seq === this.#last) this.#last -= 1;
    else if (!this.#free.includes(seq)) this.#free.push(seq);
    this.#free.sort((a, b) => a - b);
  }

  /** The cell expects this number, and no frame of it is kept: the next frame takes it. */
  expect(seq: number): void {
    if (seq > this.#last) this.#last = seq - 1;
    else this.release(seq);
  }
}
