import { appendFileSync, cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CART_PATH } from "../../protocol/cart/paths.ts";
import { staffClient } from "../../tools/staff/client.ts";
import { exercise, KNOWN_PANS, type Exercised } from "../../tools/pan-search/exercise.ts";
import { formsOf } from "../../tools/pan-search/forms.ts";
import { filesBelow } from "../../tools/pan-search/places.ts";
import { isOutside, searchFolder } from "../../tools/pan-search/search.ts";
import { sampleBaskets } from "../../tools/trip/baskets.ts";
import { ROUTES } from "../../workers/edge/app/routes.ts";
import { CALLS } from "../../workers/ops/calls.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";

const PAN = "4000056655665556";
const FORMS = formsOf(PAN);

describe("after a full run with known test cards", () => {
  let cell: CellUnderTest;
  let ran: Exercised;
  let incidents: { from: string; on: string; detail: Record<string, unknown> }[];

  beforeAll(async () => {
    cell = await startCellUnderTest("eu");
    const pieces = new Map([...sampleCatalogue("eu")].filter(([code]) => /^\d{8,14}$/.test(code)));
    const [basket = []] = sampleBaskets(pieces, 1);
    ran = await exercise(cell.place, basket, () => undefined);
    incidents = await incidentsOf(cell);
    await cell.stop();
  }, 120_000);
  afterAll(() => cell.end());

  test("no card number, no more of one than may be shown and no plain digest of one is at rest anywhere", () => {
    const { finds, places, bytes } = searchFolder(cell.root, KNOWN_PANS);
    expect(finds.filter((find) => !isOutside(find))).toEqual([]);
    // It looked at something: the three hosts' databases with the trips in them.
    expect(places).toBeGreaterThan(100);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(ran).toMatchObject({ tokens: 27, trips: 3 });
  }, 60_000);

  test("every door has been sent one in every way, and has refused it", () => {
    expect(ran.attempts.filter(({ taken }) => taken)).toEqual([]);
    const routes = new Set(ran.attempts.map(({ route }) => route));
    for (const { method, path } of ROUTES) expect(routes).toContain(`${method.toUpperCase()} ${path}`);
    for (const { method, path } of Object.values(CALLS)) expect(routes).toContain(`${method} ${path}`);
    for (const path of Object.values(CART_PATH)) expect(routes).toContain(`POST ${path}`);
    // Refused for what they held, not by a limit, a lack of a token or a broken room.
    const elsewise = ran.attempts.filter(({ answer }) => ["401", "429", "500", "503"].includes(answer));
    // The pay origin is sent some by nobody.
    expect(
      elsewise.filter(({ route, answer }) => answer !== "401" || !route.endsWith(" /v1/payments/tokenize")),
    ).toEqual([]);
    expect(ran.attempts.filter(({ answer }) => answer === "422").length).toBeGreaterThan(200);
  });

  test("each of those refusals that the log keeps says where, and six and four digits at the most", () => {
    for (const door of ["POST /cart/v1/", "PATCH /v1/me", "PUT /admin/v1/", "POST /admin/v1/stores/:store/catalogue"])
      expect(
        incidents.filter(({ from, on }) => from.startsWith(door) || on.startsWith(door)).length,
        door,
      ).toBeGreaterThan(0);
    for (const { from, on, detail } of incidents) {
      expect(`${from} ${on.replace(/^\w+:[0-9a-f-]{32,}$/, "")}`).not.toMatch(/\d{5}/);
      const { first6, last4 } = detail;
      expect([first6 ?? "400005", last4 ?? "5556"]).toEqual(["400005", "5556"]);
      expect(JSON.stringify({ ...detail, first6: null, last4: null })).not.toMatch(/\d{5}/);
    }
  });

  test("a number that is planted in any form, in a log, a blob, a packed file or a database, is found", () => {
    const copy = mkdtempSync(join(tmpdir(), "cartwright-planted-"));
    try {
      cpSync(cell.root, copy, { recursive: true });
      const host = join(copy, "eu/platform");
      appendFileSync(join(host, "worker.log"), Buffer.concat([Buffer.from('{"card":"'), ...spaced(PAN)]));
      mkdirSync(join(host, "data/planted"));
      for (const [index, { sample }] of FORMS.entries())
        writeFileSync(join(host, `data/planted/${index}`), Buffer.concat(spaced(sample)));
      writeFileSync(join(host, "data/planted/trace.gz"), gzipSync(Buffer.concat(spaced(PAN))));
      const [file = ""] = filesBelow(copy).filter((path) => /\/d1\/.*\.sqlite$/.test(path));
      // Left open: the rows are in the write-ahead log alone, as after a crash.
      const database = new DatabaseSync(file);
      database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE planted (n INTEGER, t TEXT, b BLOB)",
      );
      database
        .prepare("INSERT INTO planted VALUES (?, ?, ?)")
        .run(BigInt(PAN), `${"x".repeat(9000)} ${PAN}`, Buffer.from(PAN));
      const { finds } = searchFolder(copy, [PAN]);
      database.close();
      const found = (where: RegExp) => finds.filter((find) => where.test(find.where)).map(({ form }) => form);
      expect(found(/worker\.log$/)).toContain("digits, plain");
      expect(found(/trace\.gz: unpacked$/)).toContain("digits, plain");
      for (const [index, { name }] of FORMS.entries()) expect(found(new RegExp(`/planted/${index}$`))).toContain(name);
      for (const column of ["n", "t", "b"])
        expect(found(new RegExp(`: planted\\.${column}$`))).toContain("digits, plain");
      expect(found(/\.sqlite-wal$/)).toEqual(expect.arrayContaining(["digits, plain", "integer, big-endian"]));
      expect(finds.every(({ card }) => card === "400005…5556")).toBe(true);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }, 60_000);
});

function spaced(text: string | Buffer): Buffer[] {
  return [Buffer.from("\u0000 "), Buffer.from(text), Buffer.from(" \u0000")];
}

async function incidentsOf({ place }: CellUnderTest) {
  const { store, keys, origins } = place;
  const ops = staffClient({ cell: store.cell, origin: origins.ops, signingJwk: keys.outside.staffSigningJwk });
  type Page = { incidents: { from: string; on: string; detail: Record<string, unknown> }[]; next: number | null };
  const all: Page["incidents"] = [];
  for (let from: number | null = 0; from !== null;) {
    const page: Page = await ops.get(`/admin/v1/incidents?from=${from}&limit=500`);
    all.push(...page.incidents);
    from = page.next;
  }
  return all;
}
