import { describe, expect, test } from "vitest";
import type { StoreId } from "../../protocol/ids.ts";
import { fail, ok } from "../../protocol/result.ts";
import type { PosCall } from "./pos-client.ts";
import { isSealedNotice, posNotice } from "./privacy-notice.ts";

const notice = {
  id: "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49",
  store: "eu-demo" as StoreId,
  jwe: `eyJhbGciOiJFQ0RILUVTIn0..${"a".repeat(16)}.${"b".repeat(40)}.${"c".repeat(22)}`,
};

describe("a sealed notice", () => {
  test("is carried under its own id, and answered by the recipient's acknowledgement", async () => {
    const asked: unknown[] = [];
    const call: PosCall = async (...args) => {
      asked.push(args);
      return ok({ acknowledgement: "ack-1", more: "passed over" });
    };
    expect(await posNotice(call, notice)).toEqual(ok({ acknowledgement: "ack-1" }));
    expect(asked).toEqual([["/v1/privacy-notices", notice.id, { store: notice.store, jwe: notice.jwe }]]);
  });

  test.each([{}, { acknowledgement: "" }, { acknowledgement: "with space" }, { acknowledgement: 1 }, null])(
    "is not acknowledged by %j",
    async (answer) => {
      expect(await posNotice(async () => ok(answer), notice)).toEqual(fail("unavailable"));
    },
  );

  test("that the POS refuses is refused", async () => {
    expect(await posNotice(async () => fail("refused"), notice)).toEqual(fail("refused"));
  });

  test.each([
    ["plain text", { jwe: '{"name":"Somebody"}' }],
    ["a signed token, which anybody can read", { jwe: "aaaa.bbbb.cccc" }],
    ["a token wrapped in a key", { jwe: notice.jwe.replace("..", ".kkkk.") }],
    ["an id of another form", { id: "1" }],
    ["a store of another form", { store: "No Store" as StoreId }],
  ])("is not %s", (_what, over) => {
    expect(isSealedNotice(notice)).toBe(true);
    expect(isSealedNotice({ ...notice, ...over })).toBe(false);
  });
});
