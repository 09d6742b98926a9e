import { describe, expect, it } from "vitest";
import { PROBLEMS, problemResponse, type ProblemCode } from "./problem.ts";

describe("a problem", () => {
  it.each(Object.keys(PROBLEMS) as ProblemCode[])("%s carries its status, code and title alone", async (code) => {
    const response = problemResponse(code);
    const body: unknown = await response.json();
    expect(response.status).toBe(PROBLEMS[code][0]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      type: `/docs#problem-${code}`,
      title: PROBLEMS[code][1],
      status: PROBLEMS[code][0],
      code,
    });
  });

  it("says when to try again where trying again helps", () => {
    const waits = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) =>
      problemResponse(code).headers.has("retry-after"),
    );
    expect(waits).toEqual(["too_many", "unavailable"]);
  });
});
