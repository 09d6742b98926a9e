import type { ProofFault } from "../../protocol/tlog/proof-file.ts";
import type { LogFault } from "../../protocol/tlog/verify-log.ts";
import { unreachable } from "../../protocol/result.ts";

/** What is wrong with a log, for people. */
export function faultText(fault: LogFault): string {
  switch (fault.what) {
    case "checkpoint":
      return {
        missing: "there is no checkpoint",
        malformed: "the checkpoint can't be read",
        unsigned: "the checkpoint is not signed by the log's key",
      }[fault.why];
    case "missing":
      return `at index ${fault.index}: ${fault.path} is missing`;
    case "malformed":
      return `at index ${fault.index}: ${fault.path} has not the form that it must have`;
    case "entry":
      return `at index ${fault.index}: the entry is not the one that was appended`;
    case "tile":
      return `${fault.path} is not what the entries give`;
    case "root":
      return "the checkpoint's root is not the entries'";
    case "rewritten":
      return `at index ${fault.size}: the log is not the one that was verified before: cut, rewritten or forked`;
    case "cosigned":
      return {
        malformed: "the cosigned checkpoint can't be read",
        unsigned: "the cosigned checkpoint is not signed by the log's key",
        cosignature: "a known witness's cosignature does not verify",
      }[fault.why];
    case "witnessed":
      return `at index ${fault.size}: the log is not the one that was cosigned: cut, rewritten or forked`;
    case "pruned":
      return `at index ${fault.index}: entries are gone, and no act of pruning in the log says so`;
    default:
      return unreachable(fault);
  }
}

export const PROOF_FAULTS: Readonly<Record<ProofFault, string>> = {
  malformed: "it is no proof file",
  unsigned: "its checkpoint is not signed by the log's key",
  not_included: "its entry is not in the log that the checkpoint is of",
  cosignature: "a known witness's cosignature does not verify",
};
