import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseVerifierKey } from "../../protocol/tlog/note.ts";
import { runningSource } from "../../tools/audit/source.ts";
import { Person } from "../../tools/person/client.ts";
import { ROOT } from "../../tools/platform/root.ts";
import { describeIdentity, rotateIdentity, type IdentitySecrets } from "../../tools/rotate/identity.ts";
import { keepProofs } from "../../tools/rotate/proofs.ts";
import { staffClient } from "../../tools/staff/client.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { steadfastShopper } from "./steadfast.ts";

let platform: CellUnderTest;
beforeAll(async () => {
  platform = await startCellUnderTest("eu");
});
afterAll(() => platform.end());

const SHOPPERS = 2;

test("carts shop and people sign in while both of identity's keys are rotated, and nobody becomes unknown or somebody else", async () => {
  const { running } = platform;
  let { keys } = platform;
  const ops = staffClient({ cell: "eu", origin: running.origins.ops, signingJwk: keys.outside.staffSigningJwk });
  const person = new Person({
    apiOrigin: running.origins.api,
    issuerOrigin: running.origins.issuer,
    username: "ann",
    email: "ann@mail.example",
  });
  await person.signIn();
  await person.patch({ nickname: "Ann" });
  const before = await platform.rows("identity", "ENTITIES");

  const pieces = [...sampleCatalogue("eu").values()]
    .filter(({ gtin, taxClass }) => /^\d{8,14}$/.test(gtin) && taxClass !== "alcohol")
    .map(({ gtin }) => gtin);
  const rotated = { over: false };
  let trips = 0;
  const shopping = Promise.all(
    Array.from({ length: SHOPPERS }, async (_, index) => {
      const shopper = await steadfastShopper(platform.place, index);
      for (let trip = 0; (!rotated.over || trip < 3) && trip < 500; trip += 1) {
        const identify = (["loyalty", "card"] as const)[trip % 2] ?? "card";
        await shopper.shop(pieces.slice(trip % 10, (trip % 10) + 3), identify, (_phase, call) => call());
        trips += 1;
      }
    }),
  );
  const rotation = {
    ops,
    secrets: () => Promise.resolve(keys.secrets as unknown as IdentitySecrets),
    deploy: async (secrets: IdentitySecrets) => {
      keys = { ...keys, secrets: { ...keys.secrets, ...secrets } };
      await running.rekey(keys);
      // Trips come to their end while some rows are under the new keys and some under the old ones.
      const done = trips;
      await expect.poll(() => trips, { timeout: 60_000 }).toBeGreaterThan(done);
    },
    say: () => undefined,
    // The minute after a key began to write is over sooner here; a short wait is one.
    sleep: async (ms: number) => {
      if (ms <= 5_000) return setTimeout(ms);
      const rows = await running.hosts.platform.getD1Database("ENTITIES", "cartwright-identity-eu");
      await rows.prepare("UPDATE key_versions SET activated = activated - 120000").run();
    },
  };
  const first = await rotateIdentity(rotation);
  rotated.over = true;
  await shopping;
  // What a trip under way had needed the older key for went with the trip.
  const last = first.waiting.length > 0 ? await rotateIdentity(rotation) : first;
  expect(last.waiting).toEqual([]);
  expect(keys.secrets["IDENTITY_KEK"]).toMatch(/^2\*:[A-Za-z0-9+/]+=*$/);
  const described = await describeIdentity(ops);
  expect(described.filter((line) => line.includes(" 1: "))).toEqual([
    "index key 1: retired; nothing is under it",
    "wrapping key 1: retired; nothing is under it",
  ]);

  // The same people as before, by sign-in, by number and by card.
  expect(await person.me()).toMatchObject({ nickname: "Ann", email: "ann@mail.example" });
  const after = await platform.rows("identity", "ENTITIES");
  const numbers = (rows: typeof before) =>
    rows
      .filter(({ table }) => table === "loyalty_numbers")
      .map(({ id, customer }) => `${String(id)} ${String(customer)}`)
      .toSorted((a, b) => a.localeCompare(b));
  expect(numbers(after)).toEqual(numbers(before));
  const people = after.filter(({ table, kind }) => table === "customers" && kind === "account");
  expect(people).toHaveLength(1);
  const cards = after.filter(({ table }) => table === "card_references");
  const holders = after.filter(({ table, kind }) => table === "customers" && kind === "card_holder");
  expect(holders).toHaveLength(cards.length);

  await proofsOfAll([...new Set([...first.ceremonies, ...last.ceremonies])]);
}, 170_000);

/** A file a ceremony, which the command verifies without any door, and all of them are those of a rotation. */
async function proofsOfAll(ceremonies: readonly number[]): Promise<void> {
  const { keys, place, root } = platform;
  const { logs, witness } = keys.outside.logKeys;
  const [key, by] = await Promise.all([logs.platform, witness].map(parseVerifierKey));
  if (key?.ok !== true || by?.ok !== true) throw new Error("the log's keys are malformed");
  const folder = join(root, "eu", "ceremonies");
  const lines: string[] = [];
  await keepProofs(ceremonies, {
    cell: "eu",
    log: runningSource("eu", "platform", keys, place.origins.ops),
    key: key.value,
    witnesses: [by.value],
    folder,
    say: (line) => lines.push(line),
    sleep: () => setTimeout(200),
  });
  expect(lines).toHaveLength(ceremonies.length);
  const files = readdirSync(folder);
  expect(files.toSorted()).toEqual(ceremonies.map((index) => `${index}.tlog-proof`).toSorted());
  const acts = new Set<string>();
  for (const file of files) {
    const command = ["tools/audit.ts", "proof", join(folder, file), "--state", root];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT });
    expect(stdout).toContain('"kind":"key_ceremony"');
    acts.add(`${/"act":"(\w+)"/.exec(stdout)?.[1]} ${/"on":"key:identity-(\w+)"/.exec(stdout)?.[1]}`);
  }
  const both = (act: string) => [`${act} index`, `${act} wrapping`];
  expect([...acts].toSorted()).toEqual(["activate", "introduce", "move", "retire"].flatMap(both));
}
