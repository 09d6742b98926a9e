import { LOCKED_DAYS } from "../../protocol/tlog/keeping.ts";

/** A rule of a bucket lock (WORM): objects below the prefix can be neither changed nor removed before their time. */
export interface Lock {
  /** Bucket without its cell. */
  readonly bucket: string;
  readonly rule: string;
  readonly prefix: string;
  readonly days: number;
}

/** What nobody may change, the platform's own code and its operators included. A log's checkpoint is none: it grows. */
export const LOCKS: readonly Lock[] = [
  { bucket: "cartwright-audit", rule: "tiles", prefix: "tile/", days: LOCKED_DAYS },
  { bucket: "cartwright-access-log", rule: "tiles", prefix: "tile/", days: LOCKED_DAYS },
];
