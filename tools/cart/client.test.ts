import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../../protocol/bytes.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import { StoreBeacon } from "./beacon.ts";
import { LossyChannel } from "./lossy-channel.ts";
import { SecureElement } from "./secure-element.ts";
import { cartOn, NOW, SESSION, STORE, type FakeEdge } from "./test/fake-edge.ts";
import type { Channel } from "./wire.ts";

const beacon = await StoreBeacon.make(STORE);
const stranger = await SecureElement.make();
const HOUR = 3_600_000;

async function shopping(options: Parameters<typeof cartOn>[0] = {}) {
  const setting = await cartOn(options);
  await until(() => setting.cart.attest(beacon));
  await until(() => setting.cart.open());
  return setting;
}

/** A cart's own persistence: it tries again for as long as there is no answer. */
async function until<T extends { readonly ok: boolean; readonly reason?: string }>(call: () => Promise<T>): Promise<T> {
  for (let round = 0; round < 50; round += 1) {
    const reply = await call();
    if (reply.ok || reply.reason !== "offline") return reply;
  }
  throw new Error("the link never came back");
}

/** Long enough for a frame that went out later to arrive earlier. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 5);
  });

const codes = (count: number): string[] => Array.from({ length: count }, (_, index) => `code ${index}`);

describe("a cart", () => {
  it("stays locked until a store attestation that its root vouches for arrives", async () => {
    const { cart, edge } = await cartOn();
    expect(await cart.open()).toMatchObject({ ok: false, reason: "locked" });
    expect(edge.sessionsOpened).toBe(0);
    expect(await cart.attest(beacon)).toMatchObject({ ok: true, value: { store: STORE } });
    expect(await cart.open()).toMatchObject({ ok: true, status: 201, value: { session: SESSION } });
  });

  const forgeries: readonly (readonly [string, FakeEdge["forge"]])[] = [
    ["for another cart", { serial: "ff".repeat(16) as CartSerial }],
    ["for another nonce", { nonce: new Uint8Array(16) }],
    ["that has ended", { notBefore: NOW - 2 * HOUR, expires: NOW }],
    ["that is yet to begin", { notBefore: NOW + HOUR }],
    ["that lasts longer than 12 hours", { expires: NOW + 12 * HOUR + 1 }],
    ["under a cell key that has ended", { cellKeyExpires: NOW }],
    ["that another key than the cell's signed", { signer: stranger }],
  ];
  it.each(forgeries)("stays locked by an attestation %s", async (_what, forge) => {
    const { cart, edge } = await cartOn();
    edge.forge = forge;
    expect(await cart.attest(beacon)).toMatchObject({ ok: false, reason: "locked" });
    expect(await cart.open()).toMatchObject({ ok: false, reason: "locked" });
  });

  it("stays locked when another root than the pinned one vouches for the cell", async () => {
    const { cart } = await cartOn({ rootPublicKey: await stranger.publicPoint() });
    expect(await cart.attest(beacon)).toMatchObject({ ok: false, reason: "locked" });
  });

  it("is locked again after a power-off, and goes on with the session's numbers under the next boot", async () => {
    const { cart, edge } = await shopping();
    await cart.scan("a");
    cart.reboot();
    expect(cart.attestation).toBeNull();
    await cart.scan("b");
    expect(edge.arrived.slice(-2).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(edge.bootsOfFrames).toEqual([1, 2]);
  });

  it("says hello once a boot: each answer brings the next nonce", async () => {
    const { cart, edge } = await shopping();
    await cart.close();
    await cart.open();
    expect(cart.traffic.requests - edge.arrived.length).toBe(1);
  });

  it("gives the number of a refused frame to the next one", async () => {
    const { cart, edge } = await shopping();
    await cart.scan("a");
    edge.refuseNext = { message: "checkout", code: "state" };
    expect(await cart.checkout("T-1")).toMatchObject({ ok: false, reason: "state" });
    await cart.scan("b");
    expect(edge.scans).toEqual(["a", "b"]);
    expect(cart.pending).toHaveLength(0);
    expect(cart.lastSeq).toBe(2);
  });

  it("takes the cell's count where the frames that the cell misses are gone", async () => {
    const { cart, edge } = await shopping();
    const lost = await cart.prepare("events", { events: [{ kind: "weight", grams: 1, at: null }] });
    if (lost === null) throw new Error("no trip");
    edge.refuseNext = { message: "events", code: "equivocation" };
    await cart.deliver(lost);
    expect(await cart.close()).toMatchObject({ ok: true });
    expect(edge.arrived.slice(-2).map(({ seq }) => seq)).toEqual([2, 1]);
  });

  it("answers no_trip before a session is open", async () => {
    const { cart, edge } = await cartOn();
    expect(await cart.scan("a")).toMatchObject({ ok: false, reason: "no_trip" });
    expect(edge.arrived).toHaveLength(0);
  });

  it("can send broken bytes", async () => {
    const { cart } = await cartOn();
    expect((await cart.sendRaw("/cart/v1/telemetry", fromHex("d280").slice())).status).toBe(400);
  });
});

describe("delivery over a bad link", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("loses nothing, doubles nothing and keeps the order (seed %i)", async (seed) => {
    const channel = new LossyChannel(seed, { loseRequest: 0.15, loseAnswer: 0.15, duplicate: 0.15, delay: 0.15 });
    const { cart, edge } = await shopping({ channel, retry: { retries: 1 } });
    for (const code of codes(60)) await cart.scan(code);
    expect(await until(() => cart.close())).toMatchObject({ ok: true });
    await channel.release();
    expect(edge.scans).toEqual(codes(60));
    expect(cart.pending).toHaveLength(0);
    for (const [what, count] of Object.entries(channel.counts)) expect(count, what).toBeGreaterThan(0);
  });

  it("puts frames that went out together and came out of order in the order of their numbers", async () => {
    const channel = new LossyChannel(3, { delay: 0.4 });
    const { cart, edge } = await shopping({ channel, sleep: nextTurn });
    await Promise.all(codes(20).map((code) => cart.scan(code)));
    await until(() => cart.close());
    const firsts = edge.arrived.filter(
      (one, index) => edge.arrived.findIndex(({ frame }) => frame === one.frame) === index,
    );
    const order = firsts.filter(({ path }) => path.endsWith("/events")).map(({ seq }) => seq);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(edge.scans).toEqual(codes(20));
  });

  it("repeats a frame as the same bytes", async () => {
    const channel = new LossyChannel(9, { loseAnswer: 0.5 });
    const { cart, edge } = await shopping({ channel });
    for (const code of codes(10)) await cart.scan(code);
    const events = edge.arrived.filter(({ path }) => path.endsWith("/events"));
    expect(events.length).toBeGreaterThan(10);
    expect(new Set(events.map(({ frame }) => frame)).size).toBe(10);
  });

  it("keeps what it could not send and sends it, in order, once the link is back", async () => {
    const link = new Switch();
    const { cart, edge } = await shopping({ channel: link, retry: { retries: 0 } });
    link.up = false;
    for (const code of codes(3)) expect(await cart.scan(code)).toMatchObject({ ok: false, reason: "offline" });
    expect(cart.pending.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await cart.flush()).toBe(3);
    link.up = true;
    expect(await cart.flush()).toBe(0);
    expect(edge.scans).toEqual(codes(3));
  });

  it("asks for the same session again when the answer to the open was lost", async () => {
    const link = new Switch();
    const { cart, edge } = await cartOn({ channel: link, retry: { retries: 0 } });
    await cart.attest(beacon);
    link.deaf = true;
    expect(await cart.open()).toMatchObject({ ok: false, reason: "offline" });
    link.deaf = false;
    expect(await cart.open()).toMatchObject({ ok: true, value: { session: SESSION } });
    expect(edge.sessionsOpened).toBe(1);
  });

  it("keeps a frame that the cell could not judge, and a second call sends it again", async () => {
    const { cart, edge } = await shopping({ retry: { retries: 0 } });
    for (const code of ["unavailable", "too_many"] as const) {
      edge.refuseNext = { message: "close", code };
      expect(await cart.close()).toMatchObject({ ok: false, reason: code });
      expect(cart.pending).toHaveLength(1);
    }
    expect(await cart.close()).toMatchObject({ ok: true });
    expect(edge.arrived.filter(({ path }) => path.endsWith("/close")).map(({ seq }) => seq)).toEqual([1, 1, 1]);
  });

  it("closes once when the answer to the close was lost", async () => {
    const link = new Switch();
    const { cart, edge } = await shopping({ channel: link, retry: { retries: 0 } });
    link.deaf = true;
    expect(await cart.close()).toMatchObject({ ok: false, reason: "offline" });
    expect(cart.session).toBe(SESSION);
    link.deaf = false;
    expect(await cart.close()).toMatchObject({ ok: true });
    expect(cart.session).toBeNull();
    expect(new Set(edge.arrived.filter(({ path }) => path.endsWith("/close")).map(({ frame }) => frame)).size).toBe(1);
  });
});

describe("what a request costs", () => {
  it("counts HTTP/1.1 as a minimal cart writes it, and the answer as it came", async () => {
    const { cart, edge } = await shopping();
    const before = { ...cart.traffic };
    const reply = await cart.scan("4006381333931");
    expect(reply.ok).toBe(true);
    const frame = fromHex(edge.arrived.at(-1)?.frame ?? "");
    const head =
      `POST /cart/v1/sessions/${SESSION}/events HTTP/1.1\r\nHost: 127.0.0.1:8787\r\n` +
      `Content-Type: application/cose; cose-type="cose-sign1"\r\nContent-Length: ${frame.length}\r\n\r\n`;
    const answer = "HTTP/1.1 200 \r\ncontent-type: application/cbor\r\n\r\n";
    expect(cart.traffic).toEqual({
      requests: before.requests + 1,
      bytesUp: before.bytesUp + head.length + frame.length,
      bytesDown: before.bytesDown + answer.length + fromHex("a40101028003000480").length,
    });
  });

  it("is 144 bytes at most for the frame of one scan", async () => {
    const { cart, edge } = await shopping();
    await cart.scan("4006381333931");
    expect(fromHex(edge.arrived.at(-1)?.frame ?? "").length).toBeLessThanOrEqual(144);
  });
});

describe("the store's beacon", () => {
  it("is the same beacon after it was saved and restored", async () => {
    const again = await StoreBeacon.restore(STORE, await beacon.save());
    expect(hex(await again.publicPoint())).toBe(hex(await beacon.publicPoint()));
  });
});

/** A link that is down, or that carries requests and loses answers. */
class Switch implements Channel {
  up = true;
  deaf = false;

  async deliver(send: Parameters<Channel["deliver"]>[0]): ReturnType<Channel["deliver"]> {
    if (!this.up) throw new Error("no carrier");
    const exchange = await send();
    if (this.deaf) throw new Error("answer lost");
    return exchange;
  }
}
