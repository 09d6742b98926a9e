import type { Peripheral, Wire } from "./wire.ts";

/** Ten lines a second, as the real one. */
const PERIOD_MS = 100;

/** The scale under the basket. It hears nothing. */
export class ScaleSimulator implements Peripheral {
  #wire: Wire | null = null;
  #timer: NodeJS.Timeout | null = null;
  #grams = 0;
  #mode: "S" | "D" | "O" | "F" = "S";
  readonly #periodMs: number;

  constructor(periodMs: number = PERIOD_MS) {
    this.#periodMs = periodMs;
  }

  start(wire: Wire): void {
    this.stop();
    this.#wire = wire;
    this.#timer = setInterval(() => this.#tell(), this.#periodMs);
    this.#timer.unref();
  }

  receive(): void {}

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#wire = null;
  }

  /** What lies in the basket. */
  get grams(): number {
    return this.#grams;
  }

  put(grams: number): void {
    this.#grams = grams;
    this.#mode = "S";
  }

  /** In motion, overloaded or broken, until something is put. */
  trouble(what: "motion" | "overload" | "fault"): void {
    this.#mode = what === "motion" ? "D" : what === "overload" ? "O" : "F";
  }

  #tell(): void {
    const digits = String(Math.abs(this.#grams)).padStart(6, "0");
    this.#wire?.write(`${this.#mode} ${this.#grams < 0 ? "-" : "+"}${digits} g\r\n`);
  }
}
