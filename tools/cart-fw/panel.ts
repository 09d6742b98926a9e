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

/** The panel as it looks on a terminal. A picture has one tone: its frame has that colour, and no row looks better or worse by it. */
export function drawPanel(picture: Picture, colour: boolean): string {
  const tone = colour ? TONES[picture.tone] : "";
  const toned = (text: string) => (tone === "" ? text : `${tone}${text}${PLAIN}`);
  const border = (left: string, right: string) => toned(`${left}${"─".repeat(WIDTH + 2)}${right}`);
  const side = toned("│");
  const rows = picture.rows.map(({ style, text }) => {
    const cells = text.padEnd(WIDTH);
    return `${side} ${colour ? `${STYLES[style]}${cells}${PLAIN}` : cells} ${side}`;
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
