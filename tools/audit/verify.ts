import type { VerifierKey } from "../../protocol/tlog/note.ts";
import { verifyLog } from "../../protocol/tlog/verify-log.ts";
import type { LogName } from "../platform/log-keys.ts";
import { ENTRIES } from "./entries.ts";
import type { LogSource } from "./source.ts";

/** Verifies a log where it is read. @param kept the checkpoint of an earlier verification */
export function verifySource(
  log: LogName,
  key: VerifierKey,
  source: Pick<LogSource, "read">,
  kept?: string,
  onProgress: (done: number, size: number) => void = () => {},
): ReturnType<typeof verifyLog> {
  return verifyLog({
    key,
    read: (path) => source.read(path),
    ...(kept === undefined ? {} : { kept }),
    prunedTo: (entry) => ENTRIES[log].prunedTo(new TextDecoder().decode(entry)),
    onProgress,
  });
}
