import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { roomConfig } from "../platform/config.ts";
import { ROOMS } from "../platform/rooms.ts";
import { ROOT } from "../platform/root.ts";

/** One class that a room opens to one other room, with its public methods. */
export interface Entrypoint {
  readonly room: string;
  readonly name: string;
  /** The one room that the configurations give it to. */
  readonly caller: string;
  readonly methods: readonly string[];
  /** The entry module, from the project's root. */
  readonly path: string;
}

const CLASS = /^export class (\w+) extends \w+(?:<[^{]*>)? implements [^{]*\{\n([\s\S]*?)^\}/gm;
const METHOD = /^ {2}(?:async )?([a-z]\w*)\s*(?:<[^(]*>)?\(/gm;
const NO_METHOD = new Set(["constructor", "if", "for", "while", "switch", "return", "fetch"]);

/** Every entrypoint of the platform, read from the rooms' own entry modules and the configurations that bind them. */
export function entrypoints(cell: Cell): Entrypoint[] {
  const bound = ROOMS.flatMap((room) => roomConfig(room, cell).services.map((each) => ({ ...each, by: room.name })));
  return ROOMS.filter(({ host }) => host !== "world").flatMap((room) => {
    const { main, worker } = roomConfig(room, cell);
    return Array.from(readFileSync(main, "utf8").matchAll(CLASS), ([, name = "", body = ""]) => ({
      room: room.name,
      name,
      caller: bound.find((each) => each.service === worker && each.entrypoint === name)?.by ?? "",
      methods: [...new Set(Array.from(body.matchAll(METHOD), ([, method = ""]) => method))].filter(
        (each) => !NO_METHOD.has(each),
      ),
      path: relative(ROOT, main),
    }));
  });
}
