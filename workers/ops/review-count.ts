import type { AuditEntry } from "../../protocol/rooms/audit.ts";
import { type Week, weekAt } from "./review-week.ts";

/** A human's raw read, or its refusal, as the log has it. */
export interface RawReadSeen {
  readonly auditIndex: number;
  readonly week: Week;
  readonly success: boolean;
  /** The entry's detail as JSON. */
  readonly facts: string;
  /** Who took part, space-separated. */
  readonly humans: string;
}

export interface Counted {
  readonly joins: readonly {
    readonly week: Week;
    readonly caller: string;
    readonly purpose: string;
    readonly joins: number;
  }[];
  readonly rawReads: readonly RawReadSeen[];
}

/** What a review needs of some entries of the log. */
export function countEntries(entries: readonly AuditEntry[], timeZone: string): Counted {
  const joins = new Map<string, { week: Week; caller: string; purpose: string; joins: number }>();
  const rawReads: RawReadSeen[] = [];
  for (const { kind, who, when, success, index, detail } of entries) {
    const week = weekAt(timeZone, when);
    if (kind === "tier_join" && success) {
      const purpose = String(detail?.["purpose"] ?? "unknown");
      const key = JSON.stringify([week, who, purpose]);
      const count = joins.get(key) ?? { week, caller: who, purpose, joins: 0 };
      count.joins += 1;
      joins.set(key, count);
    }
    if (kind === "raw_read") {
      const humans = [detail?.["staff_human"], detail?.["approver_human"]].filter((each) => typeof each === "string");
      const facts = JSON.stringify({ when, ...detail });
      rawReads.push({ auditIndex: index, week, success, facts, humans: humans.join(" ") });
    }
  }
  return { joins: [...joins.values()], rawReads };
}
