import { describe, expect, test } from "vitest";
import { parseChange, parseField } from "./profile-rules.ts";

describe("a nickname", () => {
  test("has at most twelve characters of any script", () => {
    for (const name of ["Mia", "Zoë", "日本語の名前です", "😀😀😀", "a".repeat(12)])
      expect(parseField("nickname", name)).toBe(name);
    expect(parseField("nickname", "a".repeat(13))).toBeUndefined();
    expect(parseField("nickname", "😀".repeat(13))).toBeUndefined();
  });

  test("can't hold what a display would hide, reorder or break", () => {
    for (const char of [
      "\u0000",
      "\n",
      "\u001b",
      "\u007f",
      "\u200b",
      "\u202e",
      "\u2066",
      "\u2028",
      "\ufeff",
      "\ue000",
      "\ud800",
    ])
      expect(parseField("nickname", `a${char}b`)).toBeUndefined();
  });

  test("is trimmed, composed, and not empty", () => {
    expect(parseField("nickname", "  Zoe\u0308 ")).toBe("Zoë");
    expect(parseField("nickname", "   ")).toBeUndefined();
  });
});

describe("an e-mail address", () => {
  test("has a local part and a domain with a dot", () => {
    for (const text of ["a@b.example", "first.last+tag@mail.shop.example"])
      expect(parseField("email", text)).toBe(text);
    for (const text of [
      "",
      "a",
      "a@b",
      "@b.example",
      "a b@c.example",
      "a@b..example",
      "a@b.example\nBcc: x",
      `${"a".repeat(65)}@b.example`,
    ])
      expect(parseField("email", text)).toBeUndefined();
  });
});

describe("a phone number", () => {
  test("is kept without separators and has at most 15 digits", () => {
    expect(parseField("phone", "+49 (151) 1234-5678")).toBe("+4915112345678");
    for (const text of ["12", "+1234567890123456", "call me", "0049+151"])
      expect(parseField("phone", text)).toBeUndefined();
  });
});

describe("a correction", () => {
  test("keeps the difference between clearing a field and leaving it out", () => {
    expect(parseChange({ nickname: null, name: " Mia " })).toEqual({ nickname: null, name: "Mia" });
    expect(parseChange({})).toEqual({});
  });

  test("is refused whole for one field that is unknown, of another type or not allowed", () => {
    for (const change of [
      { id: "x" },
      { __proto__x: "y" },
      { name: 1 },
      { name: ["a"] },
      { name: "Mia", email: "x" },
      { name: "" },
    ])
      expect(parseChange(change)).toBeUndefined();
    expect(parseChange({ address: "Street 1\nTown" })).toEqual({ address: "Street 1\nTown" });
    expect(parseChange({ name: "Street 1\nTown" })).toBeUndefined();
  });
});
