import type { AuditAct, AuditEntry } from "../../protocol/rooms/audit.ts";

/** How many entries the log holds and the hash that stands for all of them, as hex. */
export interface Chain {
  readonly size: number;
  readonly head: string;
}

/** The empty log: SHA-256 of nothing, as for an empty Merkle tree (RFC 6962, 2.1). */
export const EMPTY: Chain = {
  size: 0,
  head: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

/** Domain separation of RFC 6962, 2.1: an entry's hash is a tree leaf as it stands, a head can't pass for one. */
const LEAF = 0x00;
const NODE = 0x01;

/**
 * The bytes that are hashed: RFC 8785 (JSON Canonicalization Scheme) of the act with its index, without its head.
 * Every other field that an entry has is in it, so none can be slipped in.
 */
export function canonical(index: number, act: AuditAct): string {
  const { detail } = act;
  const fields = { ...act, ...(detail === undefined ? {} : { detail: sorted(detail) }), index, head: undefined };
  return JSON.stringify(sorted(fields));
}

function sorted(fields: object): object {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The chain with one more entry: head' = SHA-256(0x01 | head | SHA-256(0x00 | entry)). */
export async function append(chain: Chain, act: AuditAct): Promise<Chain> {
  const leaf = await sha256([LEAF], new TextEncoder().encode(canonical(chain.size, act)));
  return { size: chain.size + 1, head: hex(await sha256([NODE], bytes(chain.head), leaf)) };
}

/** Why a log is not what it says: the first index that does not follow from the entries before it. */
export interface Broken {
  readonly index: number;
  readonly what: "order" | "hash";
}

/** Recomputes the chain over entries that should follow it. */
export async function extend(
  chain: Chain,
  entries: readonly AuditEntry[],
  onStep: (chain: Chain) => void = () => {},
): Promise<{ readonly chain: Chain; readonly broken: Broken | null }> {
  let now = chain;
  for (const entry of entries) {
    if (entry.index !== now.size) return { chain: now, broken: { index: now.size, what: "order" } };
    const next = await append(now, entry);
    if (next.head !== entry.head) return { chain: now, broken: { index: now.size, what: "hash" } };
    now = next;
    onStep(now);
  }
  return { chain: now, broken: null };
}

async function sha256(...parts: (Uint8Array | readonly number[])[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(parts.flatMap((part) => [...part]))));
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(value: Uint8Array): string {
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
