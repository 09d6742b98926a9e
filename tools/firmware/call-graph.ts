import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Frames and calls as GCC's `-fcallgraph-info=su` has them. */
export interface CallGraph {
  readonly frames: ReadonlyMap<string, number>;
  readonly calls: ReadonlyMap<string, ReadonlySet<string>>;
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
  for (const file of globSync(pattern, { cwd: folder })) {
    for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
      const node = /^node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes/.exec(line);
      if (node !== null) frames.set(node[1] ?? "", Number(node[2]));
      const [, from, to] = /^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/.exec(line) ?? [];
      if (from !== undefined && to !== undefined) calls.set(from, (calls.get(from) ?? new Set()).add(to));
    }
  }
  return { frames, calls };
}

/**
 * The deepest chain of calls below a function. A call through a pointer may be any function of `pointed`.
 * @throws Error for recursion, which has no depth
 */
export function deepest({ frames, calls }: CallGraph, from: string, pointed: readonly string[]): Depth {
  const known = new Map<string, Depth>();
  const visit = (name: string, above: readonly string[]): Depth => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (above.includes(name)) throw new Error(`recursion: ${[...above, name].join(" > ")}`);
    let below: Depth = { bytes: 0, chain: [] };
    for (const target of calls.get(name) ?? [])
      for (const callee of target === INDIRECT ? pointed : [target]) {
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
