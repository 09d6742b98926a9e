import { toBase64 } from "../../protocol/bytes.ts";
import type { VerifierKey } from "../../protocol/tlog/note.ts";
import { verifyLog, type VerifiedLog, type VerifyOptions } from "../../protocol/tlog/verify-log.ts";
import type { LogName } from "../platform/log-keys.ts";
import { ENTRIES } from "./entries.ts";
import type { LogSource } from "./source.ts";

/** Verifies a log where it is read. @param kept the checkpoint of an earlier verification */
export function verifySource(
  log: LogName,
  key: VerifierKey,
  source: Pick<LogSource, "read">,
  kept?: string,
  how: Pick<VerifyOptions, "witnesses" | "copy" | "onProgress"> = {},
): ReturnType<typeof verifyLog> {
  return verifyLog({
    key,
    read: (path) => source.read(path),
    ...(kept === undefined ? {} : { kept }),
    prunedTo: (entry) => ENTRIES[log].prunedTo(new TextDecoder().decode(entry)),
    ...how,
  });
}

/** A log that verifies, for people. @param before how many entries were verified before; null: never */
export function verifiedText({ checkpoint, minimum, cosigned }: VerifiedLog, before: number | null): string {
  const { size, root } = checkpoint;
  const older = before !== null && before > size;
  const since = older
    ? `, and older than the ${before} that were verified before, with which it can't be compared`
    : `, and goes on from the ${before} that were verified before`;
  const pruned = minimum === 0 ? "" : `; the first ${minimum} were pruned by rule, as the log says`;
  const by = cosigned === null || cosigned.by.length === 0 ? null : cosigned.by.join(", ");
  const witnessed = by === null ? "cosigned by no known witness" : `the first ${cosigned?.size} cosigned by ${by}`;
  return `the log of ${size} entries is whole${before === null ? "" : since}${pruned}; root ${toBase64(root)}; ${witnessed}`;
}
