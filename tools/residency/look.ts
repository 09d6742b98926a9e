import type { Cell } from "../../protocol/ids.ts";
import { searchTexts, type Find } from "./search.ts";

export interface Looked {
  /** EU people's texts in the US cell's state. */
  readonly outside: readonly Find[];
  /** EU people's texts in plain in the EU cell's state. */
  readonly inPlain: readonly Find[];
  /** Control texts that are not in their own cell's state. */
  readonly missing: readonly { readonly cell: Cell; readonly text: string }[];
  /** Fewest places in which a control text was found: 0 when one was not. */
  readonly control: number;
  readonly places: number;
  readonly bytes: number;
  /** Nothing was found that must not be there, and everything that must: a search of the wrong folder finds nothing. */
  readonly holds: boolean;
}

/**
 * Searches both cells' states for EU people's texts, and each for texts that do lie there in plain, so that finding
 * nothing says something.
 * @param folders each cell's state
 * @param texts what EU people are called
 * @param controls for each cell what was written there in this very run, one at least: an empty folder has none, and the
 *   state of another platform, or of an older run, lacks it
 */
export function look(
  folders: Readonly<Record<Cell, string>>,
  texts: readonly string[],
  controls: Readonly<Record<Cell, readonly string[]>>,
  onPlace: (where: string) => void = () => {},
): Looked {
  const outside = searchTexts(folders.us, texts, (where) => onPlace(`us: ${where}`));
  const inside = searchTexts(folders.eu, texts, (where) => onPlace(`eu: ${where}`));
  const found = (["us", "eu"] as const).flatMap((cell) => {
    const { finds } = searchTexts(folders[cell], controls[cell]);
    return controls[cell].map((text, at) => ({ cell, text, times: finds.filter((find) => find.text === at).length }));
  });
  const missing = found.filter(({ times }) => times === 0).map(({ cell, text }) => ({ cell, text }));
  const control =
    controls.us.length === 0 || controls.eu.length === 0 ? 0 : Math.min(...found.map(({ times }) => times));
  return {
    outside: outside.finds,
    inPlain: inside.finds,
    missing,
    control,
    places: outside.places + inside.places,
    bytes: outside.bytes + inside.bytes,
    holds: outside.finds.length + inside.finds.length === 0 && control > 0,
  };
}
