import { textOf, type Picture, type Row } from "../../cart-fw/sim/display.ts";

/** Characters of the panel's rows (cart-fw/core/display_wire.h). */
const WIDTH = 48;

const STYLES: Readonly<Record<Row["style"], string>> = {
  plain: "",
  title: "\u001b[1;7m",
  strong: "\u001b[1m",
  faint: "\u001b[2m",
};
const TONES: Readonly<Record<Picture["tone"], string>> = {
  none: "",
  ok: "\u001b[32m",
  warn: "\u001b[33m",
  alarm: "\u001b[31m",
};
const PLAIN = "\u001b[0m";

/** The panel as it looks on a terminal. */
export function drawPanel(picture: Picture, colour: boolean): string {
  const border = (left: string, right: string) => `${left}${"─".repeat(WIDTH + 2)}${right}`;
  const rows = picture.rows.map(({ style, text }) => {
    const cells = text.padEnd(WIDTH);
    if (!colour) return `│ ${cells} │`;
    return `│ ${STYLES[style]}${style === "strong" ? TONES[picture.tone] : ""}${cells}${PLAIN} │`;
  });
  return [border("┌", "┐"), ...rows, border("└", "┘")].join("\n");
}

/** One line for where there is no terminal. */
export function panelLine(picture: Picture): string {
  return textOf(picture)
    .split("\n")
    .map((row) => row.trim().replaceAll(/ +/g, " "))
    .filter((row) => row !== "")
    .join(" | ");
}
