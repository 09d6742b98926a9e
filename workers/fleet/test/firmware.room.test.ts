import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fromHex, hex } from "../../../protocol/bytes.ts";
import { encodeManifest, manifestToBeSigned, type FirmwareManifest } from "../../../protocol/cart/manifest.ts";
import { twoSignerFrame } from "../../../protocol/cart/cose-sign.ts";
import { kidOf } from "../../../protocol/cart/cose.ts";
import type { EatClaims } from "../../../protocol/cart/messages.ts";
import type { CartSerial, StoreId } from "../../../protocol/ids.ts";
import type { Result } from "../../../protocol/result.ts";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import type { FirmwarePart, FirmwareRelease, FirmwareRollout } from "../../../protocol/rooms/fleet.ts";
import { certificationRequest, makeUnit, manifestEntry } from "../../../tools/factory/cart-unit.ts";
import { makeAuthority } from "../../../tools/platform/authority.ts";
import { makeFirmwareSigners, pointOf } from "../../../tools/platform/firmware-signers.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";

/** The audit room as its callers see it: keeps acts, and is down while `down` was asked for last. */
const AUDIT = `
import { WorkerEntrypoint } from "cloudflare:workers";
const acts = []; let down = false;
export class ForFleet extends WorkerEntrypoint {
  append(act) { if (down) return { ok: false, reason: "unavailable" }; acts.push(act); return { ok: true, value: { index: acts.length - 1 } }; }
}
export default { async fetch(request) {
  down = new URL(request.url).pathname === "/down";
  return Response.json(acts);
} };`;

const STORE = "eu-demo" as StoreId;

let room: RoomUnderTest;
let signers: Awaited<ReturnType<typeof makeFirmwareSigners>>;
let serial: CartSerial;
let hardware = 0;

const ops = <T>(method: string, ...args: unknown[]) => room.call<T>("ForOps", "ops", method, ...args);
const edge = <T>(method: string, ...args: unknown[]) => room.call<T>("ForEdge", "edge", method, ...args);
const audit = async (path = "/"): Promise<AuditAct[]> => {
  const worker = await room.miniflare.getWorker("cartwright-audit-eu");
  return (await (await worker.fetch(`http://audit.test${path}`)).json()) as AuditAct[];
};

interface Built {
  readonly image: Uint8Array;
  readonly digest: string;
  readonly manifest: FirmwareManifest;
}

let builds = 0;
async function build(
  version: string,
  securityCounter: number,
  changes: Partial<FirmwareManifest> = {},
): Promise<Built> {
  builds += 1;
  const image = new TextEncoder().encode(`image ${builds} of ${version}`.padEnd(5000, "."));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", image));
  const manifest = { version, securityCounter, size: image.length, digest, hardware, releasedAt: 1, ...changes };
  return { image, digest: hex(digest), manifest };
}

async function signature(which: "A" | "B", toBeSigned: Uint8Array<ArrayBuffer>) {
  const jwk = signers.jwks[which];
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  return {
    kid: await kidOf(pointOf(jwk)),
    signature: new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, toBeSigned)),
  };
}

async function signed({ manifest }: Built, by: readonly ["A" | "B", "A" | "B"] = ["A", "B"]): Promise<Uint8Array> {
  const payload = encodeManifest(manifest);
  const toBeSigned = manifestToBeSigned(payload);
  return twoSignerFrame(payload, [await signature(by[0], toBeSigned), await signature(by[1], toBeSigned)]);
}

async function published(version: string, counter: number): Promise<Built> {
  const built = await build(version, counter);
  await ops("putFirmwareImage", built.digest, built.image, "ada");
  const answer = await ops<Result<FirmwareRelease, string>>("publishFirmware", await signed(built), "ada");
  if (!answer.ok) throw new Error(answer.reason);
  return built;
}

const allow = (minimumSecurityCounter: number, ...allowed: Built[]) =>
  ops("setPolicy", { digests: allowed.map(({ digest }) => digest), minimumSecurityCounter }, "ada");

const start = (built: Built, changes: object = {}) =>
  ops<Result<FirmwareRollout, string>>(
    "startRollout",
    { digest: built.digest, stores: null, percentage: 100, ...changes },
    "ada",
  );

const claims = (running: Built, changes: Partial<EatClaims> = {}): EatClaims => ({
  nonce: new Uint8Array(16),
  serial,
  debug: 4,
  boot: 1,
  version: "0.0.1",
  digest: fromHex(running.digest),
  securityCounter: running.manifest.securityCounter,
  reader: "R-1",
  ...changes,
});
const offer = async (running: Built, changes: Partial<EatClaims> = {}): Promise<string | null> => {
  const answer = await edge<Result<Uint8Array | null, string>>("firmwareFor", claims(running, changes));
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value === null ? null : hex(answer.value);
};

