import type { TripEvent, Row } from "./events.ts";
import type { Journal } from "./journal.ts";
import { fold, replay, type Trip } from "./trip.ts";

/** A frame's place in the journal and the bytes kept with it. */
export interface FrameRow {
  readonly seq: number;
  readonly boot: number;
  readonly at: number;
  readonly event: TripEvent;
  readonly frame: Uint8Array;
}

/**
 * The trip in memory and its rows on disk, always in step: the state is a cache of the journal, and the only
 * way to change it is to append. Frames beyond a gap are on disk and wait in memory.
 */
export class Ledger {
  readonly journal: Journal;
  #trip: Trip | null = null;
  #waiting = new Map<number, Row>();
  /** Steps already used at the last applied frame. */
  #steps = 0;
  #loaded = false;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  get trip(): Trip | null {
    if (!this.#loaded) this.#load();
    return this.#trip;
  }

  /** Numbers beyond the gap whose frames are kept. */
  get waiting(): { has(seq: number): boolean } {
    return this.#waiting;
  }

  #load(): void {
    this.#loaded = true;
    if (!this.journal.exists()) return;
    const rows = this.journal.rows();
    this.#trip = replay(rows);
    const next = this.#trip?.nextSeq ?? 0;
    this.#waiting = new Map(rows.filter((row) => row.seq >= next && row.step === 0).map((row) => [row.seq, row]));
    this.#steps = Math.max(0, ...rows.filter((row) => row.seq === next - 1).map((row) => row.step));
  }

  open(row: FrameRow): void {
    this.journal.create();
    this.#write({ ...row, step: 0, answer: null });
  }

  /** What the trip would be with this frame, and with those that wait behind it. Nothing is written. */
  preview(frame: FrameRow): Trip {
    let trip = fold(this.trip, { ...frame, step: 0, answer: null });
    for (let next = this.#waiting.get(trip.nextSeq); next !== undefined; next = this.#waiting.get(trip.nextSeq))
      trip = fold(trip, next);
    return trip;
  }

  /** Takes the expected frame and those that waited for it, as previewed: the fold is not done twice. One row. */
  takePreviewed(frame: FrameRow, answer: Uint8Array, previewed: Trip): void {
    this.journal.append({ ...frame, step: 0, answer });
    this.#trip = previewed;
    this.#steps = 0;
    for (const seq of this.#waiting.keys()) if (seq < previewed.nextSeq) this.#waiting.delete(seq);
  }

  /** Takes the expected frame; one row. Frames that waited for it are applied with it unless it needs an outcome first. */
  take(frame: FrameRow, answer: Uint8Array | null): void {
    this.#write({ ...frame, step: 0, answer });
  }

  /** Keeps a frame that is ahead; one row. */
  keep(frame: FrameRow, answer: Uint8Array): void {
    const row: Row = { ...frame, step: 0, answer };
    this.journal.append(row);
    this.#waiting.set(row.seq, row);
  }

  /** Records what came of the last frame, or what a deadline or staff did; one row. */
  outcome(event: TripEvent, at: number, answer: Uint8Array | null = null, frame: Uint8Array | null = null): void {
    const trip = this.trip;
    if (trip === null) throw new Error("no session to record an outcome in");
    this.#write({ seq: trip.nextSeq - 1, step: this.#steps + 1, boot: trip.boot, at, event, frame, answer });
  }

  /** Applies the frames that waited for the ones before them. Writes nothing: their rows are on disk. */
  drain(): void {
    for (let row = this.#next(); row !== undefined; row = this.#next()) {
      this.#waiting.delete(row.seq);
      this.#trip = fold(this.#trip, row);
      this.#steps = 0;
    }
  }

  /** Takes back the last frame: it was refused by the room that judged it. */
  withdraw(seq: number): void {
    this.journal.withdraw(seq, 0);
    this.#loaded = false;
    this.#trip = null;
  }

  /** No row names the shopper any more; the state is read again from what is left. */
  forgetCustomers(): void {
    this.journal.forgetCustomers();
    this.#loaded = false;
    this.#trip = null;
  }

  /** After `deleteAll`. */
  forget(): void {
    this.#loaded = false;
    this.#trip = null;
    this.#waiting.clear();
  }

  #next(): Row | undefined {
    return this.#waiting.get(this.#trip?.nextSeq ?? -1);
  }

  #write(row: Row): void {
    const before = this.trip;
    this.journal.append(row);
    this.#trip = fold(before, row);
    this.#steps = row.step;
  }
}
