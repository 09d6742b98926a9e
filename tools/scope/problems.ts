import { ARCHITECTURE } from "../checks/architecture.ts";
import { COMPONENTS, DOORS } from "./components.ts";
import { CONTROLS, type Control } from "./controls.ts";
import { ofOneCell, type Facts } from "./facts.ts";
import { KEYS } from "./keys.ts";
import { PARTIES, RESPONSIBILITIES } from "./responsibilities.ts";
import { SENSITIVE } from "./stores.ts";

/** What the committed platform has and the document's own words do not, or the other way round. Empty: it can be written. */
export function documentProblems(facts: Facts, controls: readonly Control[] = CONTROLS): string[] {
  const members = ofOneCell(facts);
  const secrets = members
    .filter(({ room }) => COMPONENTS[room]?.scope !== "out")
    .flatMap((member) => [...member.secrets, ...member.config.certificates]);
  const columns = new Set(
    Object.entries(facts.databases["vault"] ?? {}).flatMap(([table, names]) => names.map((name) => `${table}.${name}`)),
  );
  return [
    ...Object.keys(ARCHITECTURE)
      .filter((room) => COMPONENTS[room] === undefined)
      .map((room) => `no word on whether ${room} is in scope`),
    ...facts.doors
      .filter((door) => DOORS[door] === undefined)
      .map((door) => `no word on who may use ${door} of the CDE`),
    ...Object.keys(DOORS)
      .filter((door) => !facts.doors.includes(door))
      .map((door) => `${door} is no door of the CDE any more`),
    ...secrets
      .filter((name) => KEYS[name] === undefined && name !== "CDE_CLIENT")
      .map((name) => `no word on the key ${name}`),
    ...Object.keys(SENSITIVE)
      .filter((column) => !columns.has(column))
      .map((column) => `the vault has no column ${column} any more`),
    ...controls.flatMap(({ requirement, code, tests }) =>
      [...code, ...tests]
        .filter((path) => !facts.exists(path))
        .map((path) => `${requirement} points at ${path}, which is not there`),
    ),
    ...controls
      .filter(({ code, tests, by }) => (code.length === 0 || tests.length === 0) && by === undefined)
      .map(({ requirement }) => `${requirement} points at nothing`),
    ...RESPONSIBILITIES.filter(([, , ...marks]) => marks.length !== PARTIES.length || !marks.includes("R")).map(
      ([subject]) => `nobody is responsible: ${subject}`,
    ),
  ];
}
