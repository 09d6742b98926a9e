import { describe, expect, it } from "vitest";
import { CART_PATH } from "../../../protocol/cart/paths.ts";
import { cartRoute } from "./route.ts";

const ID = "0193456b-8a00-7c3d-9e4f-5a6b7c8d9eaf";

describe("a cart's path", () => {
  it.each(Object.entries(CART_PATH))("for %s is routed by its published form", (message, template) => {
    const route = cartRoute("POST", template.replace("{id}", ID));
    const session = template.includes("{id}") ? ID : null;
    const expected = message === "hello" ? { kind: "hello" } : { kind: "signed", message, session };
    expect(route).toMatchObject({ ok: true, value: { ...expected, name: `POST ${template}` } });
  });

  it.each([
    "/cart/v1",
    "/cart/v1/",
    "/cart/v1/hello/",
    "/cart/v1/hello?x",
    "/cart/v2/hello",
    "/cart/v1/constructor",
    `/cart/v1/sessions/${ID}`,
    `/cart/v1/sessions/${ID}/void`,
    `/cart/v1/sessions/${ID}/events/`,
    `/cart/v1/sessions/${ID}/events?x`,
    `/cart/v1/sessions/a/b/events`,
    `/cart/v1/firmware/${"ab".repeat(31)}`,
    `/cart/v1/firmware/${"AB".repeat(32)}`,
    `/cart/v1/firmware/${"ab".repeat(32)}?x`,
  ])("leads nowhere: %s", (path) => {
    expect(cartRoute("POST", path)).toEqual({ ok: false, reason: "not_found" });
  });

  it.each(["", "x", ID.toUpperCase(), ID.replaceAll("-", ""), `${ID}0`])(
    "with an id that no session can have is a session that is not there: %j",
    (id) => {
      expect(cartRoute("POST", `/cart/v1/sessions/${id}/events`)).toEqual({ ok: false, reason: "no_session" });
    },
  );

  it("to an image is the one that is read, not written", () => {
    const digest = "ab".repeat(32);
    const value = { kind: "image", name: "GET /cart/v1/firmware/{digest}", digest };
    for (const method of ["GET", "HEAD"])
      expect(cartRoute(method, `/cart/v1/firmware/${digest}`)).toEqual({ ok: true, value });
    expect(cartRoute("POST", `/cart/v1/firmware/${digest}`)).toEqual({ ok: false, reason: "image_method" });
  });

  it("takes no other method", () => {
    expect(cartRoute("GET", "/cart/v1/sessions")).toEqual({ ok: false, reason: "method" });
    expect(cartRoute("GET", "/cart/v1/nothing")).toEqual({ ok: false, reason: "not_found" });
  });
});
