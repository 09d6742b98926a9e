/** SHA-256 in hex over a value as JSON with sorted keys: one content has one digest, whoever built the object. */
export async function digestOf(value: object): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value, sortKeys));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
