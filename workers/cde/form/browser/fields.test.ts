import { describe, expect, it } from "vitest";
import { grouped, readCode, readExpiry, readNumber } from "./fields.ts";

const TODAY = new Date(2026, 10, 21);

describe("a typed card number", () => {
  it.each([
    ["4242 4242 4242 4242", "4242424242424242"],
    [" 4242-4242-4242-4242 ", "4242424242424242"],
    ["4242\u00a04242 42424242", "4242424242424242"],
    ["４２４２４２４２４２４２４２４２", "4242424242424242"],
    ["378282246310005", "378282246310005"],
  ])("%j is %s", (text, digits) => {
    expect(readNumber(text)).toBe(digits);
  });

  it.each(["", "4242 4242 4242 4241", "4242", "4242 4242 4242 424x", "0".repeat(20)])("%j is none", (text) => {
    expect(readNumber(text)).toBeUndefined();
  });

  it("is shown in the groups that are printed on the card", () => {
    expect(grouped("4242424242424242")).toBe("4242 4242 4242 4242");
    expect(grouped("378282246310005")).toBe("3782 822463 10005");
    expect(grouped("3056930009020004123")).toBe("3056 9300 0902 0004 123");
  });
});

describe("a typed expiry", () => {
  it.each([
    ["12/34", "12/34"],
    ["1234", "12/34"],
    ["1/34", "01/34"],
    ["12 / 2034", "12/34"],
    ["122034", "12/34"],
    ["11/26", "11/26"],
  ])("%j is %s", (text, expiry) => {
    expect(readExpiry(text, TODAY)).toBe(expiry);
  });

  it.each(["", "10/26", "13/30", "00/30", "134", "12/3", "12-34-56"])("%j is none", (text) => {
    expect(readExpiry(text, TODAY)).toBeUndefined();
  });
});

describe("a typed security code", () => {
  it("has three or four digits", () => {
    expect(readCode(" 123 ")).toBe("123");
    expect(readCode("1234")).toBe("1234");
    for (const bad of ["", "12", "12345", "12a"]) expect(readCode(bad)).toBeUndefined();
  });
});
