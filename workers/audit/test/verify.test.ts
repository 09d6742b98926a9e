import { beforeAll, describe, expect, it } from "vitest";
import type { AuditAct, AuditEntry } from "../../../protocol/rooms/audit.ts";
import { type Chain, EMPTY, append, canonical } from "../chain.ts";
import { type Page, verifyLog } from "../verify.ts";

let log: AuditEntry[];
let end: Chain;

beforeAll(async () => {
  [log, end] = await logOf(Array.from({ length: 12 }, (_, index) => actOf(index)));
});

describe("verifying a log offline", () => {
  it("accepts the log as it was appended, in pages of any size", async () => {
    for (const size of [1, 5, 12, 100])
      expect(await verifyLog(pagesOf(log, end, size))).toEqual({ chain: end, fault: null });
    expect(await verifyLog(pagesOf([], EMPTY))).toEqual({ chain: EMPTY, fault: null });
  });

  it("chains entries as RFC 6962 hashes leaves, computed here by hand", async () => {
    const act = actOf(0);
    const leaf = await sha256(Uint8Array.of(0, ...new TextEncoder().encode(canonical(0, act))));
    const head = await sha256(Uint8Array.of(1, ...Buffer.from(EMPTY.head, "hex"), ...leaf));
    expect((await append(EMPTY, act)).head).toBe(Buffer.from(head).toString("hex"));
    expect(EMPTY.head).toBe(Buffer.from(await sha256(new Uint8Array())).toString("hex"));
    expect(canonical(0, act)).toBe(
      '{"detail":{"code":"x","fields":0},"from":"POST /x","index":0,"kind":"refusal","on":"cart:0","success":true,"when":1700000000000,"who":"sessions"}',
    );
  });

  it("sees every single flipped byte of the log", async () => {
    const text = JSON.stringify(log.slice(0, 4));
    const short = await chainOf(4);
    let unread = 0;
    for (let place = 0; place < text.length; place += 1) {
      const flipped = text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ 1) + text.slice(place + 1);
      const entries = parsed(flipped);
      if (entries === null) {
        unread += 1;
        continue;
      }
      const { fault } = await verifyLog(pagesOf(entries, short));
      expect(fault, `byte ${place}: ${flipped.slice(Math.max(0, place - 20), place + 20)}`).not.toBeNull();
    }
    expect(unread).toBeLessThan(text.length / 2);
  });

  it("names the first broken index", async () => {
    const changed = log.with(7, { ...log[7]!, success: true });
    expect((await verifyLog(pagesOf(changed, end, 5))).fault).toEqual({ index: 7, what: "hash" });
  });

  it("sees a field that was slipped in", async () => {
    const changed = log.with(2, Object.assign({ ...log[2]! }, { approved: "yes" }));
    expect((await verifyLog(pagesOf(changed, end))).fault).toEqual({ index: 2, what: "hash" });
  });

  it("sees an entry that is missing, repeated or out of order", async () => {
    const missing = log.toSpliced(3, 1);
    expect((await verifyLog(pagesOf(missing, end))).fault).toEqual({ index: 3, what: "order" });
    const repeated = log.toSpliced(3, 0, log[3]!);
    expect((await verifyLog(pagesOf(repeated, end))).fault).toEqual({ index: 4, what: "order" });
    const swapped = log.with(3, log[4]!).with(4, log[3]!);
    expect((await verifyLog(pagesOf(swapped, end))).fault).toEqual({ index: 3, what: "order" });
    const renumbered = swapped.map((entry, index) => ({ ...entry, index }));
    expect((await verifyLog(pagesOf(renumbered, end))).fault).toEqual({ index: 3, what: "hash" });
  });

  it("sees a cut tail when the log still says its old size", async () => {
    expect((await verifyLog(pagesOf(log.slice(0, 9), end))).fault).toEqual({ index: 9, what: "cut" });
  });

  it("sees a tail cut cleanly by what the last verification kept", async () => {
    const [entries, chain] = [log.slice(0, 9), await chainOf(9)];
    expect((await verifyLog(pagesOf(entries, chain))).fault).toBeNull();
    expect((await verifyLog(pagesOf(entries, chain), end)).fault).toEqual({ index: 9, what: "rewritten" });
  });

  it("sees a log rewritten from the start, longer than before", async () => {
    const [other, otherEnd] = await logOf(Array.from({ length: 20 }, (_, index) => actOf(index + 1)));
    expect((await verifyLog(pagesOf(other, otherEnd), end)).fault).toEqual({ index: 11, what: "rewritten" });
    const [longer, longerEnd] = await logOf(Array.from({ length: 20 }, (_, index) => actOf(index)));
    expect((await verifyLog(pagesOf(longer, longerEnd, 3), end)).fault).toBeNull();
  });

  it("sees a head that is not the entries'", async () => {
    const other = { size: end.size, head: EMPTY.head };
    expect((await verifyLog(pagesOf(log, other))).fault).toEqual({ index: 12, what: "head" });
  });

  it("reports a damaged copy", async () => {
    const read = async (from: number): Promise<Page> => ({ ...(await pagesOf(log, end)(from)), damagedCopies: [0] });
    expect((await verifyLog(read)).fault).toEqual({ index: 0, what: "copy" });
  });

  it("goes on over a log that grows while it is read", async () => {
    let calls = 0;
    const read = async (from: number): Promise<Page> => {
      calls += 1;
      const size = Math.min(12, calls * 4);
      return pagesOf(log.slice(0, size), await chainOf(size), 3)(from);
    };
    expect(await verifyLog(read)).toEqual({ chain: end, fault: null });
  });
});

function actOf(index: number): AuditAct {
  return {
    who: "sessions",
    kind: "refusal",
    when: 1_700_000_000_000 + index,
    success: index % 2 === 0,
    from: "POST /x",
    on: `cart:${index}`,
    detail: { fields: index, code: "x" },
  };
}

async function logOf(acts: readonly AuditAct[]): Promise<[AuditEntry[], Chain]> {
  const entries: AuditEntry[] = [];
  let chain = EMPTY;
  for (const act of acts) {
    chain = await append(chain, act);
    entries.push({ ...act, index: chain.size - 1, head: chain.head });
  }
  return [entries, chain];
}

async function chainOf(size: number): Promise<Chain> {
  return (await logOf(Array.from({ length: size }, (_, index) => actOf(index))))[1];
}

function pagesOf(entries: readonly AuditEntry[], chain: Chain, size = 5): (from: number) => Promise<Page> {
  return async (from) => ({ entries: entries.slice(from, from + size), ...chain, damagedCopies: [] });
}

function parsed(text: string): AuditEntry[] | null {
  try {
    return JSON.parse(text) as AuditEntry[];
  } catch {
    return null;
  }
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
}
