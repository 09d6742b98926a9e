import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { openRoom } from "./room.ts";

const DOOR = { caller: "edge", method: "ForEdge.profile" } as const;
const SECRET = Buffer.alloc(32, 1).toString("base64");

function bindings() {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const stores = { JURISDICTION: "local", ENTITIES: emptyDatabase(), PERSONS: {}, PERSON_KEYS: {}, AUDIT: {} };
  const keys = { IDENTITY_KEK: SECRET, IDENTITY_INDEX_KEY: SECRET, IDENTITY_TOMBSTONE_KEY: SECRET };
  const jwk = JSON.stringify(publicKey.export({ format: "jwk" }));
  const others = { CDE_VERIFICATION_JWK: jwk, STAFF_AUTHORITY_JWK: jwk, RAW_READ_KEY: SECRET };
  return { CELL: "eu", ...stores, ...keys, ...others };
}
/** A database without a row, so that the room's keys are its first. */
function emptyDatabase(): object {
  const written = Promise.resolve({ meta: { changes: 1 } });
  const statement = { bind: () => statement, raw: () => Promise.resolve([]), run: () => written };
  return { prepare: () => statement };
}

const open = (env: object) => openRoom(env as Parameters<typeof openRoom>[0], DOOR);

test("the room's keys are imported once an isolate, however many call", async () => {
  const env = bindings();
  const first = await open(env);
  expect((await open(env)).index).toBe(first.index);
});

test("a room that could not be opened is tried again, and not refused for the isolate's life", async () => {
  const env = { ...bindings(), IDENTITY_KEK: "short" };
  await expect(open(env)).rejects.toThrow("IDENTITY_KEK");
  env.IDENTITY_KEK = SECRET;
  expect((await open(env)).cell).toBe("eu");
});
