import { describe, expect, it } from "vitest";
import { bearerToken } from "./token.ts";

describe("the bearer token of a request", () => {
  it.each([
    ["Bearer abc.def.ghi", "abc.def.ghi"],
    ["bearer abc", "abc"],
    ["Bearer   abc==", "abc=="],
  ])("is read from %j", (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });

  it.each([null, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a,b", "xBearer abc", "Bearer abc\u0000"])(
    "is not read from %j",
    (header) => {
      expect(bearerToken(header)).toBeNull();
    },
  );
});
