import { sameBytes } from "../../protocol/bytes.ts";
import { FRAMES_AHEAD } from "./limits.ts";

/** Where a frame stands among those that were taken. */
export type Place =
  /** The one that is expected. */
  | "next"
  /** Further on; kept until the gap before it is filled. */
  | "ahead"
  /** Further on than is kept, or of a kind that must not wait. */
  | "gap"
  /** A number that was taken before, by the same content or another. */
  | "taken";

/**
 * @param seq the frame's number, 1 for the first after the open
 * @param nextSeq the first number that is missing
 * @param waiting numbers beyond the gap that are kept already
 * @param mayWait whether this kind of frame may come before those it follows (only events may)
 */
export function placeOf(seq: number, nextSeq: number, waiting: { has(seq: number): boolean }, mayWait: boolean): Place {
  if (seq < nextSeq || waiting.has(seq)) return "taken";
  if (seq === nextSeq) return "next";
  return mayWait && seq - nextSeq <= FRAMES_AHEAD ? "ahead" : "gap";
}

/** What a second frame of a taken number is: the same again, two signed truths (equivocation), or a lost journal. */
export function repeatOf(
  first: { readonly boot: number; readonly payload: Uint8Array },
  second: { readonly boot: number; readonly payload: Uint8Array },
): "repeat" | "equivocation" | "renumber" {
  if (sameBytes(first.payload, second.payload)) return "repeat";
  // Another boot signs under its own (boot, seq): no contradiction, but the number is spent.
  return first.boot === second.boot ? "equivocation" : "renumber";
}
