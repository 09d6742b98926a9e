import { describe, expect, test } from "vitest";
import { answerRange, contentRange } from "./range.ts";

const SIZE = 1000;

describe("a Range field", () => {
  test.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-499", 0, 499],
    ["bytes=500-", 500, 999],
    ["bytes=999-", 999, 999],
    ["bytes=500-5000", 500, 999],
    ["bytes=-1", 999, 999],
    ["bytes=-1000", 0, 999],
    ["bytes=-5000", 0, 999],
    ["Bytes= 1-2 ", 1, 2],
  ])("%s asks for one part", (field, first, last) => {
    expect(answerRange(field, SIZE)).toEqual({ first, last });
  });

  test.each([
    "bytes=1000-",
    "bytes=1000-1001",
    "bytes=5-4",
    "bytes=-0",
    "bytes=-",
    "bytes=",
    "bytes",
    "bytes=0-1,4-5",
    "bytes=0-1,",
    "bytes=a-b",
    "bytes=0x0-0x1",
    "bytes=1 - 2",
    "bytes=+1-2",
    "bytes=1-2=3",
    "bytes=1.5-2",
    "bytes=0-9999999999999999",
  ])("%s is refused", (field) => {
    expect(answerRange(field, SIZE)).toBe("unsatisfiable");
  });

  test("in a unit that nobody knows is no range, as is none at all", () => {
    expect(answerRange("lines=0-1", SIZE)).toBe("whole");
    expect(answerRange("", SIZE)).toBe("whole");
    expect(answerRange(null, SIZE)).toBe("whole");
  });

  test("is answered with where the part lies, or how long the whole is", () => {
    expect(contentRange({ first: 2, last: 5 }, SIZE)).toBe("bytes 2-5/1000");
    expect(contentRange("unsatisfiable", SIZE)).toBe("bytes */1000");
  });
});
