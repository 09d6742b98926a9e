import { encodeFrame, FrameReader } from "./serial-frame.ts";
import type { Peripheral, Wire } from "./wire.ts";

const PICTURE = 0x81;
const KEY = 0x01;

/** cart-fw/core/display_wire.h */
export const KEYS = {
  ok: 1,
  cancel: 2,
  loyalty: 3,
  card: 4,
  pair: 5,
  unlink: 6,
  remove: 7,
  pay: 8,
  help: 9,
  end: 10,
} as const;
export type Key = keyof typeof KEYS;

const TONES = ["none", "ok", "warn", "alarm"] as const;
const STYLES = ["plain", "title", "strong", "faint"] as const;

export interface Row {
  readonly style: (typeof STYLES)[number];
  readonly text: string;
}

export interface Picture {
  readonly tone: (typeof TONES)[number];
  readonly rows: readonly Row[];
}

/** A picture's text, row by row. */
export function textOf(picture: Picture): string {
  return picture.rows.map(({ text }) => text).join("\n");
}

/** The panel: shows the last picture, keeps all of them, and has keys. */
export class DisplaySimulator implements Peripheral {
  readonly pictures: Picture[] = [];
  readonly #frames = new FrameReader();
  readonly #watchers = new Set<(picture: Picture) => void>();
  #wire: Wire | null = null;

  get picture(): Picture | null {
    return this.pictures.at(-1) ?? null;
  }

  start(wire: Wire): void {
    this.#wire = wire;
    this.#frames.reset();
  }

  receive(bytes: Buffer): void {
    for (const { type, payload } of this.#frames.push(bytes)) {
      const picture = type === PICTURE ? readPicture(payload) : null;
      if (picture === null) continue;
      this.pictures.push(picture);
      for (const watch of this.#watchers) watch(picture);
    }
  }

  /** @returns a function that ends it */
  watch(watcher: (picture: Picture) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  press(key: Key, typed: string = ""): void {
    this.#wire?.write(encodeFrame(KEY, Buffer.concat([Buffer.of(KEYS[key]), Buffer.from(typed, "ascii")])));
  }

  /**
   * Resolves with the first picture, the one that stands there included, that matches.
   * @throws Error with what is shown instead, after `timeoutMs`
   */
  until(matches: RegExp | ((picture: Picture) => boolean), timeoutMs: number): Promise<Picture> {
    const now = this.picture;
    return now !== null && matched(matches, now) ? Promise.resolve(now) : this.next(matches, timeoutMs);
  }

  /** As `until`, without the picture that stands there: call it before what is to bring the picture about. */
  next(matches: RegExp | ((picture: Picture) => boolean), timeoutMs: number): Promise<Picture> {
    return new Promise((resolve, reject) => {
      const stop = this.watch((picture) => {
        if (!matched(matches, picture)) return;
        clearTimeout(timer);
        stop();
        resolve(picture);
      });
      const timer = setTimeout(() => {
        stop();
        const shown = this.picture === null ? "nothing" : `\n${textOf(this.picture)}`;
        reject(new Error(`waited ${timeoutMs} ms for ${String(matches)}; the display shows ${shown}`));
      }, timeoutMs);
    });
  }
}

function matched(matches: RegExp | ((picture: Picture) => boolean), picture: Picture): boolean {
  return matches instanceof RegExp ? matches.test(textOf(picture)) : matches(picture);
}

/** Null for a picture of another form. */
function readPicture(payload: Buffer): Picture | null {
  const tone = TONES[payload[0] ?? TONES.length];
  if (tone === undefined) return null;
  const rows: Row[] = [];
  for (let at = 1; at < payload.length;) {
    const style = STYLES[payload[at] ?? STYLES.length];
    const size = payload[at + 1];
    if (style === undefined || size === undefined || at + 2 + size > payload.length) return null;
    rows.push({ style, text: payload.subarray(at + 2, at + 2 + size).toString("utf8") });
    at += 2 + size;
  }
  return { tone, rows };
}
