import { parseVerifierKey, type VerifierKey } from "./note.ts";

/**
 * The witnesses that a log takes cosignatures of: one verifier key a line, or the word `none`.
 * @throws Error for a line that is no verifier key
 */
export async function witnessKeys(lines: string): Promise<readonly VerifierKey[]> {
  if (lines.trim() === "none") return [];
  const keys = await Promise.all(lines.trim().split(/\s+/).map(parseVerifierKey));
  return keys.map((key) => {
    if (!key.ok) throw new Error("a witness's verifier key is malformed");
    return key.value;
  });
}
