import { posix } from "node:path";

/** A source file: its path from the project's root, with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

const SPECIFIER = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*["']([^"'\n]+)["']/g;
const COMPUTED = /\b(?:import|require)\s*\(\s*(?!["'])[^)\s]/;

/** What a file imports: paths from the project's root where relative, else the specifier itself. */
export function importsOf({ path, text }: Source): string[] {
  return Array.from(text.matchAll(SPECIFIER), ([, specifier = ""]) =>
    specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier,
  );
}

/** The room that a file belongs to, or null: `workers/<room>`, `durable-objects`. */
export function roomOf(path: string): string | null {
  return /^(?:workers\/[^/]+|durable-objects)(?=\/)/.exec(path)?.[0] ?? null;
}

/** Breaches of the walls between rooms: what is imported from where it must not be. */
export function importProblems(sources: readonly Source[]): string[] {
  return sources.filter(({ path }) => !path.endsWith(".d.ts")).flatMap(problemsOf);
}

/** All that the CDE may take from outside its folder: the published contract and what that stands on. */
const CDE = "workers/cde";
const OPEN_TO_THE_CDE = /^protocol\/(?:(?:pay|money|tlog)\/|(?:result|bytes)\.ts$)/;

/** The CDE's one caller is tested against the CDE itself, started as a Worker of its own. */
const FORWARDERS_TEST = /^workers\/payments\//;

function problemsOf(source: Source): string[] {
  const { path, text } = source;
  const room = roomOf(path);
  const test = /\.test\.ts$|\/test\//.test(path);
  const problems = importsOf(source).flatMap((target) => {
    const wall = wallBetween(path, room, test, target);
    return wall === null ? [] : [`${path} imports ${target}: ${wall}`];
  });
  const computed = room !== null && !test && COMPUTED.test(text);
  return computed ? [...problems, `${path} imports what is only known at run time`] : problems;
}

function wallBetween(path: string, room: string | null, test: boolean, target: string): string | null {
  const inProject = isInProject(target);
  const other = roomOf(target);
  if (test && FORWARDERS_TEST.test(path) && target.startsWith(`${CDE}/test/`)) return null;
  if (other === CDE && room !== CDE) return "nobody imports the CDE";
  if (room === CDE && inProject && other !== CDE && !OPEN_TO_THE_CDE.test(target) && !(test && forTests(target)))
    return "the CDE imports itself, protocol/pay, money and tlog, and protocol/result.ts and bytes.ts";
  if (room !== null && other !== null && other !== room) return "no room imports another room";
  if (room !== null && !test && /^(?:tools|test)\//.test(target)) return "a Worker holds no tool or test";
  if (path.startsWith("protocol/") && !test && inProject && !target.startsWith("protocol/"))
    return "protocol/ stands on nothing else";
  if (OPEN_TO_THE_CDE.test(path) && !test && inProject && !OPEN_TO_THE_CDE.test(target))
    return "what the CDE imports brings nothing else in";
  return null;
}

/** Tests of the CDE may start it, and call it, with the platform's tools. */
function forTests(target: string): boolean {
  return target.startsWith("tools/");
}

function isInProject(target: string): boolean {
  return /^(?:protocol|workers|durable-objects|tools|test|\.\.?)(?:\/|$)/.test(target);
}
