import { describe, expect, it } from "vitest";
import { CART_STATUS } from "../../protocol/cart/codes.ts";
import { PROBLEMS } from "./app/problem.ts";
import { openApiDocument } from "./openapi.ts";
import { placeOf } from "./paths.ts";

const document = openApiDocument();
type Operation = { responses: Record<string, { content?: object }>; security?: unknown[]; requestBody?: object };
const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({ path, method, operation })),
);

describe("the OpenAPI document", () => {
  it("is of version 3.1 and names every code of both APIs", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const text = JSON.stringify(document);
    for (const code of [...Object.keys(PROBLEMS), ...Object.keys(CART_STATUS)]) expect(text).toContain(code);
  });

  it("describes only what is served", () => {
    for (const { path, method } of operations)
      expect(placeOf(path.replaceAll(/\{[a-z]+\}/g, "x"))?.methods).toContain(method.toUpperCase());
  });

  it.each(operations)("says who may $method $path, and each refusal as a problem", ({ path, operation }) => {
    expect(operation.security !== undefined).toBe(path.startsWith("/v1/"));
    const refusals = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
    expect(refusals.length).toBeGreaterThan(2);
    for (const [, { content }] of refusals) expect(Object.keys(content ?? {})).toEqual(["application/problem+json"]);
    if (operation.requestBody !== undefined)
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["400", "413", "415", "422"]));
  });

  it("has every schema that it refers to", () => {
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    const named = new Set([...references].map(([, name]) => name));
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(expect.arrayContaining([...named]));
    expect(named.size).toBeGreaterThan(5);
  });
});
