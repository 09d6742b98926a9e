import { describe, expect, it } from "vitest";
import { panFieldOf, readJson } from "./json-body.ts";

const PAN = "4111111111111111";
const request = (body: BodyInit, type = "application/json") =>
  new Request("https://api.example/", { method: "POST", body, headers: { "content-type": type } });

describe("a JSON body", () => {
  it("is read with its media type's parameters, whatever their case", async () => {
    const read = await readJson(request('{"a":1}', "Application/JSON; charset=utf-8"));
    expect(read).toEqual({ ok: true, value: { text: '{"a":1}', value: { a: 1 } } });
  });

  it.each([
    ["text", request("{}", "text/plain"), "unsupported_media_type"],
    ["another JSON type", request("{}", "application/json-patch+json"), "unsupported_media_type"],
    ["no JSON", request("{"), "malformed"],
    ["nothing", request(""), "malformed"],
    ["no UTF-8", request(new Uint8Array([0x22, 0xff, 0x22])), "malformed"],
    ["more than 16 KiB", request(`"${"x".repeat(16 * 1024)}"`), "too_large"],
  ])("is refused when it is %s", async (_, refused, reason) => {
    expect(await readJson(refused)).toEqual({ ok: false, reason });
  });
});

describe("the field with a card number", () => {
  it("is named when the name is ours, and is `body` when it was made up outside", () => {
    expect(panFieldOf({ name: PAN }, ["name"], {})).toBe("name");
    expect(panFieldOf({ made: { up: PAN } }, ["name"], {})).toBe("body");
    expect(panFieldOf({ [PAN]: true }, ["name"], {})).toBe("body");
    expect(panFieldOf(PAN, ["name"], {})).toBe("body");
    expect(panFieldOf([PAN], ["name"], {})).toBe("body");
  });

  it("is none where no text holds one", () => {
    expect(panFieldOf({ name: "Some One", phone: "+49 30 1234567" }, ["name"], {})).toBeNull();
    expect(panFieldOf(null, ["name"], {})).toBeNull();
  });
});
