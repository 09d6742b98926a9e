import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Frames and calls as GCC's `-fcallgraph-info=su` has them. */
export interface CallGraph {
  readonly frames: ReadonlyMap<string, number>;
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
  /** The source file that each function is defined in, without its folder. */
  readonly homes: ReadonlyMap<string, string>;
}

export interface Depth {
  /** Bytes. */
  readonly bytes: number;
  /** Functions from the first to the deepest. */
  readonly chain: readonly string[];
}

/** GCC's name for a call through a pointer. */
const INDIRECT = "__indirect_call";

export function readCallGraph(folder: string, pattern: string): CallGraph {
  const frames = new Map<string, number>();
  const calls = new Map<string, Set<string>>();
  const homes = new Map<string, string>();
  for (const file of globSync(pattern, { cwd: folder })) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      const node = /^node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes/.exec(line);
      if (node !== null) {
        frames.set(node[1] ?? "", Number(node[2]));
        homes.set(node[1] ?? "", basename(file).replace(/\.ci$/, ""));
      }
      const [, from, to] = /^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/.exec(line) ?? [];
      if (from !== undefined && to !== undefined) calls.set(from, (calls.get(from) ?? new Set()).add(to));
    }
  }
  return { frames, calls, homes };
}

/**
 * Functions that stand in tables of a source file (`[INDEX] = function`): what a call through a pointer there may reach.
 * By the file's name; names are those of the call graph.
 */
export function tabled(graph: CallGraph, folder: string): ReadonlyMap<string, readonly string[]> {
  const files = globSync("*.c", { cwd: folder }).map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const named = Array.from(text.matchAll(/^ *\[\w+\] = &?(\w+),/gm), (match) => match[1] ?? "");
    const functions = [...graph.frames.keys()].filter((name) => named.includes(name.replace(/^.*:/, "")));
    return [file, functions] as const;
  });
  return new Map(files.filter(([, functions]) => functions.length > 0));
}

/**
 * The deepest chain of calls below a function. A call through a pointer may be any function of the tables of its file;
 * where there are none, any of `pointed`.
 * @throws Error for recursion, which has no depth
 */
export function deepest(
  { frames, calls, homes }: CallGraph,
  from: string,
  pointed: readonly string[],
  tables: ReadonlyMap<string, readonly string[]> = new Map(),
): Depth {
  const known = new Map<string, Depth>();
  const visit = (name: string, above: readonly string[]): Depth => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (above.includes(name)) throw new Error(`recursion: ${[...above, name].join(" > ")}`);
    let below: Depth = { bytes: 0, chain: [] };
    for (const target of calls.get(name) ?? [])
      for (const callee of target === INDIRECT ? (tables.get(homes.get(name) ?? "") ?? pointed) : [target]) {
        // Of two tables in a file one may lead on to the other's functions; a function is not its own callee by that.
        if (target === INDIRECT && (callee === name || above.includes(callee))) continue;
        const depth = visit(callee, [...above, name]);
        if (depth.bytes > below.bytes) below = depth;
      }
    const own = frames.get(name) ?? 0;
    const depth = { bytes: own + below.bytes, chain: [name.replace(/^.*:/, ""), ...below.chain] };
    known.set(name, depth);
    return depth;
  };
  return visit(from, []);
}
