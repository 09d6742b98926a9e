import type { R2Bucket, R2ListOptions, R2Object, R2Objects } from "@cloudflare/workers-types";
import type { Cell, CustomerId } from "../../protocol/ids.ts";
import type { Random } from "./bytes.ts";
import { StoreFailure } from "./store-failure.ts";
import {
  makePersonKey,
  type PersonKey,
  rewrapPersonKey,
  unwrapPersonKey,
  wrappedBy,
  type WrappingKeys,
} from "./person-key.ts";

/**
 * The stand-in for nobody: a key without data, so that a number that nobody holds costs the same read as one that
 * somebody does. Never an id of a customer (those are random, version 4).
 */
export const NOBODY = "00000000-0000-0000-0000-000000000000" as CustomerId;

/** A key that is made but not yet kept: its holder's acts can be audited before anything is written. */
export interface NewPersonKey {
  readonly key: PersonKey;
  keep(): Promise<void>;
}

/** Wrapped keys in R2, apart from the data and without a history: destroying one makes the person's fields unreadable. */
export interface PersonKeys {
  /** Undefined once it was destroyed. */
  read(person: CustomerId): Promise<PersonKey | undefined>;
  make(person: CustomerId): Promise<NewPersonKey>;
  destroy(person: CustomerId): Promise<void>;
  /** Whether a wrapped key lies there, looked up anew. */
  exists(person: CustomerId): Promise<boolean>;
  /** The stand-in's key, made when it is first needed. */
  nobody(): Promise<PersonKey>;
  /** The version that wraps new keys. */
  readonly version: number;
  /** Wraps the next keys after a name anew, some hundreds at the most; null begins. Idempotent. */
  rewrap(after: string | null): Promise<Rewrapped>;
  /** The next keys after a person's, and when each was written, ms since the epoch; null begins, null ends. */
  page(after: CustomerId | null, limit: number): Promise<KeyPage>;
  /** How many keys each version wraps, read from the bucket anew. */
  countByVersion(): Promise<ReadonlyMap<number, number>>;
}

export interface KeyPage {
  readonly keys: readonly { readonly person: CustomerId; readonly written: number }[];
  readonly next: CustomerId | null;
}

export interface Rewrapped {
  readonly moved: number;
  /** That did not unwrap: they stay as they are. */
  readonly stuck: number;
  /** Where to go on; null at the end. */
  readonly next: string | null;
}

/** Objects that one call looks at: one read and one write each, far under the platform's limit of a request. */
const REWRAP_AT_ONCE = 200;
/** Of 1000 names each. */
const MOST_PAGES = 1_000;

export function personKeys(bucket: R2Bucket, keks: WrappingKeys, cell: Cell, random: Random): PersonKeys {
  const name = (person: CustomerId) => `${cell}/${person}`;
  const read = async (person: CustomerId) => {
    const wrapped = await inBucket(async () => (await bucket.get(name(person)))?.text());
    if (wrapped === undefined) return undefined;
    try {
      return await unwrapPersonKey(keks, cell, person, wrapped);
    } catch {
      const needs = wrappedBy(wrapped);
      throw new StoreFailure(
        needs === undefined || keks.versions.has(needs)
          ? "a person's key does not unwrap"
          : `a person's key needs wrapping key version ${needs}, which was taken away`,
      );
    }
  };
  const make = async (person: CustomerId) => {
    const { key, wrapped } = await makePersonKey(keks, cell, person, random);
    return {
      key,
      keep: async () => {
        // Never over a key that exists: its holder's fields would be lost.
        await inBucket(() =>
          bucket.put(name(person), wrapped, { onlyIf: { etagDoesNotMatch: "*" }, ...marked(keks.current) }),
        );
      },
    };
  };
  /** One key under the version that writes. A key that was destroyed meanwhile stays destroyed. */
  const rewrapOne = async (person: CustomerId): Promise<"moved" | "stuck" | "gone"> => {
    const object = await inBucket(() => bucket.get(name(person)));
    if (object === null) return "gone";
    const wrapped = await inBucket(() => object.text());
    if (wrappedBy(wrapped) === keks.current) return "gone";
    let again: string;
    try {
      again = await rewrapPersonKey(keks, cell, person, wrapped, random);
    } catch {
      console.error("identity: a person's key does not unwrap, so it is not wrapped anew");
      return "stuck";
    }
    const put = await inBucket(() =>
      bucket.put(name(person), again, { onlyIf: { etagMatches: object.etag }, ...marked(keks.current) }),
    );
    return put === null ? "gone" : "moved";
  };
  return {
    read,
    make,
    version: keks.current,
    rewrap: async (after) => {
      const page = await listed(bucket, { prefix: `${cell}/`, limit: REWRAP_AT_ONCE, ...from(after) });
      const older = page.objects.filter((each) => markOf(each) !== keks.current);
      let [moved, stuck] = [0, 0];
      for (let at = 0; at < older.length; at += ABREAST) {
        const some = older
          .slice(at, at + ABREAST)
          .map(({ key }) => rewrapOne(key.slice(cell.length + 1) as CustomerId));
        for (const outcome of await Promise.all(some)) {
          if (outcome === "moved") moved += 1;
          if (outcome === "stuck") stuck += 1;
        }
      }
      return { moved, stuck, next: page.truncated ? (page.objects.at(-1)?.key ?? null) : null };
    },
    page: async (after, limit) => {
      const page = await listed(bucket, { prefix: `${cell}/`, limit, ...from(after === null ? null : name(after)) });
      const keys = page.objects.map(({ key, uploaded }) => ({
        person: key.slice(cell.length + 1) as CustomerId,
        written: uploaded.getTime(),
      }));
      return { keys, next: page.truncated ? (keys.at(-1)?.person ?? null) : null };
    },
    countByVersion: async () => {
      const counts = new Map<number, number>();
      let after: string | null = null;
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const page: R2Objects = await listed(bucket, { prefix: `${cell}/`, ...from(after) });
        for (const each of page.objects) counts.set(markOf(each), (counts.get(markOf(each)) ?? 0) + 1);
        if (!page.truncated) return counts;
        after = page.objects.at(-1)?.key ?? null;
      }
      throw new StoreFailure("more wrapped keys than one call can count");
    },
    destroy: (person) => inBucket(() => bucket.delete(name(person))),
    exists: async (person) => (await inBucket(() => bucket.head(name(person)))) !== null,
    nobody: async () => {
      const kept = await read(NOBODY);
      if (kept !== undefined) return kept;
      const made = await make(NOBODY);
      await made.keep();
      return made.key;
    },
  };
}

/** Reads and writes that are under way at once. */
const ABREAST = 8;

/** Beside the wrapped key and written with it in one act: which version wraps it, so that a list can count. */
const marked = (version: number) => ({ customMetadata: { wrapped_by: String(version) } });
/** What was written before there were marks is version 1. */
const markOf = (object: R2Object): number => Number(object.customMetadata?.["wrapped_by"] ?? "1");
const from = (after: string | null) => (after === null ? {} : { startAfter: after });

function listed(bucket: R2Bucket, options: R2ListOptions): Promise<R2Objects> {
  return inBucket(() => bucket.list({ ...options, include: ["customMetadata"] }));
}

/** R2 throws plain errors: an outage, told apart here from a bug. */
export async function inBucket<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    throw new StoreFailure("R2");
  }
}
