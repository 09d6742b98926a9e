import { calculateJwkThumbprint, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesOf, type Change, type LiveForm } from "../../../tools/form/integrity.ts";
import { readManifest } from "../../../tools/form/served.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { cdeKeys } from "./cde-under-test.ts";

const ORIGIN = "http://room.test";
const SHOP = "https://shop.example";
const manifest = readManifest();
let cde: RoomUnderTest;
let key: string;
beforeAll(async () => {
  const { secrets, forwarder } = await cdeKeys();
  key = await calculateJwkThumbprint(JSON.parse(forwarder["CDE_ENCRYPTION_JWK"] ?? "") as JWK);
  const vars = { PAY_ORIGIN: ORIGIN, PROCESSOR_ORIGIN: "http://127.0.0.1:1", FORM_EMBEDDERS: SHOP };
  cde = await startRoom("cde", { secrets, vars });
});
afterAll(() => cde.stop());

interface Tampering {
  /** Part of the address that is tampered with. */
  readonly at: string;
  readonly body?: (text: string) => string;
  readonly headers?: Record<string, string | null>;
  readonly status?: number;
}

/** The real Worker, with somebody between it and the reader. */
function through(tampering?: Tampering, live: Partial<LiveForm> = {}): Promise<Change[]> {
  const fetch = async (address: string) => {
    const response = await cde.fetch(address.slice(ORIGIN.length));
    if (tampering === undefined || !address.includes(tampering.at)) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(tampering.headers ?? {}))
      if (value === null) headers.delete(name);
      else headers.set(name, value);
    const text = await response.text();
    return new Response(tampering.body?.(text) ?? text, { status: tampering.status ?? response.status, headers });
  };
  return changesOf(manifest, { origin: ORIGIN, embedders: [SHOP], key, fetch, ...live });
}

const told = (changes: readonly Change[]) => changes.map(({ what, where }) => `${what} ${where}`);

describe("the watch over the card form", () => {
  it("says nothing of the form that is committed", async () => {
    expect(await through()).toEqual([]);
  });

  it.each<[string, Tampering, string[]]>([
    ["a byte of the script", { at: "card-form.js", body: (text) => `${text} ` }, ["script /card-form/card-form.js"]],
    ["a byte of the style", { at: "card-form.css", body: (text) => text.slice(1) }, ["style /card-form/card-form.css"]],
    ["a word of one page", { at: "lang=de", body: (text) => text.replace("Karte", "Kartei") }, ["page /card-form de"]],
    [
      "a script of another origin",
      {
        at: "lang=fr",
        body: (text) => text.replace("</head>", '<script src="https://cdn.example/s.js"></script></head>'),
      },
      ["page /card-form fr", "script /card-form fr"],
    ],
    [
      "a script in line",
      { at: "lang=en", body: (text) => text.replace("</body>", "<script>steal()</script></body>") },
      ["page /card-form en", "script /card-form en"],
    ],
    [
      "a script in an attribute",
      { at: "lang=en", body: (text) => text.replace("<main", '<main onclick="steal()"') },
      ["page /card-form en", "script /card-form en"],
    ],
    [
      "the integrity attribute",
      { at: "lang=en", body: (text) => text.replaceAll(/integrity="[^"]*"/g, "") },
      ["page /card-form en", "script /card-form en"],
    ],
    [
      "the policy of the page",
      { at: "lang=en", headers: { "content-security-policy": "default-src *" } },
      ["header /card-form en content-security-policy"],
    ],
    [
      "a header that is gone",
      { at: ".js", headers: { "x-content-type-options": null } },
      ["header /card-form/card-form.js x-content-type-options"],
    ],
    [
      "a header that is new",
      { at: "lang=de", headers: { link: "<https://cdn.example/s.js>; rel=preload" } },
      ["header /card-form de link"],
    ],
    ["a cookie", { at: "lang=de", headers: { "set-cookie": "a=b" } }, ["header /card-form de set-cookie"]],
    [
      "the key that cards are encrypted to",
      { at: "jwks", body: (text) => text.replace('"x":"', '"x":"A') },
      ["key /v1/jwks.json"],
    ],
    ["no key set at all", { at: "jwks", body: () => "<html>" }, ["key /v1/jwks.json"]],
    ["an answer of another status", { at: "card-form.js", status: 302 }, ["answer /card-form/card-form.js"]],
  ])("tells of %s", async (_what, tampering, changes) => {
    expect(told(await through(tampering))).toEqual(changes);
  });

  it("tells of a frame that was let in, and of an origin that does not answer", async () => {
    const framed = await through(undefined, { embedders: [] });
    expect(new Set(framed.map(({ where }) => where.split(" ").at(-1)))).toEqual(new Set(["content-security-policy"]));
    const silent = await through(undefined, { fetch: () => Promise.reject(new Error("down")) });
    expect(silent.map(({ found }) => found)).toEqual(Array.from({ length: 6 }, () => "no answer"));
  });

  it("has an inventory that gives a reason for every script that the page may load", () => {
    expect(manifest.files.filter(({ kind }) => kind === "script")).toHaveLength(1);
    for (const { justification, source, path } of manifest.files) {
      expect(justification.length).toBeGreaterThan(20);
      expect(source).toMatch(/^workers\/cde\/form\//);
      expect(manifest.page.headers["content-security-policy"]).toContain(`{origin}${path}`);
    }
  });
});
