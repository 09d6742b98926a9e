import { createHash } from "node:crypto";
import { formsOf } from "../residency/text-forms.ts";

/** Bytes that lead to the person, and what they are. */
export interface Needle {
  readonly bytes: Buffer;
  /** What a finding says of it; never the value. */
  readonly what: string;
}

/** What somebody is called or reached by, in every usual form and plain digest. */
export function wordNeedles(word: string, name: string): Needle[] {
  const spellings = [...new Set([word, word.toLowerCase(), word.toUpperCase(), word.normalize("NFC")])];
  const digests = ["md5", "sha1", "sha256"].map((algorithm) => createHash(algorithm).update(word).digest());
  return [
    ...spellings.flatMap((text) =>
      formsOf(text).map(({ bytes, form }) => ({ bytes, what: `${name} as ${short(form)}` })),
    ),
    ...digests.flatMap((digest) =>
      [digest, Buffer.from(digest.toString("hex")), Buffer.from(digest.toString("base64url"))].map((bytes) => ({
        bytes,
        what: `a plain digest of ${name}`,
      })),
    ),
  ];
}

/** An id that was followed: as text, and where it is hex or a UUID, as its bytes. */
export function idNeedles(id: string, what: string): Needle[] {
  const digits = id.replaceAll("-", "");
  const raw = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(digits) ? [{ bytes: Buffer.from(digits, "hex"), what }] : [];
  return [{ bytes: Buffer.from(id), what }, ...raw];
}

function short(form: string): string {
  return form.startsWith("UTF") ? form : "an encoding";
}