beforeAll(async () => {
  signers = await makeFirmwareSigners();
  const secrets = { ...(await makeAuthority("eu")).secrets, ...signers.secrets };
  room = await startRoom("fleet", { secrets, neighbours: { audit: AUDIT } });
  const unit = await makeUnit();
  serial = unit.serial;
  await ops("importManifest", [await manifestEntry(unit)]);
  await ops("enrol", await certificationRequest(unit));
  await ops("assign", serial, STORE, "ada");
});
afterAll(() => room.stop());
// Each test has a hardware revision of its own, and with it rollouts of its own.
beforeEach(() => {
  hardware += 1;
});

describe("publishing a release", () => {
  test("takes an image and a manifest that two signers signed, in the log before it is there", async () => {
    const built = await build("1.0.0", 1);
    expect(await ops("putFirmwareImage", built.digest, built.image, "ada")).toEqual({ ok: true });
    const answer = await ops<Result<FirmwareRelease, string>>("publishFirmware", await signed(built), "ada");
    const { digest } = built;
    expect(answer).toMatchObject({ ok: true, value: { digest, version: "1.0.0", securityCounter: 1, size: 5000 } });
    const acts = await audit();
    expect(acts[answer.ok ? answer.value.auditIndex : -1]).toMatchObject({
      kind: "firmware_release",
      who: "staff:ada",
      on: `firmware:${digest}`,
      detail: { version: "1.0.0", securityCounter: 1, hardwareRevision: hardware },
    });
    expect(await ops("publishFirmware", await signed(built), "ada")).toEqual(answer);
    expect((await audit()).length).toBe(acts.length);
    expect(await ops("listFirmware")).toMatchObject({ ok: true, value: { releases: [{ digest }] } });
  });

  test("refuses one signer's key for both, the signers in the wrong places, and a changed payload", async () => {
    const built = await build("1.0.0", 1);
    await ops("putFirmwareImage", built.digest, built.image, "ada");
    for (const by of [
      ["A", "A"],
      ["B", "B"],
      ["B", "A"],
    ] as const)
      expect(await ops("publishFirmware", await signed(built, by), "ada")).toEqual({ ok: false, reason: "signatures" });
    const frame = await signed(built);
    const forged = frame.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(await ops("publishFirmware", forged, "ada")).toEqual({ ok: false, reason: "signatures" });
    for (const bad of [frame.slice(0, -1), Uint8Array.of(...frame, 0), new Uint8Array(0)])
      expect(await ops("publishFirmware", bad, "ada")).toEqual({ ok: false, reason: "malformed_manifest" });
  });

  test("refuses an image that is not there, is of another size, or has another digest", async () => {
    const built = await build("1.0.0", 1);
    expect(await ops("publishFirmware", await signed(built), "ada")).toEqual({ ok: false, reason: "unknown_image" });
    const mismatch = { ok: false, reason: "image_mismatch" };
    expect(await ops("putFirmwareImage", "0".repeat(64), built.image, "ada")).toEqual(mismatch);
    expect(await ops("putFirmwareImage", built.digest, new Uint8Array(0), "ada")).toEqual(mismatch);
    await ops("putFirmwareImage", built.digest, built.image, "ada");
    const longer = { ...built, manifest: { ...built.manifest, size: built.manifest.size + 1 } };
    expect(await ops("publishFirmware", await signed(longer), "ada")).toEqual(mismatch);
  });

  test("refuses a second image of one version for the same hardware", async () => {
    await published("1.0.0", 1);
    const other = await build("1.0.0", 2);
    await ops("putFirmwareImage", other.digest, other.image, "ada");
    expect(await ops("publishFirmware", await signed(other), "ada")).toEqual({ ok: false, reason: "version_taken" });
  });

  test("publishes nothing while the audit log is down", async () => {
    const built = await build("1.0.0", 1);
    await ops("putFirmwareImage", built.digest, built.image, "ada");
    await audit("/down");
    const frame = await signed(built);
    expect(await ops("publishFirmware", frame, "ada")).toEqual({ ok: false, reason: "unavailable" });
    await audit("/up");
    expect(await edge("firmwareImage", built.digest, null)).toEqual({ ok: false, reason: "unknown" });
    expect(await ops("publishFirmware", frame, "ada")).toMatchObject({ ok: true });
  });
});

