import { auditorToken } from "../audit/source.ts";
import type { CellKeys } from "../platform/keys.ts";
import { overHttp, type OnAttack } from "./attack.ts";

const PATHS = ["checkpoint", "cosigned", "minimum", "tile/0/000", "tile/entries/000", "proofs/0", "cosignatures"];

/** The access log's door: without a token, with other parties' keys, for another origin, of the other cell. */
export async function attackAccessLog(
  origin: string,
  keys: CellKeys,
  foreign: CellKeys,
  onAttack: OnAttack,
): Promise<void> {
  const own = keys.outside.logKeys.auditorJwk;
  const wrong: [string, string | null][] = [
    ["without a token", null],
    ["with the other cell's auditor", await auditorToken(foreign.outside.logKeys.auditorJwk, origin)],
    ["with the reader vendor's key", await auditorToken(keys.outside.readerVendorJwk, origin)],
    ["with the staff's key", await auditorToken(keys.outside.staffSigningJwk, origin)],
    ["with a token for another origin", await auditorToken(own, "https://pay.other.example")],
  ];
  const ask = (what: string, path: string, token: string | null, refused: readonly number[]) =>
    overHttp({
      on: "cde",
      what,
      url: `${origin}/v1/audit/${path}`,
      method: path === "cosignatures" ? "POST" : "GET",
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      refused,
    });
  const good = await ask("", "minimum", await auditorToken(own, origin), [401]);
  if (!good.reached) throw new Error("the auditor itself is refused, so refusals prove nothing");
  for (const path of PATHS)
    for (const [what, token] of wrong) onAttack(await ask(`/v1/audit/${path} ${what}`, path, token, [401]));
}
