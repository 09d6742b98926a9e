/** Bytes that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Where random bytes come from: passed in, so that a test can choose them. */
export type Random = (length: number) => Bytes;

const encoder = new TextEncoder();

export function utf8(text: string): Bytes {
  return new Uint8Array(encoder.encode(text));
}

/**
 * One unambiguous encoding of a list (a JSON array): no two different lists give the same bytes, which joining with a
 * separator can't promise.
 */
export function canonical(...parts: readonly (string | number)[]): Bytes {
  return utf8(JSON.stringify(parts));
}

/** A secret of exactly 32 bytes from its base64. @throws Error naming the secret, never showing it. */
export function secretBytes(name: string, base64: string): Bytes {
  let bytes: Bytes;
  try {
    bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    throw new Error(`secret ${name} is not base64`);
  }
  if (bytes.length !== 32) throw new Error(`secret ${name} is not 32 bytes`);
  return bytes;
}