describe("a rollout", () => {
  test("starts only once the attestation policy accepts the image", async () => {
    const [old, next] = [await published("1.0.0", 1), await published("1.1.0", 2)];
    await allow(1, old);
    expect(await start(next)).toEqual({ ok: false, reason: "policy" });
    await allow(3, old, next);
    expect(await start(next)).toEqual({ ok: false, reason: "policy" });
    await allow(1, old, next);
    expect(await start(next)).toMatchObject({ ok: true, value: { state: "running", digest: next.digest } });
    expect((await audit()).at(-1)).toMatchObject({
      kind: "firmware_rollout",
      on: `firmware:${next.digest}`,
      detail: { state: "running", percentage: 100, stores: null },
    });
  });

  test("offers its release to a cart that attests another image of the same hardware, whatever version it reports", async () => {
    const [old, next] = [await published("1.0.0", 1), await published("1.1.0", 2)];
    await allow(1, old, next);
    expect(await offer(old)).toBeNull();
    await start(next);
    expect(await offer(old)).toContain(next.digest);
    expect(await offer(old, { version: "99.0.0" })).not.toBeNull();
    expect(await offer(next)).toBeNull();
    expect(await offer(next, { version: "0.0.1" })).toBeNull();
    expect(await offer(old, { securityCounter: 3 })).toBeNull();
  });

  test("of a lower security counter than one before it is refused, for good", async () => {
    const [old, next] = [await published("1.0.0", 1), await published("1.1.0", 2)];
    await allow(1, old, next);
    const started = await start(next);
    if (!started.ok) throw new Error(started.reason);
    await ops("changeRollout", started.value.id, "ended", "ada");
    expect(await start(old)).toEqual({ ok: false, reason: "downgrade" });
  });

  test("is one at a time for a hardware revision, and the same order again is the same rollout", async () => {
    const [old, next, later] = [await published("1.0.0", 1), await published("1.1.0", 2), await published("1.2.0", 2)];
    await allow(1, old, next, later);
    const started = await start(next);
    expect(await start(next)).toEqual(started);
    expect(await start(later)).toEqual({ ok: false, reason: "rollout_open" });
    expect(await start(next, { percentage: 5 })).toEqual({ ok: false, reason: "rollout_open" });
    const twice = await Promise.all([start(next), start(next)]);
    expect(twice).toEqual([started, started]);
  });

  test("offers nothing while it is paused or after it has ended, and an ended one stays ended", async () => {
    const [old, next] = [await published("1.0.0", 1), await published("1.1.0", 2)];
    await allow(1, old, next);
    const started = await start(next);
    if (!started.ok) throw new Error(started.reason);
    const change = (state: string) => ops("changeRollout", started.value.id, state, "ada");
    expect(await change("paused")).toMatchObject({ ok: true, value: { state: "paused" } });
    expect(await offer(old)).toBeNull();
    await allow(1, old);
    expect(await change("running")).toEqual({ ok: false, reason: "policy" });
    await allow(1, old, next);
    expect(await change("running")).toMatchObject({ ok: true, value: { state: "running" } });
    expect(await offer(old)).not.toBeNull();
    expect(await change("ended")).toMatchObject({ ok: true, value: { state: "ended" } });
    expect(await change("ended")).toMatchObject({ ok: true });
    expect(await change("running")).toEqual({ ok: false, reason: "state" });
    expect(await offer(old)).toBeNull();
  });

  test("of another store's carts leaves this cart alone, as does one of other hardware", async () => {
    const [old, next] = [await published("1.0.0", 1), await published("1.1.0", 2)];
    hardware += 1;
    const foreign = await published("1.1.0", 2);
    await allow(1, old, next, foreign);
    await start(foreign);
    expect(await offer(old)).toBeNull();
    const started = await start(next, { stores: ["eu-other"] });
    expect(await offer(old)).toBeNull();
    if (!started.ok) throw new Error(started.reason);
    await ops("changeRollout", started.value.id, "ended", "ada");
    await start(next, { stores: ["eu-other", STORE] });
    expect(await offer(old)).not.toBeNull();
  });

  test("offers nothing to an image that was never released", async () => {
    const [next, unknown] = [await published("1.1.0", 2), await build("0.9.0", 1)];
    await allow(1, next);
    await start(next);
    expect(await offer(unknown)).toBeNull();
  });

  test("does not start while the audit log is down, nor of a release that is not there", async () => {
    const next = await published("1.0.0", 1);
    await allow(1, next);
    await audit("/down");
    expect(await start(next)).toEqual({ ok: false, reason: "unavailable" });
    await audit("/up");
    expect(await start(await build("2.0.0", 1))).toEqual({ ok: false, reason: "unknown_release" });
    expect(await ops("changeRollout", 999_999, "ended", "ada")).toEqual({ ok: false, reason: "unknown_release" });
  });
});

describe("an image", () => {
  const read = (digest: string, range: string | null) =>
    edge<Result<FirmwarePart, string>>("firmwareImage", digest, range);

  test("comes whole or in parts that put together are the whole", async () => {
    const built = await published("1.0.0", 1);
    const whole = await read(built.digest, null);
    expect(whole).toMatchObject({ ok: true, value: { size: 5000, range: "whole" } });
    expect(whole.ok && hex(whole.value.bytes) === hex(built.image)).toBe(true);
    let joined = "";
    for (let at = 0; at < 5000; at += 2048) {
      const part = await read(built.digest, `bytes=${at}-${at + 2047}`);
      if (!part.ok) throw new Error(part.reason);
      joined += hex(part.value.bytes);
    }
    expect(joined).toBe(hex(built.image));
    expect(await read(built.digest, "bytes=5000-")).toMatchObject({ ok: true, value: { range: "unsatisfiable" } });
  });

  test("that was kept but never released is not served", async () => {
    const built = await build("1.0.0", 1);
    await ops("putFirmwareImage", built.digest, built.image, "ada");
    expect(await read(built.digest, null)).toEqual({ ok: false, reason: "unknown" });
  });
});
