import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/platform/root.ts";
import { CONTROLS } from "../../tools/scope/controls.ts";
import { pciScope } from "../../tools/scope/document.ts";
import { committedFacts, doorsOf, type Facts } from "../../tools/scope/facts.ts";
import { documentProblems } from "../../tools/scope/problems.ts";

const facts = committedFacts();
const committed = readFileSync(join(ROOT, "docs/pci-scope.md"), "utf8");

describe("the scope document", () => {
  it("is what the committed platform gives, the same each time", () => {
    expect(documentProblems(facts)).toEqual([]);
    expect(pciScope(facts)).toBe(committed);
    expect(pciScope(committedFacts())).toBe(committed);
  });

  it("has the CDE and the forwarder in scope, every room with a reason, and the vault's columns", () => {
    for (const text of [
      "| `cde` | **CDE** |",
      "| `payments` | **connected-to** |",
      "**`pan`**",
      "`KEK_SHARE_A`",
      "11.6.1",
    ])
      expect(committed).toContain(text);
    for (const { room } of facts.members) expect(committed).toContain(`| \`${room}\` |`);
  });

  it.each<[string, (all: Facts) => Facts]>([
    ["a column of the vault", (all) => withTable(all, "vault", "cards", "hint")],
    ["a table of another room", (all) => withTable(all, "retail", "loyalty", "id")],
    [
      "a call between rooms",
      (all) =>
        changed(all, "telemetry", (config) => ({
          services: [
            ...config.services,
            { binding: "X", service: "cartwright-audit-eu", entrypoint: "ForOps", caller: "telemetry" },
          ],
        })),
    ],
    [
      "a database of a room",
      (all) => changed(all, "edge", () => ({ databases: [{ binding: "X", database: "more-eu" }] })),
    ],
    [
      "a room with the CDE's address",
      (all) => changed(all, "ops", (config) => ({ vars: { ...config.vars, PAY_ORIGIN: "x" } })),
    ],
  ])("is stale when there is a new one: %s", (_, change) => {
    expect(pciScope(change(facts))).not.toBe(committed);
  });

  it("can't be written without a word on a secret in scope, a door of the CDE, a column that went or a pointer to nothing", () => {
    const secret = facts.members.map((each) =>
      each.room === "cde" ? { ...each, secrets: [...each.secrets, "NEW_KEY"] } : each,
    );
    expect(documentProblems({ ...facts, members: secret })).toEqual(["no word on the key NEW_KEY"]);
    const door = doorsOf([{ path: "workers/cde/x.ts", text: 'app.get("/v1/cards/:id", (c) => c.json({}));' }]);
    expect(documentProblems({ ...facts, doors: [...facts.doors, ...door] })).toEqual([
      'no word on who may use get "/v1/cards/:id" of the CDE',
    ]);
    const { vault = {} } = facts.databases;
    const gone = {
      ...facts,
      databases: { ...facts.databases, vault: { ...vault, cards: ["fingerprint", "account"] } },
    };
    expect(documentProblems(gone)).toEqual(["the vault has no column cards.pan any more"]);
    const [first] = CONTROLS;
    if (first === undefined) throw new Error("no control");
    expect(documentProblems(facts, [{ ...first, code: ["tools/nowhere.ts"] }])).toEqual([
      `${first.requirement} points at tools/nowhere.ts, which is not there`,
    ]);
    expect(documentProblems(facts, [{ requirement: "1.1", how: "", code: [], tests: [] }])).toEqual([
      "1.1 points at nothing",
    ]);
  });
});

type Config = Facts["members"][number]["config"];

function changed(all: Facts, room: string, change: (config: Config) => Partial<Config>): Facts {
  return {
    ...all,
    members: all.members.map((each) =>
      each.room === room ? { ...each, config: { ...each.config, ...change(each.config) } } : each,
    ),
  };
}

function withTable(all: Facts, database: string, table: string, column: string): Facts {
  const tables = all.databases[database] ?? {};
  return {
    ...all,
    databases: { ...all.databases, [database]: { ...tables, [table]: [...(tables[table] ?? []), column] } },
  };
}
