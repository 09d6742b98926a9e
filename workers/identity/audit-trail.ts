import type { AuditAct, AuditAppender, Appended } from "../../protocol/rooms/audit.ts";
import { fail } from "../../protocol/result.ts";

/** Why two tiers, or a session and a customer, are brought together. The list is closed (SPINE-07). */
export const PURPOSES = [
  "identify_loyalty",
  "identify_card",
  "identify_pairing",
  "pairing_create",
  "pairing_redeem",
  "pairing_state",
  "pairing_confirm",
  "account_create",
  "card_holder_create",
  "member_import",
  "profile_show",
  "profile_correct",
  "loyalty_show",
  "loyalty_add",
  "loyalty_remove",
  "session_show",
  "receipts_show",
  "payment_method_show",
  "payment_method_add",
  "payment_method_remove",
  "privacy_request_create",
  "privacy_request_show",
  "privacy_trips",
  "privacy_card_tokens",
  "privacy_export",
  "privacy_correct",
  "privacy_notice",
  "access_file_show",
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Which room calls, and through which door; the same for every act of one call. The log puts our own name before it. */
export interface Door {
  readonly caller: "sessions" | "payments" | "edge" | "ops" | "rights";
  readonly method: string;
}

export interface AuditTrail {
  /**
   * A join, with the names of the fields that it opens. Answers whether the entry is durable: if not, nothing may be joined.
   * @param looked the person's own commitment, for their list of looks, where the entry has one that is good for a trip alone
   */
  join(purpose: Purpose, on: string, detail: Detail & { readonly fields: string }, looked?: string): Promise<boolean>;
  record(kind: AuditAct["kind"], success: boolean, on: string, detail?: Detail): Promise<boolean>;
  /** As `record`, for an act whose proof is handed out: the entry's index, undefined when it is not durable. */
  entry(kind: AuditAct["kind"], success: boolean, on: string, detail?: Detail): Promise<number | undefined>;
}

type Detail = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Fails closed: an append that is refused, or that throws, is `false`, and no index.
 * @param keep what this room keeps of an act beside the log, once the act is durable; throws when it can't
 */
export function auditTrail(
  audit: AuditAppender,
  door: Door,
  now: () => number,
  keep: (act: AuditAct, index: number) => Promise<void>,
): AuditTrail {
  const entry = async (kind: AuditAct["kind"], success: boolean, on: string, detail?: Detail, looked?: string) => {
    const act: AuditAct = {
      who: door.caller,
      kind,
      when: now(),
      success,
      from: door.method,
      on,
      ...(detail === undefined ? {} : { detail }),
    };
    const appended = await appendedTo(audit, act);
    if (!appended.ok) return undefined;
    await keep(looked === undefined ? act : { ...act, detail: { ...detail, subject: looked } }, appended.value.index);
    return appended.value.index;
  };
  return {
    entry,
    record: async (...act) => (await entry(...act)) !== undefined,
    join: async (purpose, on, detail, looked) =>
      (await entry("tier_join", true, on, { purpose, ...detail }, looked)) !== undefined,
  };
}

async function appendedTo(audit: AuditAppender, act: AuditAct): Promise<Appended> {
  try {
    return await audit.append(act);
  } catch {
    console.error("identity: the audit log did not answer");
    return fail("unavailable");
  }
}
