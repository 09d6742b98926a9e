import { describe, expect, it } from "vitest";
import { negotiate } from "./accept.ts";

const OFFERS = ["text/html", "application/json"] as const;

describe("content negotiation", () => {
  it.each([
    [null, "text/html"],
    ["", "text/html"],
    ["*/*", "text/html"],
    ["application/json", "application/json"],
    ["Application/JSON", "application/json"],
    ["application/*", "application/json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"],
    ["text/html;q=0.5, application/json;q=0.9", "application/json"],
    ["text/html;q=0, */*", "application/json"],
    ["application/pdf, application/json;q=0.1", "application/json"],
    ["application/json; charset=utf-8", "application/json"],
  ])("of %j is %s", (accept, offer) => {
    expect(negotiate(accept, OFFERS)).toBe(offer);
  });

  it.each(["application/pdf", "image/*", "text/html;q=0", "*/*;q=0", "text/html;q=2", "text/html;q=abc", ",", "html"])(
    "of %j finds nothing",
    (accept) => {
      expect(negotiate(accept, OFFERS)).toBeUndefined();
    },
  );
});
