import { fail, ok, type Result } from "../../../protocol/result.ts";

/** Where the form's result may go: both in the allow list, or null. */
export interface Embedding {
  /** The origin that frames the page and is sent a message. */
  readonly embedder: string | null;
  /** Where the page goes after, with the result in the fragment. */
  readonly returnTo: string | null;
}

/**
 * The retailers' origins that may frame the form and be handed its result, as configured: separated by spaces.
 * @throws Error when one is no origin of HTTPS; HTTP only ever on this machine itself
 */
export function allowedEmbedders(configured: string | undefined): readonly string[] {
  return (configured ?? "")
    .split(" ")
    .filter((each) => each !== "")
    .map((each) => {
      const origin = originOf(each);
      if (origin !== each) throw new Error("FORM_EMBEDDERS is not a list of origins");
      return origin;
    });
}

/** `?embedder=` and `?return=`, each of which must be of an allowed origin: a token is handed to nobody else. */
export function embeddingOf(
  query: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
): Result<Embedding, "not_allowed"> {
  const { embedder, return: returnTo } = query;
  if (embedder !== undefined && !allowed.includes(embedder)) return fail("not_allowed");
  if (returnTo === undefined) return ok({ embedder: embedder ?? null, returnTo: null });
  const origin = originOf(returnTo);
  // The fragment is ours, and a user name in the address would only mislead.
  const clean = !returnTo.includes("#") && !/^[^/]*\/\/[^/]*@/.test(returnTo) && returnTo.length <= 512;
  if (origin === undefined || !allowed.includes(origin) || !clean) return fail("not_allowed");
  return ok({ embedder: embedder ?? null, returnTo });
}

function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, origin } = new URL(address);
  return protocol === "https:" || (protocol === "http:" && hostname === "127.0.0.1") ? origin : undefined;
}
