import { type Bytes, secretBytes } from "./bytes.ts";

/** A secret in its versions: everything new is made under `current`, what is older is still read. */
export interface KeyRing {
  readonly current: number;
  readonly versions: ReadonlyMap<number, Bytes>;
}

/** More are only there by mistake: a rotation has two. */
const MOST_VERSIONS = 4;

/**
 * A secret's text: 32 bytes in base64 alone are version 1; a ring is `1:<base64>,2*:<base64>`, the star at the one that
 * writes (decision 0019). A version is brought in without the star first: nobody may write what some isolate can't read.
 * @throws Error naming the secret, never showing it
 */
export function keyRing(name: string, text: string): KeyRing {
  if (!text.includes(":")) return { current: 1, versions: new Map([[1, secretBytes(name, text)]]) };
  const parts = text.split(",").map((part) => /^([1-9]\d{0,5})(\*?):([A-Za-z0-9+/=]+)$/.exec(part.trim()));
  const versions = new Map<number, Bytes>();
  let current: number | undefined;
  for (const part of parts) {
    if (part?.[1] === undefined || part[3] === undefined) throw new Error(`secret ${name} is not a ring of keys`);
    const version = Number(part[1]);
    if (versions.has(version)) throw new Error(`secret ${name} has version ${version} twice`);
    if (part[2] === "*" && current !== undefined) throw new Error(`secret ${name} has two versions that write`);
    if (part[2] === "*") current = version;
    const bytes = secretBytes(name, part[3]);
    if ([...versions.values()].some((other) => other.every((byte, at) => byte === bytes[at])))
      throw new Error(`secret ${name} has one key under two versions`);
    versions.set(version, bytes);
  }
  if (current === undefined) throw new Error(`secret ${name} has no version that writes`);
  if (versions.size > MOST_VERSIONS) throw new Error(`secret ${name} has more than ${MOST_VERSIONS} versions`);
  return { current, versions };
}

/** The version that writes, then the others from the newest on: the order in which values are looked for. */
export function readOrder({ current, versions }: KeyRing): readonly number[] {
  return [current, ...[...versions.keys()].filter((each) => each !== current).toSorted((a, b) => b - a)];
}
