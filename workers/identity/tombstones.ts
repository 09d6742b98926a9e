import type { R2Bucket } from "@cloudflare/workers-types";
import { base64url } from "jose";
import type { Cell } from "../../protocol/ids.ts";
import { type Bytes, canonical, type Random } from "./bytes.ts";
import { inBucket } from "./person-keys.ts";

/**
 * What was erased: the random id of a customer, so that a restored row is known again; or the (issuer, subject) of a
 * person who could sign in, so that an older token makes no new account and the owner can ask how the request ended.
 */
export type Erased = "customer" | "subject";

/** A tombstone's text; nothing in it says whose it is. */
export interface Erasure {
  readonly request: string;
  /** Milliseconds since the epoch. */
  readonly erased: number;
}

/** Marks to compare values with, read once for many comparisons. */
export interface MarkSet {
  readonly size: number;
  /** The object of the mark that is this value's; undefined when it has none. */
  match(value: string): Promise<string | undefined>;
}

export interface PurgedTombstones {
  readonly purged: number;
  readonly overdueLeft: number;
  /** Milliseconds since the epoch; null when there is none. */
  readonly oldestLeft: number | null;
}

export interface Tombstones {
  /** A value under the tombstones' key: what is compared, and all that may be kept of it in a row that is erased. */
  value(of: Erased | "request", ...parts: readonly string[]): Promise<string>;
  /** Idempotent by request. */
  bury(of: Erased, value: string, erasure: Erasure): Promise<void>;
  find(of: Erased, value: string): Promise<readonly Erasure[]>;
  all(of: Erased): Promise<MarkSet>;
  read(object: string): Promise<Erasure | undefined>;
  /** Whether a tombstone is a value's own. */
  isMarkOf(object: string, value: string): Promise<boolean>;
  /** Removes those that were written before a moment (retention), a page at a time. */
  purge(before: number): Promise<PurgedTombstones>;
}

const SALT_BYTES = 16;
/** Two characters of base64url of the value, 12 bits: how far a look-up narrows down what it must compare with. */
const BUCKET_CHARACTERS = 2;

/**
 * Tombstones lie beside the wrapped keys in R2: no point-in-time recovery, so a database that is restored to yesterday
 * can't lose today's (decision 0012). `tombstones/{cell}/{of}/{bucket}/{salt}.{mark}`: the mark is an HMAC-SHA-256 of
 * salt and value under a key of its own; without that key nobody can try names against it.
 */
export function tombstones(bucket: R2Bucket, secret: Bytes, cell: Cell, random: Random): Tombstones {
  const keys = new Map<string, CryptoKey>();
  const hmac = async (purpose: string, ...parts: readonly string[]): Promise<string> => {
    const key = keys.get(purpose) ?? (await derive(secret, canonical("cartwright/tombstone", 1, cell, purpose)));
    keys.set(purpose, key);
    return base64url.encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, canonical(...parts))));
  };
  const folder = (of: Erased) => `tombstones/${cell}/${of}/`;
  const bucketOf = (of: Erased, value: string) => `${folder(of)}${value.slice(0, BUCKET_CHARACTERS)}/`;
  const isOf = async (object: string, of: Erased, value: string): Promise<boolean> => {
    const [salt = "", mark] = (object.split("/").at(-1) ?? "").split(".");
    return mark !== undefined && mark === (await hmac(`${of}-mark`, salt, value));
  };
  const matching = async (objects: readonly string[], of: Erased, value: string): Promise<string[]> => {
    const same = await Promise.all(objects.map((object) => isOf(object, of, value)));
    return objects.filter((_, place) => same[place]);
  };
  const read = async (object: string): Promise<Erasure | undefined> => {
    const text = await inBucket(async () => (await bucket.get(object))?.text());
    return text === undefined ? undefined : (JSON.parse(text) as Erasure);
  };
  const find = async (of: Erased, value: string): Promise<readonly Erasure[]> => {
    const objects = await matching(await namesBelow(bucket, bucketOf(of, value)), of, value);
    const found = await Promise.all(objects.map(read));
    return found.filter((each) => each !== undefined);
  };
  return {
    value: (of, ...parts) => hmac(`${of}-value`, ...parts),
    find,
    read,
    isMarkOf: (object, value) => {
      const [, of] = /^tombstones\/(?:us|eu)\/(customer|subject)\//.exec(object) ?? [];
      return of === undefined ? Promise.resolve(false) : isOf(object, of as Erased, value);
    },
    bury: async (of, value, erasure) => {
      if ((await find(of, value)).some(({ request }) => request === erasure.request)) return;
      const salt = base64url.encode(random(SALT_BYTES));
      const object = `${bucketOf(of, value)}${salt}.${await hmac(`${of}-mark`, salt, value)}`;
      await inBucket(() => bucket.put(object, JSON.stringify(erasure)));
    },
    purge: (before) => purgeBelow(bucket, `tombstones/${cell}/`, before),
    all: async (of) => {
      const byBucket = new Map<string, string[]>();
      const objects = await namesBelow(bucket, folder(of));
      for (const object of objects) {
        const at = object.slice(0, object.lastIndexOf("/") + 1);
        byBucket.set(at, [...(byBucket.get(at) ?? []), object]);
      }
      return {
        size: objects.length,
        match: async (value) => (await matching(byBucket.get(bucketOf(of, value)) ?? [], of, value))[0],
      };
    },
  };
}

/** Objects that one call removes: R2 takes a thousand names at once. */
const PURGE_AT_ONCE = 1_000;

async function purgeBelow(bucket: R2Bucket, prefix: string, before: number): Promise<PurgedTombstones> {
  const over = (await writtenBelow(bucket, prefix)).filter(({ at }) => at < before).slice(0, PURGE_AT_ONCE);
  if (over.length > 0) await inBucket(() => bucket.delete(over.map(({ key }) => key)));
  const left = (await writtenBelow(bucket, prefix)).map(({ at }) => at);
  return {
    purged: over.length,
    overdueLeft: left.filter((at) => at < before).length,
    oldestLeft: left.length === 0 ? null : left.reduce((least, at) => Math.min(least, at)),
  };
}

async function namesBelow(bucket: R2Bucket, prefix: string): Promise<string[]> {
  return (await writtenBelow(bucket, prefix)).map(({ key }) => key);
}

async function writtenBelow(bucket: R2Bucket, prefix: string): Promise<{ key: string; at: number }[]> {
  const found: { key: string; at: number }[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor;
    const page = await inBucket(() => bucket.list({ prefix, ...(from === undefined ? {} : { cursor: from }) }));
    found.push(...page.objects.map(({ key, uploaded }) => ({ key, at: uploaded.getTime() })));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return found;
}

async function derive(secret: Bytes, info: Bytes): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info },
    base,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
}
