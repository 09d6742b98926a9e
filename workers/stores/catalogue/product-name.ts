import { fail, ok, type Result } from "../../../protocol/result.ts";
import { holdsCardNumber } from "../card-number.ts";
import { decodeEntities } from "./entities.ts";

export type NameReason = "empty_name" | "name_too_long" | "control_character" | "pan_detected";

/** Shown whole on the cart's display and on one line of an A4 receipt. */
const MAX_SHOWN = 80;
/** Beyond this it is no name. */
const MAX_READ = 500;

/** Windows-1252 for 80 to 9F, which read as Latin-1 are control characters; empty where it has none. */
const WINDOWS_1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

/**
 * A product's name as people may read it: character references decoded (catalogues come through web forms, some
 * twice), mistaken Windows-1252 put right, white space collapsed, NFC, at most 80 characters. Control characters and
 * those that turn the direction of text are refused: a name must not rewrite the line that it stands on.
 */
export function cleanName(raw: string): Result<string, NameReason> {
  if (raw.length > MAX_READ) return fail("name_too_long");
  const text = decodeEntities(decodeEntities(raw))
    .replaceAll(/[\u0080-\u009f]/g, (each) => {
      const right = WINDOWS_1252[each.charCodeAt(0) - 0x80];
      return right === undefined || right === " " ? each : right;
    })
    // The soft hyphen and zero-width space are invisible and mean nothing here.
    .replaceAll(/[\u00ad\u200b\ufeff]/g, "")
    .normalize("NFC");
  if (/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u.test(text))
    return fail("control_character");
  const name = text.trim().replaceAll(/\s+/g, " ");
  if (name === "") return fail("empty_name");
  // Free text from a file: a card number in it must not be stored.
  return holdsCardNumber(name) ? fail("pan_detected") : ok(shorten(name));
}

/** Cut between words where there is one near enough to the end. */
function shorten(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= MAX_SHOWN) return name;
  const cut = characters.slice(0, MAX_SHOWN - 1).join("");
  const space = cut.lastIndexOf(" ");
  return `${(space > cut.length / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
