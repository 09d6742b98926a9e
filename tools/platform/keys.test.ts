import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cellKeys, type CellKeys } from "./keys.ts";
import { ROOMS } from "./rooms.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cartwright-keys-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a cell's keys are made once, for every room's secrets, and stay as they are", async () => {
  const file = join(folder, "eu", "keys.json");
  const made = await cellKeys("eu", file);
  for (const name of ROOMS.flatMap((room) => room.secrets)) expect(made.secrets[name]).toMatch(/./);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(await cellKeys("eu", file)).toEqual(made);
});

it("keys that an older version made are kept, and what is new is added for good", async () => {
  const file = join(folder, "keys.json");
  const { secrets, outside, ...rest } = await cellKeys("eu", file);
  const { CUSTODIAN_A_JWK: _a, CUSTODIAN_B_JWK: _b, ...olderSecrets } = secrets;
  const { custodianJwks: _keys, ...olderOutside } = outside;
  writeFileSync(file, JSON.stringify({ ...rest, secrets: olderSecrets, outside: olderOutside }));
  const grown = await cellKeys("eu", file);
  expect(grown.secrets).toMatchObject(olderSecrets);
  expect(grown.outside).toMatchObject(olderOutside);
  const { x, y } = JSON.parse(grown.secrets["CUSTODIAN_A_JWK"] ?? "") as { x: string; y: string };
  expect(grown.outside.custodianJwks.A).toMatchObject({ x, y });
  expect(JSON.parse(readFileSync(file, "utf8")) as CellKeys).toEqual(grown);
});
