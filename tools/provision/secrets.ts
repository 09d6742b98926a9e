/**
 * Secrets by name, from a file's text.
 * @throws Error when it is no object of texts, or when it is a local platform's keys file: those keys were made for a
 *   demo and lie on a disk
 */
export function readSecrets(text: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the secrets file is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("the secrets file is no JSON object");
  if ("secrets" in value || "outside" in value)
    throw new Error("the secrets file is a local platform's keys file: demo keys are never deployed");
  const entries = Object.entries(value);
  const wrong = entries.find(([, each]) => typeof each !== "string" || each === "");
  if (wrong !== undefined) throw new Error(`the secret ${wrong[0]} is no text`);
  return Object.fromEntries(entries) as Record<string, string>;
}
