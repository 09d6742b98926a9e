import { describe, expect, it } from "vitest";
import { allowedEmbedders, embeddingOf } from "./embedding.ts";
import { languageOf, WORDING } from "./wording.ts";

describe("the form's language", () => {
  it.each([
    ["de", "fr", "de"],
    ["xx", "fr-CH, de;q=0.9", "fr"],
    [undefined, "es, de-AT;q=0.4, en;q=0.3", "de"],
    [undefined, "es", "en"],
    [undefined, "de;q=0, *", "en"],
    [undefined, "de;q=x", "en"],
    [undefined, undefined, "en"],
  ])("asked for %j and accepting %j is %s", (asked, accepted, language) => {
    expect(languageOf(asked, accepted)).toBe(language);
  });

  it("has every text, and none twice in one language but where it is meant", () => {
    for (const wording of Object.values(WORDING)) {
      const texts = [
        ...Object.values(wording).filter((each) => typeof each === "string"),
        ...Object.values(wording.messages),
      ];
      expect(texts.every((text) => text.trim() === text && text !== "")).toBe(true);
      expect(wording.doneCard).toMatch(/\{scheme\}.*\{last4\}/);
    }
  });
});

describe("where the result may go", () => {
  const allowed = allowedEmbedders("https://shop.example http://127.0.0.1:4000");
  const to = (query: Record<string, string>) => embeddingOf(query, allowed);

  it("is a registered origin, and an address of one", () => {
    expect(to({})).toEqual({ ok: true, value: { embedder: null, returnTo: null } });
    expect(to({ embedder: "https://shop.example", return: "https://shop.example/app/card?x=1" })).toEqual({
      ok: true,
      value: { embedder: "https://shop.example", returnTo: "https://shop.example/app/card?x=1" },
    });
  });

  it.each([
    { embedder: "https://evil.example" },
    { embedder: "https://shop.example/" },
    { embedder: "https://shop.example.evil.example" },
    { embedder: "" },
    { return: "https://evil.example/" },
    { return: "https://shop.example@evil.example/" },
    { return: "https://evil.example@shop.example/" },
    { return: "https://shop.example/#here" },
    { return: "http://shop.example/" },
    { return: "javascript:alert(1)" },
    { return: "//shop.example/" },
    { return: "/card" },
    { return: "" },
    { return: `https://shop.example/${"x".repeat(512)}` },
  ])("is not %j", (query) => {
    expect(to(query)).toEqual({ ok: false, reason: "not_allowed" });
  });

  it.each(["*", "shop.example", "http://shop.example", "https://shop.example/", "https://shop.example; script-src *"])(
    "is never configured as %j",
    (configured) => {
      expect(() => allowedEmbedders(configured)).toThrow("not a list of origins");
    },
  );
});
