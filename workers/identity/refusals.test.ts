import { expect, test } from "vitest";
import { routeOf } from "./refusals.ts";

test("a route keeps its words and templates and loses every value", () => {
  expect(routeOf("POST /v1/pairing-codes/{code}/confirm")).toBe("POST /v1/pairing-codes/{code}/confirm");
  expect(routeOf("/v1/me?email=mia@mail.example")).toBe("/v1/me");
  expect(routeOf("GET /v1/me/loyalty-cards/4111111111111111")).toBe("GET /v1/me/loyalty-cards/{value}");
  expect(routeOf("mia@mail.example")).toBe("/");
  expect(routeOf(`/${"a".repeat(40)}/Mia%20Muster`)).toBe("/{value}/{value}");
});
