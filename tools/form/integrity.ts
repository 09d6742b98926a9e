import { calculateJwkThumbprint, type JWK } from "jose";
import { EMBEDDERS_PLACEHOLDER, hex, ORIGIN_PLACEHOLDER, type Headers as Expected, type Manifest } from "./served.ts";

/** A difference between what an origin serves and what the manifest authorises. */
export interface Change {
  readonly what: "page" | "script" | "style" | "header" | "key" | "answer";
  /** Path, and the header's name or the language where there is one. */
  readonly where: string;
  readonly expected: string;
  readonly found: string;
}

export interface LiveForm {
  /** The pay origin, e.g. `https://pay.eu.cartwright.example`. */
  readonly origin: string;
  /** Its `FORM_EMBEDDERS`; none: nobody may frame the form. */
  readonly embedders: readonly string[];
  /** RFC 7638 thumbprint of the key that cards are encrypted to; null: not compared. */
  readonly key: string | null;
  readonly fetch: (address: string, init: RequestInit) => Promise<Response>;
}

const TIME_OUT_MS = 10_000;
/** Headers that a network or a server adds on the way, and that change nothing of what a browser does with the page. */
const OF_THE_WAY =
  /^(?:age|alt-svc|cf-cache-status|cf-ray|connection|content-encoding|content-length|date|keep-alive|server|transfer-encoding)$/;

/**
 * Compares the page as a browser receives it, its headers and every file with the manifest (PCI DSS 11.6.1): each
 * change is told, and a header or a script that is not in the manifest is one. Failure policy: closed; an origin that
 * does not answer is a change.
 */
export async function changesOf(manifest: Manifest, live: LiveForm): Promise<Change[]> {
  const changes = [await changesOfPage(manifest, live), await changesOfFiles(manifest, live)].flat();
  return live.key === null ? changes : [...changes, ...(await changesOfKey(live, live.key))];
}

async function changesOfPage({ page, files }: Manifest, live: LiveForm): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [language, sha256] of Object.entries(page.sha256)) {
    const where = `${page.path} ${language}`;
    const got = await get(live, `${page.path}?lang=${language}`);
    if (typeof got === "string") {
      changes.push({ what: "answer", where, expected: "200", found: got });
      continue;
    }
    changes.push(...headerChanges(where, filled(page.headers, live), got.headers));
    if (hex("sha256", got.text) === sha256) continue;
    changes.push({ what: "page", where, expected: sha256, found: hex("sha256", got.text) });
    changes.push(...strangersIn(got.text, where, files));
  }
  return changes;
}

/** What the changed page would run or load beyond the manifest: the first thing to know of a skimmer. */
function strangersIn(html: string, where: string, files: Manifest["files"]): Change[] {
  const changes: Change[] = [];
  const authorised = (path: string | undefined, kind: string) =>
    files.find((file) => file.path === path && file.kind === kind);
  for (const [, attributes = "", inline = ""] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi)) {
    const source = attributeOf(attributes, "src");
    const file = authorised(source, "script");
    if (file === undefined)
      changes.push({
        what: "script",
        where,
        expected: "a script of the manifest",
        found: source === undefined ? `in line, sha256 ${hex("sha256", inline)}` : "a script that is not in it",
      });
    else if (attributeOf(attributes, "integrity") !== file.integrity)
      changes.push({ what: "script", where, expected: file.integrity, found: "another integrity attribute, or none" });
  }
  if (/<(?:iframe|object|embed|base)\b|\son[a-z]+\s*=|javascript:/i.test(html))
    changes.push({ what: "script", where, expected: "no other way to run one", found: "markup that can run a script" });
  return changes;
}

async function changesOfFiles({ files }: Manifest, live: LiveForm): Promise<Change[]> {
  const changes: Change[] = [];
  for (const file of files) {
    const got = await get(live, file.path);
    if (typeof got === "string") {
      changes.push({ what: "answer", where: file.path, expected: "200", found: got });
      continue;
    }
    const found = hex("sha384", got.text);
    if (found !== file.sha384) changes.push({ what: file.kind, where: file.path, expected: file.sha384, found });
    changes.push(...headerChanges(file.path, filled(file.headers, live), got.headers));
  }
  return changes;
}

/** A swapped key would send every card to somebody else, with no script changed. */
async function changesOfKey(live: LiveForm, expected: string): Promise<Change[]> {
  const where = "/v1/jwks.json";
  const got = await get(live, where);
  if (typeof got === "string") return [{ what: "answer", where, expected: "200", found: got }];
  let found: string;
  try {
    const { keys } = JSON.parse(got.text) as { keys: JWK[] };
    found = (await Promise.all(keys.map((key) => calculateJwkThumbprint(key)))).join(" ");
  } catch {
    found = "no key set";
  }
  return found === expected ? [] : [{ what: "key", where, expected, found }];
}

function headerChanges(where: string, expected: Expected, received: Headers): Change[] {
  const names = new Set([...Object.keys(expected), ...received.keys()]);
  return [...names]
    .filter((name) => !OF_THE_WAY.test(name) && received.get(name) !== (expected[name] ?? null))
    .map((name) => ({
      what: "header",
      where: `${where} ${name}`,
      expected: expected[name] ?? "none",
      found: received.get(name) ?? "none",
    }));
}

function filled(headers: Expected, { origin, embedders }: LiveForm): Expected {
  const ancestors = embedders.length === 0 ? "'none'" : embedders.join(" ");
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.replaceAll(ORIGIN_PLACEHOLDER, origin).replaceAll(EMBEDDERS_PLACEHOLDER, ancestors),
    ]),
  );
}

async function get(
  live: LiveForm,
  path: string,
): Promise<{ readonly headers: Headers; readonly text: string } | string> {
  try {
    const response = await live.fetch(live.origin + path, {
      redirect: "manual",
      signal: AbortSignal.timeout(TIME_OUT_MS),
    });
    return response.status === 200
      ? { headers: response.headers, text: await response.text() }
      : String(response.status);
  } catch {
    return "no answer";
  }
}

function attributeOf(attributes: string, name: string): string | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*["']?([^"'\\s>]+)`, "i").exec(attributes)?.[1];
}
