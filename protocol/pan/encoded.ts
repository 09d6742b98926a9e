import { SHORTEST_PAN } from "./schemes.ts";

/** Base64 or base64url (RFC 4648, 4 and 5) that could hold fourteen digits: nineteen characters and more in a row. */
const RUN = /[A-Za-z0-9+/_-]{19,}/g;
/** Bytes of UTF-8 with something beyond ASCII in it: keys, digests and signatures are not. */
const UTF8 = /^(?:[\0-\x7f]*[\xc2-\xf4][\x80-\xbf]{1,3})+[\0-\x7f]*$/;

/**
 * What the base64 in a text says, decoded once. A run's first character is not always the encoding's (a path or a
 * word may stand before it), so each of the four places where a quantum can start is tried: at the wrong ones nothing
 * readable comes out, and what could not hold a card number is left out. Linear in the text's length.
 */
export function decodedRuns(text: string): string[] {
  return (text.match(RUN) ?? []).flatMap((run) =>
    [0, 1, 2, 3].flatMap((start) => {
      const bytes = decoded(run.slice(start));
      if (bytes.replaceAll(/[^0-9]+/g, "").length >= SHORTEST_PAN) return [bytes];
      return UTF8.test(bytes) ? [utf8(bytes)] : [];
    }),
  );
}

/** One character a byte. The zero bytes of UTF-16 are left out later, as everything that is not seen. */
function decoded(run: string): string {
  const standard = run.replaceAll("-", "+").replaceAll("_", "/");
  return atob(standard.slice(0, standard.length % 4 === 1 ? -1 : undefined));
}

function utf8(bytes: string): string {
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}
