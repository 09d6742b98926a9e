import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { CartSerial, StoreId } from "../../protocol/ids.ts";
import { assignmentHolds, signAssignment, type Assignment } from "./assignment.ts";
import { importStatementKey, type StatementKey } from "./statement-key.ts";

const NOW = 1_800_000_000_000;
const assignment: Assignment = {
  cell: "eu",
  serial: "0a".repeat(16) as CartSerial,
  store: "eu-demo" as StoreId,
  from: NOW - 1000,
};

async function makeKey(): Promise<StatementKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return importStatementKey(JSON.stringify(await exportJWK(privateKey)));
}

let key: StatementKey;
let statement: string;
beforeAll(async () => {
  key = await makeKey();
  statement = await signAssignment(assignment, key);
});

describe("an assignment of a cart to a store", () => {
  test("holds for exactly what was signed, from its date on", async () => {
    expect(await assignmentHolds(statement, assignment, key, NOW)).toBe(true);
    expect(await assignmentHolds(statement, assignment, key, assignment.from - 61_000)).toBe(false);
  });

  test("does not hold for another cell, cart, store or date", async () => {
    const others: Partial<Assignment>[] = [
      { cell: "us" },
      { serial: "0b".repeat(16) as CartSerial },
      { store: "eu-other" as StoreId },
      { from: NOW - 2000 },
    ];
    for (const other of others)
      expect(await assignmentHolds(statement, { ...assignment, ...other }, key, NOW)).toBe(false);
  });

  test("does not hold when another key signed it, or when it is no JWS", async () => {
    expect(await assignmentHolds(await signAssignment(assignment, await makeKey()), assignment, key, NOW)).toBe(false);
    for (const text of ["", "a.b.c", statement.slice(0, -2)])
      expect(await assignmentHolds(text, assignment, key, NOW)).toBe(false);
  });

  test("is not any other token that the same key signed over the same words", async () => {
    const payload = new TextEncoder().encode(
      JSON.stringify({ cell: "eu", serial: assignment.serial, store: assignment.store, from: assignment.from }),
    );
    const sign = (typ: string) =>
      new CompactSign(payload).setProtectedHeader({ alg: "ES256", typ }).sign(key.privateKey);
    expect(await assignmentHolds(await sign("cartwright-assignment+jws"), assignment, key, NOW)).toBe(true);
    expect(await assignmentHolds(await sign("JWT"), assignment, key, NOW)).toBe(false);
  });
});
