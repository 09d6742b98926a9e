const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The largest multiple of 62 in a byte: what is above would favour the first letters. */
const FAIR = 248;

/** 24 characters of A-Z a-z 0-9: 142 random bits. */
export function newToken(random: (length: number) => Uint8Array): string {
  let token = "";
  while (token.length < 24) {
    for (const byte of random(48)) if (byte < FAIR && token.length < 24) token += ALPHABET[byte % 62];
  }
  return token;
}

export function isToken(text: unknown): text is string {
  return typeof text === "string" && /^[A-Za-z0-9]{24}$/.test(text);
}
