import type { AuditReader } from "../../protocol/rooms/audit.ts";
import { type Broken, type Chain, EMPTY, extend } from "./chain.ts";

export type Page = Awaited<ReturnType<AuditReader["read"]>>;

/** What is wrong with a log, and the first index that it is wrong at. */
export interface Fault {
  readonly index: number;
  readonly what: Broken["what"] | "cut" | "head" | "rewritten" | "copy";
}

export const FAULTS: Readonly<Record<Fault["what"], string>> = {
  order: "the entry is missing, repeated or out of order",
  hash: "the entry is not the one that was appended",
  cut: "the log ends before its own size",
  head: "the log's head is not the head of its entries",
  rewritten: "the log is not the one that was verified before: cut or rewritten",
  copy: "the backup copy of this segment is missing, differs or holds more than the log",
};

/**
 * Recomputes a whole log, page by page.
 * @param read answers entries from an index on, with the log's size and head at that moment
 * @param kept size and head that an earlier verification ended with; only they show that a tail was cut
 * @param onPage for progress: entries verified so far, and the log's size
 * @returns the verified chain, to be kept for the next time, or the first fault
 */
export async function verifyLog(
  read: (from: number) => Promise<Page>,
  kept: Chain = EMPTY,
  onPage: (done: number, size: number) => void = () => {},
): Promise<{ readonly chain: Chain; readonly fault: Fault | null }> {
  let chain = EMPTY;
  for (;;) {
    const page = await read(chain.size);
    const [damaged] = page.damagedCopies;
    if (damaged !== undefined) return { chain, fault: { index: damaged, what: "copy" } };
    let rewritten = false;
    const { chain: next, broken } = await extend(chain, page.entries, (at) => {
      rewritten ||= at.size === kept.size && at.head !== kept.head;
    });
    if (broken !== null) return { chain: next, fault: broken };
    if (rewritten) return { chain: next, fault: { index: kept.size - 1, what: "rewritten" } };
    onPage(next.size, page.size);
    if (next.size === page.size) return { chain: next, fault: faultAtEnd(next, page, kept) };
    if (next.size > page.size || page.entries.length === 0)
      return { chain: next, fault: { index: next.size, what: next.size > page.size ? "head" : "cut" } };
    chain = next;
  }
}

function faultAtEnd(chain: Chain, page: Page, kept: Chain): Fault | null {
  if (chain.head !== page.head) return { index: chain.size, what: "head" };
  return chain.size < kept.size ? { index: chain.size, what: "rewritten" } : null;
}
