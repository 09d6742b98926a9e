import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blindIndex } from "../../workers/identity/blind-index.ts";
import { keyRing } from "../../workers/identity/key-ring.ts";
import type { CellKeys } from "../platform/keys.ts";
import { trace } from "./search.ts";
import { readState } from "./state.ts";
import { vaultDigest } from "./vault-digest.ts";

const SECRET = Buffer.alloc(32, 3);
const secret = SECRET.toString("base64");
const keys = {
  cell: "eu",
  secrets: {
    IDENTITY_KEK: secret,
    IDENTITY_INDEX_KEY: secret,
    IDENTITY_TOMBSTONE_KEY: secret,
    FINGERPRINT_KEY: secret,
  },
} as unknown as CellKeys;
const EMAIL = "somebody-rare@example.org";
const NUMBER = "9829100000015";
const CUSTOMER = "11111111-2222-4333-8444-555555555555";
const SESSION = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cartwright-trace-test-"));
  for (const host of ["platform", "pay", "world"]) mkdirSync(join(folder, host, "data", "d1"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const look = (...words: string[]) => trace(readState(folder), keys, words, ["https://id.example"]);
const placesOf = async (...words: string[]) =>
  (await look(...words)).paths.map(({ store, table, column }) => `${store}.${table}.${column}`);

function database(host: string, name: string, sql: string): void {
  const db = new DatabaseSync(join(folder, host, "data", "d1", `${name}.sqlite`));
  db.exec(sql);
  db.close();
}

describe("the search for paths to a person", () => {
  it("finds a word in a log, in plain, encoded and as a plain digest", async () => {
    const log = join(folder, "platform", "worker.log");
    for (const text of [
      EMAIL,
      Buffer.from(`x${EMAIL}`).toString("base64"),
      Buffer.from(EMAIL).toString("hex"),
      Buffer.from(EMAIL, "utf16le").toString("latin1"),
    ]) {
      writeFileSync(log, `before\n${text}\nafter\n`, "latin1");
      expect(await placesOf(EMAIL)).toEqual(["platform/worker.log.log.line"]);
    }
    writeFileSync(log, "nothing\n");
    expect(await placesOf(EMAIL)).toEqual([]);
  });

  it("finds a number by its blind index, and goes on to the customer, the session, the sale and the receipt", async () => {
    const index = await blindIndex(keyRing("S", SECRET.toString("base64")), "eu").of("loyalty", NUMBER);
    database(
      "platform",
      "a",
      `CREATE TABLE loyalty_numbers (id TEXT, customer TEXT, blind_index TEXT);
       INSERT INTO loyalty_numbers VALUES ('row-1', '${CUSTOMER}', '${index}'), ('row-2', 'other-customer', 'other');
       CREATE TABLE session_links (session TEXT, customer TEXT, one_trip TEXT);
       INSERT INTO session_links VALUES ('${SESSION}', '${CUSTOMER}', NULL), ('other-session', 'other-customer', NULL)`,
    );
    database(
      "platform",
      "b",
      `CREATE TABLE sales (handoff TEXT, session TEXT, reference TEXT);
       INSERT INTO sales VALUES ('h-1', '${SESSION}', 'reference-of-one'), ('h-2', 'other-session', 'reference-of-two');
       CREATE TABLE receipts (reference TEXT); INSERT INTO receipts VALUES ('reference-of-one'), ('reference-of-two')`,
    );
    const found = (await look(NUMBER)).paths.map(({ table, row, column }) => `${table} ${row} ${column}`);
    expect(found.toSorted()).toEqual(
      [
        "loyalty_numbers row-1 blind_index",
        "loyalty_numbers row-1 customer",
        `session_links ${SESSION} customer`,
        `session_links ${SESSION} session`,
        "sales h-1 session",
        "sales h-1 reference",
        "receipts reference-of-one reference",
      ].toSorted(),
    );
  });

  it("finds no trip once the link is gone", async () => {
    database(
      "platform",
      "a",
      `CREATE TABLE session_links (session TEXT, customer TEXT, one_trip TEXT);
       INSERT INTO session_links VALUES ('${SESSION}', NULL, NULL);
       CREATE TABLE sales (handoff TEXT, session TEXT, reference TEXT);
       INSERT INTO sales VALUES ('h-1', '${SESSION}', 'reference-of-one')`,
    );
    expect(await placesOf(CUSTOMER, NUMBER, EMAIL)).toEqual([]);
  });

  it("finds a card's token in the vault by its keyed digest, and the session's bytes in a frame", async () => {
    const token = "AbCdEfGhIjKlMnOpQrStUvWx";
    const digest = vaultDigest(secret, "eu", "token", token);
    database(
      "pay",
      "v",
      `CREATE TABLE tokens (digest TEXT, card TEXT); INSERT INTO tokens VALUES ('${digest}', 'card-fingerprint')`,
    );
    expect((await look(token)).paths.map(({ store, column }) => [store, column])).toEqual([
      ["vault", "digest"],
      ["vault", "card"],
    ]);
    database(
      "platform",
      "f",
      `CREATE TABLE journal (seq INTEGER, frame BLOB); INSERT INTO journal VALUES (0, x'00${SESSION.replaceAll("-", "")}ff')`,
    );
    expect(await placesOf(SESSION)).toEqual([expect.stringContaining("journal.frame")]);
  });

  it("leaves the simulated parties outside alone", async () => {
    writeFileSync(join(folder, "world", "worker.log"), EMAIL);
    expect(await placesOf(EMAIL)).toEqual([]);
  });

  it("lists an id in a freed page apart, and a name there as a leak", async () => {
    const sql = (value: string) =>
      `CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('${value.padEnd(900, ".")}'); DELETE FROM t`;
    database("platform", "freed", sql(CUSTOMER));
    const traced = await look(CUSTOMER);
    expect([traced.paths, traced.remnants.length]).toEqual([[], 1]);
    database("platform", "leaked", sql(EMAIL));
    expect(await placesOf(EMAIL)).toEqual([expect.stringContaining("leaked.sqlite.file.bytes")]);
  });
});
