import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ARCHITECTURE, EGRESS, FORWARDER } from "../../tools/checks/architecture.ts";
import { ROOT } from "../../tools/platform/root.ts";

const drawing = /```mermaid\n(.*?)```/s.exec(readFileSync(join(ROOT, "docs/architecture.md"), "utf8"))?.[1] ?? "";
const rooms = Object.keys(ARCHITECTURE);

describe("the drawing of the architecture", () => {
  it("has each call of the table as an arrow, and no arrow between rooms besides", () => {
    // One arrow for two doors of the same room.
    const calls = Object.entries(ARCHITECTURE).flatMap(([room, { calls: doors }]) => [
      ...new Set(doors.map((door) => `${room} --> ${door.room}`)),
    ]);
    const between = arrows(drawing).filter(({ from, to }) => rooms.includes(from) && rooms.includes(to));
    expect(between.map(({ from, to }) => `${from} --> ${to}`).toSorted()).toEqual(
      [...calls, `${FORWARDER} --> cde`].toSorted(),
    );
  });

  it("has each room once, with the databases, buckets and objects that are its own", () => {
    for (const [room, { databases, buckets, objects }] of Object.entries(ARCHITECTURE)) {
      const labels = [...drawing.matchAll(new RegExp(`^ *${room}\\["(.*?)"\\]$`, "gm"))].map(
        ([, label]) => label ?? "",
      );
      expect(labels, room).toHaveLength(1);
      const [label = ""] = labels;
      const stores = (kind: string) =>
        [...label.matchAll(new RegExp(`${kind} ([a-z-]+)`, "g"))].map(([, name = ""]) => name).toSorted();
      expect(stores("D1"), room).toEqual(databases.toSorted());
      expect(stores("R2"), room).toEqual(buckets.map((bucket) => bucket.replace(/^cartwright-/, "")).toSorted());
      const hosted = objects.filter((each) => each.room === room).map(({ className }) => className);
      const drawn = label.replaceAll(/Tier \d/g, "").match(/\b[A-Z][A-Za-z]*[a-z]\b/g) ?? [];
      expect(drawn.toSorted(), room).toEqual(hosted.toSorted());
    }
  });

  it("draws a way out to the world for the rooms that call what is not the platform's, and for no other", () => {
    const out = new Set(
      arrows(drawing)
        .filter(({ from, to }) => rooms.includes(from) && !rooms.includes(to))
        .map(({ from }) => from),
    );
    // The edge's only way out is for keys, and the forwarder's leads to a room that is drawn.
    const ways = Object.entries(EGRESS).filter(([, { modules }]) => modules.length > 0);
    expect([...out].toSorted()).toEqual(
      ways
        .map(([room]) => room)
        .filter((room) => room !== "edge" && room !== FORWARDER)
        .toSorted(),
    );
  });

  it("is read whole: every line with an arrow is one that the test understands", () => {
    const lines = drawing.split("\n").filter((line) => /--/.test(line));
    expect(lines.length).toBeGreaterThan(20);
    expect(arrows(drawing)).toHaveLength(lines.length);
    expect(arrows("edge --> audit\n")).toEqual([{ from: "edge", to: "audit" }]);
  });
});

/** `a --> b`, `a -- "words" --> b`, either end with a label of its own. */
function arrows(text: string): { from: string; to: string }[] {
  return text.split("\n").flatMap((line) => {
    const found = /^ *([a-z]+)(?:[[(].*?[\])])? *--(?: .*? --)?> *([a-z]+)\b/.exec(line);
    return found === null ? [] : [{ from: found[1] ?? "", to: found[2] ?? "" }];
  });
}
