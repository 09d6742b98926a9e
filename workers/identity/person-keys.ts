import type { Cell, CustomerId } from "../../protocol/ids.ts";
import type { Random } from "./bytes.ts";
import { StoreFailure } from "./store-failure.ts";
import { makePersonKey, type PersonKey, unwrapPersonKey } from "./person-key.ts";

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
}

export function personKeys(bucket: R2Bucket, kek: CryptoKey, cell: Cell, random: Random): PersonKeys {
  const name = (person: CustomerId) => `${cell}/${person}`;
  const read = async (person: CustomerId) => {
    const wrapped = await inBucket(async () => (await bucket.get(name(person)))?.text());
    if (wrapped === undefined) return undefined;
    try {
      return await unwrapPersonKey(kek, cell, person, wrapped);
    } catch {
      throw new StoreFailure("a person's key does not unwrap");
    }
  };
  const make = async (person: CustomerId) => {
    const { key, wrapped } = await makePersonKey(kek, cell, person, random);
    return {
      key,
      keep: async () => {
        // Never over a key that exists: its holder's fields would be lost.
        await inBucket(() => bucket.put(name(person), wrapped, { onlyIf: { etagDoesNotMatch: "*" } }));
      },
    };
  };
  return {
    read,
    make,
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

/** R2 throws plain errors: an outage, told apart here from a bug. */
export async function inBucket<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    throw new StoreFailure("R2");
  }
}
