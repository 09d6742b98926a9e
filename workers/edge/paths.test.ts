import { describe, expect, it } from "vitest";
import { placeOf, routeName } from "./paths.ts";

describe("a path's place", () => {
  it.each([
    ["/v1/me", "/v1/me", ["GET", "HEAD", "PATCH", "DELETE"]],
    ["/v1/me/loyalty-cards/x", "/v1/me/loyalty-cards/{id}", ["DELETE"]],
    ["/v1/pairing-codes/abc/confirm", "/v1/pairing-codes/{code}/confirm", ["POST"]],
    ["/openapi.json", "/openapi.json", ["GET", "HEAD"]],
    ["/r/abc", "/r/{reference}", ["GET", "HEAD"]],
    ["/r/receipt.css", "/r/receipt.css", ["GET", "HEAD"]],
  ])("of %s is %s", (path, template, methods) => {
    expect(placeOf(path)).toMatchObject({ template, methods });
  });

  it.each(["/v1", "/v1/me/", "/r/", "/r/a/b", "/openapi-json", "//", "/V1/me"])("is nowhere for %s", (path) => {
    expect(placeOf(path)).toBeUndefined();
  });

  it("is named without anything that was sent", () => {
    expect(routeName("GET", placeOf("/r/secret"))).toBe("GET /r/{reference}");
    expect(routeName("SECRET", placeOf("/r/secret"))).toBe("other /r/{reference}");
    expect(routeName("GET", placeOf("/secret"))).toBe("elsewhere");
  });
});
