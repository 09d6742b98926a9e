import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hex, readManifest } from "../../../tools/form/served.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { cdeKeys } from "./cde-under-test.ts";

const SHOP = "https://shop.example";
const manifest = readManifest();
let cde: RoomUnderTest;
beforeAll(async () => {
  const vars = { PAY_ORIGIN: "http://127.0.0.1:1", PROCESSOR_ORIGIN: "http://127.0.0.1:1", FORM_EMBEDDERS: SHOP };
  cde = await startRoom("cde", { secrets: (await cdeKeys()).secrets, vars });
});
afterAll(() => cde.stop());

const page = async (path: string, headers: Record<string, string> = {}) => {
  const response = await cde.fetch(path, { headers });
  return { status: response.status, headers: response.headers, body: await response.text() };
};

describe("the card form", () => {
  it.each(Object.entries(manifest.page.sha256))("in %s is the page of the manifest", async (language, digest) => {
    const asked = await page(`/card-form?lang=${language}`);
    expect([asked.status, hex("sha256", asked.body)]).toEqual([200, digest]);
    expect((await page("/card-form", { "accept-language": `${language}-XX` })).body).toBe(asked.body);
  });

  it("has the manifest's headers, so that nobody but the registered origins frames it", async () => {
    const { headers } = await page("/card-form");
    for (const [name, value] of Object.entries(manifest.page.headers))
      expect(headers.get(name)).toBe(value.replaceAll("{origin}", "http://room.test").replaceAll("{embedders}", SHOP));
    expect(headers.get("set-cookie")).toBeNull();
  });

  it.each(manifest.files)("loads $path as the manifest has it, and by that hash only", async (file) => {
    const loaded = await page(file.path);
    expect(hex("sha384", loaded.body)).toBe(file.sha384);
    for (const [name, value] of Object.entries(file.headers)) expect(loaded.headers.get(name)).toBe(value);
    expect((await page("/card-form")).body).toContain(`"${file.path}" integrity="${file.integrity}"`);
  });

  it("has one script, none in line, no field with a name and nowhere to submit to", async () => {
    const { body } = await page("/card-form");
    expect(body.match(/<script\b/g)).toHaveLength(1);
    expect(body).not.toMatch(/\son[a-z]+=|\sstyle=|<style|<iframe|javascript:|\sname="(?!viewport)|\saction=/);
    expect(body.match(/<(?:link|script|img|a)\b[^>]*(?:href|src)="(?!\/card-form|#)/g)).toBeNull();
  });

  it("keeps embedder and return address through a change of language, escaped", async () => {
    const back = `${SHOP}/app?a=1&b="`;
    const query = new URLSearchParams({ embedder: SHOP, return: back });
    const { status, body } = await page(`/card-form?${query}`);
    expect(status).toBe(200);
    expect(body).toContain(`data-return="${SHOP}/app?a=1&amp;b=&quot;"`);
    expect(body).toContain("?lang=de&amp;embedder=https%3A%2F%2Fshop.example&amp;return=");
  });

  it("is refused to an origin that is not registered, in the person's language, and repeats nothing of it", async () => {
    for (const query of ["embedder=https://evil.example", "return=https://evil.example/%3Cscript%3E"]) {
      const refused = await page(`/card-form?lang=de&${query}`);
      expect(refused.status).toBe(400);
      expect(refused.body).toContain("lässt sich so nicht öffnen");
      expect(refused.body).not.toMatch(/evil|<script|<form/);
      expect(refused.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });
});

describe("the pay origin", () => {
  it.each(["/", "/nothing", "/card-form/other.js"])(
    "has nothing at %s, and says so under the security headers",
    async (path) => {
      const { status, headers, body } = await page(path);
      expect([status, JSON.parse(body)]).toEqual([404, expect.objectContaining({ code: "not_found" })]);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("strict-transport-security")).toContain("max-age");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
    },
  );
});
