import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoreId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";
import { makeAuthority } from "../platform/authority.ts";
import { makeFirmwareSigners } from "../platform/firmware-signers.ts";
import { startRoom, type RoomUnderTest } from "../platform/room-under-test.ts";
import { OpsError, type StaffClient } from "../staff/client.ts";
import { enrolCarts } from "./enrol.ts";

const AUDIT = `
import { WorkerEntrypoint } from "cloudflare:workers";
const acts = [];
export class ForFleet extends WorkerEntrypoint { append(act) { acts.push(act); return { ok: true, value: { index: acts.length - 1 } }; } }
export default { fetch: () => Response.json(acts) };`;
const STORE = "eu-demo" as StoreId;

let room: RoomUnderTest;
let folder: string;
/** The ops door, short-circuited to the fleet room: what the door adds is tested with the door. */
let ops: StaffClient;
/** Calls that the door takes before it stops answering. */
let budget = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cartwright-factory-"));
  const secrets = { ...(await makeAuthority("eu")).secrets, ...(await makeFirmwareSigners()).secrets };
  room = await startRoom("fleet", { secrets, neighbours: { audit: AUDIT } });
  const ask = async <T>(path: string, method: string, ...args: unknown[]): Promise<T> => {
    budget -= 1;
    if (budget < 0) throw new OpsError(path, 0, "unreachable", undefined);
    const result = await room.call<Result<T, string>>("ForOps", "ops", method, ...args);
    if (!result.ok) throw new OpsError(path, 400, result.reason, undefined);
    return result.value;
  };
  const refuse = () => Promise.reject(new Error("the factory does not call this"));
  ops = {
    get: refuse,
    getBytes: refuse,
    postText: refuse,
    putBytes: refuse,
    post: async <T>(path: string, body?: object) => {
      const { csr, entries } = body as { csr?: string; entries?: unknown };
      if (csr === undefined) return ask<T>(path, "importManifest", entries);
      const enrolled = await ask<{ certificate: Uint8Array }>(
        path,
        "enrol",
        new Uint8Array(Buffer.from(csr, "base64")),
      );
      return { certificate: Buffer.from(enrolled.certificate).toString("base64") } as T;
    },
    put: <T>(path: string, body: object) =>
      ask<T>(path, "assign", path.split("/")[5], (body as { store: string }).store, "factory"),
  };
});
afterAll(async () => {
  await room.stop();
  rmSync(folder, { recursive: true });
});

async function acts(): Promise<unknown[]> {
  const audit = await room.miniflare.getWorker("cartwright-audit-eu");
  return (await (await audit.fetch("http://audit.test/")).json()) as unknown[];
}

describe("the factory's enrolment station", () => {
  test("makes carts whose certificates name them and hold the keys that they sign with", async () => {
    const carts = await enrolCarts({ ops, store: STORE, count: 2, file: null });
    expect(new Set(carts.map(({ serial }) => serial)).size).toBe(2);
    for (const { serial, certificate, privateJwk } of carts) {
      const read = new X509Certificate(Buffer.from(certificate, "base64"));
      expect(read.subject).toContain(serial);
      expect(read.publicKey.export({ format: "jwk" })).toMatchObject({ x: privateJwk.x, y: privateJwk.y });
    }
  });

  test("run again it answers the same carts, and nothing is added to the log", async () => {
    const order = { ops, store: STORE, count: 3, file: join(folder, "again.json") };
    const first = await enrolCarts(order);
    const logged = await acts();
    expect(await enrolCarts(order)).toEqual(first);
    expect(await acts()).toEqual(logged);
  });

  test("asked for more it keeps the carts that it has", async () => {
    const file = join(folder, "more.json");
    const first = await enrolCarts({ ops, store: STORE, count: 2, file });
    const more = await enrolCarts({ ops, store: STORE, count: 4, file });
    expect(more.slice(0, 2)).toEqual(first);
    expect(more).toHaveLength(4);
  });

  test("cut off in the middle it goes on with the same keys", async () => {
    const order = { ops, store: STORE, count: 3, file: join(folder, "cut.json") };
    budget = 4;
    await expect(enrolCarts(order)).rejects.toThrow("unreachable");
    budget = Number.POSITIVE_INFINITY;
    const kept = JSON.parse(readFileSync(order.file, "utf8")) as { serial: string }[];
    const carts = await enrolCarts(order);
    expect(carts.map(({ serial }) => serial)).toEqual(kept.map(({ serial }) => serial));
  });

  test("replaces a cart that was revoked since", async () => {
    const file = join(folder, "revoked.json");
    const [first, second] = await enrolCarts({ ops, store: STORE, count: 2, file });
    await room.call("ForOps", "ops", "revoke", first?.serial, "staff");
    const carts = await enrolCarts({ ops, store: STORE, count: 2, file });
    expect(carts).toHaveLength(2);
    expect(carts[0]).toEqual(second);
    expect(carts.map(({ serial }) => serial)).not.toContain(first?.serial);
  });

  test("keeps the keys readable by their owner alone", async () => {
    const file = join(folder, "mode.json");
    await enrolCarts({ ops, store: STORE, count: 1, file });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
