import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { roomConfig } from "../platform/config.ts";
import { ROOMS } from "../platform/rooms.ts";
import { ROOT } from "../platform/root.ts";

/** One class that a room opens to one other room, with its public methods. */
export interface Entrypoint {
  readonly room: string;
  readonly name: string;
  /** The one room that the configurations bind to it. */
  readonly by: string;
  /** The name that this room's binding gives it: its own, or that of the work that the door is for. */
  readonly caller: string;
  readonly methods: readonly string[];
  /** The module that holds it, from the project's root. */
  readonly path: string;
}

const CLASS = /^export class (\w+)\s+extends (?!DurableObject)\w+(?:<[^{]*>)?\s+implements [^{]*\{\n([\s\S]*?)^\}/gm;
const METHOD = /^ {2}(?:async )?([a-z]\w*)\s*(?:<[^(]*>)?\(/gm;
const NO_METHOD = new Set(["constructor", "if", "for", "while", "switch", "return", "fetch"]);
const EXPORTED = /^export \{ [\w, ]+ \} from "(\.\/[\w/-]+\.ts)";$/gm;

/**
 * Every entrypoint of the platform, read from the rooms' own entry modules and the configurations that bind them.
 * @throws when a configuration binds one that was not found, since it would not be attacked
 */
export function entrypoints(cell: Cell): Entrypoint[] {
  const bound = ROOMS.flatMap((room) => roomConfig(room, cell).services.map((each) => ({ ...each, by: room.name })));
  const found = ROOMS.filter(({ host }) => host !== "world").flatMap((room) => {
    const { main, worker } = roomConfig(room, cell);
    return modulesOf(main).flatMap(({ path, source }) =>
      Array.from(source.matchAll(CLASS), ([, name = "", body = ""]) => {
        const binding = bound.find((each) => each.service === worker && each.entrypoint === name);
        const methods = new Set(Array.from(body.matchAll(METHOD), ([, method = ""]) => method));
        return {
          room: room.name,
          name,
          by: binding?.by ?? "",
          caller: binding?.caller ?? "",
          methods: [...methods].filter((each) => !NO_METHOD.has(each)),
          path: relative(ROOT, path),
        };
      }),
    );
  });
  for (const { service, entrypoint } of bound)
    if (!found.some(({ room, name }) => service === `cartwright-${room}-${cell}` && name === entrypoint))
      throw new Error(`${service} has no ${entrypoint} that could be attacked`);
  return found;
}

/** The entry module, and those whose classes it exports. */
function modulesOf(main: string): { path: string; source: string }[] {
  const source = readFileSync(main, "utf8");
  const others = Array.from(source.matchAll(EXPORTED), ([, path = ""]) => join(dirname(main), path));
  return [{ path: main, source }, ...others.map((path) => ({ path, source: readFileSync(path, "utf8") }))];
}
