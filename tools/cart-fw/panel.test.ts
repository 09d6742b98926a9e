import { describe, expect, it } from "vitest";
import type { Picture } from "../../cart-fw/sim/display.ts";
import { drawPanel, panelLine } from "./panel.ts";

const PICTURE: Picture = {
  tone: "warn",
  rows: [
    { style: "title", text: "Your basket" },
    { style: "plain", text: "1 Milk  x1   1.19   " },
    { style: "strong", text: "" },
  ],
};

describe("the panel on a terminal", () => {
  it("has a border as wide as its rows, whatever they say", () => {
    const lines = drawPanel(PICTURE, false).split("\n");
    expect(lines).toHaveLength(5);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([52]));
    expect(lines[1]).toContain("Your basket");
  });

  it("has colours where the terminal has them", () => {
    expect(drawPanel(PICTURE, true)).toContain("\u001b[1;7m");
    expect(drawPanel(PICTURE, false)).not.toContain("\u001b");
  });

  it("has its picture's tone on its frame, and on no row", () => {
    const held = { style: "strong", text: "Staff: unknown item 1" } as const;
    const rows = [...PICTURE.rows, held, { style: "strong", text: "Added" } as const];
    const [top = "", ...below] = drawPanel({ tone: "ok", rows }, true).split("\n");
    const green = "\u001b[32m│\u001b[0m";
    expect(top.startsWith("\u001b[32m┌")).toBe(true);
    expect(below.at(-2)).toBe(`${green} \u001b[1m${"Added".padEnd(48)}\u001b[0m ${green}`);
    expect(below.at(-3)).toBe(`${green} \u001b[1m${held.text.padEnd(48)}\u001b[0m ${green}`);
    expect(drawPanel({ tone: "warn", rows }, true).startsWith("\u001b[33m┌")).toBe(true);
    expect(drawPanel({ tone: "none", rows }, true).startsWith("┌")).toBe(true);
  });

  it("is one line elsewhere, without what only fills", () => {
    expect(panelLine(PICTURE)).toBe("Your basket | 1 Milk x1 1.19");
  });
});
