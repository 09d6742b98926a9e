import { describe, expect, it } from "vitest";
import { importProblems, importsOf } from "../../tools/checks/imports.ts";
import { TYPESCRIPT, sources } from "../../tools/checks/sources.ts";

describe("the walls between rooms", () => {
  it("stand in the committed sources", () => {
    const files = sources(TYPESCRIPT);
    expect(importProblems(files)).toEqual([]);
    expect(files.some(({ path }) => path === "workers/cde/index.ts")).toBe(true);
  });

  it.each<[string, string, string]>([
    ["the CDE imports another room", "workers/cde/index.ts", 'import { x } from "../stores/x.ts";'],
    [
      "the CDE imports a type of the platform",
      "workers/cde/index.ts",
      'import type { A } from "../../protocol/rooms/audit.ts";',
    ],
    ["the CDE imports the platform's ids", "workers/cde/a/b.ts", 'export { x } from "../../../protocol/ids.ts";'],
    ["the CDE imports a tool", "workers/cde/index.ts", 'import "../../tools/platform/root.ts";'],
    ["a room imports the CDE", "workers/payments/index.ts", 'import { vault } from "../cde/vault.ts";'],
    ["a room imports a type of the CDE", "workers/payments/index.ts", 'import type { V } from "../cde/vault.ts";'],
    ["a room imports the CDE later", "durable-objects/index.ts", 'const x = await import("../workers/cde/vault.ts");'],
    ["a tool imports the CDE", "tools/trip.ts", 'import { vault } from "../workers/cde/vault.ts";'],
    ["a test of another room imports the CDE", "workers/payments/test/a.test.ts", 'import "../../cde/vault.ts";'],
    [
      "the forwarder imports what starts the CDE for a test",
      "workers/payments/index.ts",
      'import "../cde/test/under-test.ts";',
    ],
    ["another room's test starts the CDE", "workers/edge/test/a.test.ts", 'import "../../cde/test/under-test.ts";'],
    ["protocol/ imports the CDE", "protocol/pay/x.ts", 'import "../../workers/cde/vault.ts";'],
    ["a room imports another", "workers/edge/index.ts", 'import { x } from "../identity/x.ts";'],
    ["a room imports the session objects", "workers/ops/index.ts", 'import { x } from "../../durable-objects/x.ts";'],
    ["the session objects import a room", "durable-objects/a/b.ts", "import { x } from '../../workers/stores/x.ts';"],
    ["a room's test imports another room", "workers/edge/test/a.test.ts", 'import { x } from "../../fleet/x.ts";'],
    ["a Worker imports a tool", "workers/edge/index.ts", 'import { x } from "../../tools/platform/x.ts";'],
    ["protocol/ imports a room", "protocol/rooms/x.ts", 'import { x } from "../../workers/edge/x.ts";'],
    ["protocol/ imports a tool", "protocol/rooms/x.ts", 'import { x } from "../../tools/x.ts";'],
    ["what its log is made of brings more in", "protocol/tlog/x.ts", 'import { x } from "../rooms/audit.ts";'],
    ["what the CDE imports brings more in", "protocol/pay/x.ts", 'import { x } from "../rooms/audit.ts";'],
    ["the bytes that the CDE imports bring more in", "protocol/bytes.ts", 'import { x } from "./ids.ts";'],
    ["a module is named at run time", "workers/edge/index.ts", "await import(name);"],
    ["an import spans lines", "workers/edge/index.ts", 'import {\n  x,\n} from "../identity/x.ts";'],
  ])("fall when %s", (_, path, text) => {
    expect(importProblems([{ path, text }])).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ["the contract for the CDE", "workers/cde/index.ts", 'import { x } from "../../protocol/pay/contract.ts";'],
    ["the transparency log for the CDE", "workers/cde/a/b.ts", 'import { x } from "../../../protocol/tlog/note.ts";'],
    ["money for the CDE", "workers/cde/a/b.ts", 'import { x } from "../../../protocol/money/money.ts";'],
    ["results for the CDE", "workers/cde/index.ts", 'import { ok } from "../../protocol/result.ts";'],
    [
      "packages for the CDE",
      "workers/cde/index.ts",
      'import { importJWK } from "jose"; import x from "cloudflare:workers";',
    ],
    ["its own files for the CDE", "workers/cde/a/b.ts", 'import { x } from "../vault.ts";'],
    [
      "the platform's tools for a test of the CDE",
      "workers/cde/test/a.test.ts",
      'import "../../../tools/platform/room-under-test.ts";',
    ],
    [
      "what starts the CDE for a test of the forwarder",
      "workers/payments/test/a.room.test.ts",
      'import { CdeUnderTest } from "../../cde/test/under-test.ts";',
    ],
    ["the contracts for a room", "workers/edge/index.ts", 'import { x } from "../../protocol/rooms/fleet.ts";'],
    ["a room's own subject for a tool", "tools/audit.ts", 'import { x } from "../workers/audit/entry.ts";'],
  ])("let through %s", (_, path, text) => {
    expect(importProblems([{ path, text }])).toEqual([]);
  });

  it("are looked for in every form of import", () => {
    const text =
      'import a from "./a.ts"; export * from "../b.ts"; import "pkg"; const c = import("./c.ts"); require("./d")';
    expect(importsOf({ path: "workers/edge/x.ts", text })).toEqual([
      "workers/edge/a.ts",
      "workers/b.ts",
      "pkg",
      "workers/edge/c.ts",
      "workers/edge/d",
    ]);
  });
});
