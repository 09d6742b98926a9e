import { describe, expect, it } from "vitest";
import { decodeAnswer } from "../../../protocol/cart/codec.ts";
import { CART_STATUS, type CartCode } from "../../../protocol/cart/codes.ts";
import { refuse, responseOf } from "./outcome.ts";

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe("what a cart is told", () => {
  it.each(Object.keys(CART_STATUS) as CartCode[])("of %s is its code with its status", async (code) => {
    const response = responseOf(refuse(code));
    expect(response.status).toBe(CART_STATUS[code]);
    expect(decodeAnswer("error", await bytesOf(response))).toEqual({ ok: true, value: { code, expected: null } });
    expect(response.headers.has("retry-after")).toBe(response.status === 429 || response.status === 503);
  });

  it("of a sequence number is the one that is expected", async () => {
    const response = responseOf({ ok: false, error: { code: "seq", expected: 12 } });
    expect(decodeAnswer("error", await bytesOf(response))).toEqual({ ok: true, value: { code: "seq", expected: 12 } });
  });

  it("is the state's own bytes, or nothing", async () => {
    const body = new Uint8Array([0xa0]);
    expect(await bytesOf(responseOf({ ok: true, status: 201, body }))).toEqual(body);
    const empty = responseOf({ ok: true, status: 204, body: null });
    expect([empty.status, empty.body]).toEqual([204, null]);
  });
});
